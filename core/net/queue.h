/*
 * What a connection has yet to send: slices of counted data, in order.
 *
 * Small writes are copied one behind another into a block of the queue's own, so that a head and its
 * neighbours are few slices; data is queued by reference. An empty queue holds no memory but itself.
 * On the connection's lane.
 */
#pragma once

#include <mediagraph/data.h>

#include <sys/uio.h>

enum { MG_QUEUE_SMALL = 4 };

typedef struct {
  MgSlice *slices; /* `small`, or allocated */
  guint first;     /* the first that is left */
  guint n;         /* left */
  guint room;
  guint block_room; /* bytes that still fit behind the last slice; 0: it is not a block of ours */
  gsize size;       /* bytes left, all slices */
  MgSlice small[MG_QUEUE_SMALL];
} MgQueue;

void mg_queue_init(MgQueue *queue);
void mg_queue_clear(MgQueue *queue);

/* FALSE when there is no memory; then nothing was queued. */
gboolean mg_queue_copy(MgQueue *queue, gconstpointer bytes, gsize size);

/* DATA is taken. */
void mg_queue_take(MgQueue *queue, MgData *data, gsize offset, gsize size);

/* Points up to MOST vectors at the first slices. Returns how many; TOTAL gets their bytes. */
guint mg_queue_peek(const MgQueue *queue, struct iovec *vectors, guint most, gsize *total);

/* Drops the first SIZE bytes, which have been sent. */
void mg_queue_drop(MgQueue *queue, gsize size);
