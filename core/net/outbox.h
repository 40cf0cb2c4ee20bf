/*
 * What a connection has yet to send: slices of counted data, in order.
 *
 * Small writes are copied one behind another into a block of the outbox's own, so that a head and its
 * neighbours are few slices; data goes by reference. An empty outbox holds no memory but itself.
 * On the connection's lane.
 */
#pragma once

#include <mediagraph/data.h>

#include <sys/uio.h>

enum { MG_OUTBOX_SMALL = 4 };

typedef struct {
  MgSlice *slices; /* `small`, or allocated */
  guint first;     /* the first that is left */
  guint n;         /* left */
  guint room;
  guint block_room; /* bytes that still fit behind the last slice; 0: it is not a block of ours */
  gsize size;       /* bytes left, all slices */
  MgSlice small[MG_OUTBOX_SMALL];
} MgOutbox;

void mg_outbox_init(MgOutbox *outbox);
void mg_outbox_clear(MgOutbox *outbox);

/* FALSE when there is no memory; then nothing was queued. */
gboolean mg_outbox_copy(MgOutbox *outbox, gconstpointer bytes, gsize size);

/* DATA is taken. */
void mg_outbox_take(MgOutbox *outbox, MgData *data, gsize offset, gsize size);

/* Points up to MOST vectors at the first slices. Returns how many; TOTAL gets their bytes. */
guint mg_outbox_peek(const MgOutbox *outbox, struct iovec *vectors, guint most, gsize *total);

/* Drops the first SIZE bytes, which have been sent. */
void mg_outbox_drop(MgOutbox *outbox, gsize size);
