/*
 * The heap that buffers and their payload live in: malloc's, grown ahead and recycled.
 *
 * Grown ahead: a thread's heap grows by exactly what is asked for, with a system call per allocation and
 * a page fault per 4 KiB. That was a quarter of what a passthrough stream costs while its window fills.
 * Recycled: once the window is full, malloc looks for each packet's place among thousands of holes of all
 * sizes, most of them not in the cache. That was a sixth. So blocks of a packet's size are rounded up to a
 * few sizes, and each thread that makes payload keeps some of each that were freed on it.
 *
 * Any thread.
 */
#pragma once

#include "util/internal.h"

#include <glib.h>

/* Returned-owned: SIZE (> 0) bytes, uninitialised; NULL when there is no memory. */
gpointer mg_heap_alloc(gsize size);

/* Returned-owned: as mg_heap_alloc(), for what is small: without memory the process ends, as in GLib. */
gpointer mg_heap_alloc_small(gsize size);

/* Takes BLOCK, which has SIZE bytes. */
void mg_heap_free(gpointer block, gsize size);

/*
 * Gives back to the kernel what a burst has left, as when a thousand publishers have gone; without that it stays
 * with the process, for the next ones. To be called now and then, from one thread that may be held up: it
 * takes milliseconds, in which allocations of others may wait. Whether there was something worth it.
 */
MG_INTERNAL_API gboolean mg_heap_tidy(void);
