/*
 * The heap that payload lives in, grown in large steps.
 *
 * A thread's heap grows by exactly what is asked for: a system call per allocation, and a page fault per
 * 4 KiB. That was a quarter of what a passthrough stream costs while its window fills.
 */
#pragma once

#include <glib.h>

/*
 * Call before SIZE bytes are allocated that will be kept for a while: now and then, the next megabyte is
 * asked of the kernel at once, its pages included, and lies ready on this thread's heap. Failure shows in
 * the allocation itself. Any thread.
 */
void mg_heap_grow_ahead(gsize size);
