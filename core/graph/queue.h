/*
 * The bounded mailbox of an edge that changes lanes.
 *
 * The producer puts events and never blocks. When media has waited for longer than the limit in time,
 * or is more than the limit in bytes, it is dropped, oldest first: disposable frames, of which nobody
 * will know; then video, by GOP; audio and data last: by time only at twice the limit, by bytes only
 * when no video is left. Waiting counts from arrival to arrival, so that what comes all at once, as
 * after a stall of the network, is not late. Streams, ends and pauses are never dropped. The first
 * buffer of a track after a gap is marked discontinuous, and of video it is a key frame. The consumer
 * takes everything at once.
 *
 * A consumer that is paced is not woken by media: it takes after a while by itself, until it finds
 * none. All else wakes it, and so does media that fills half of the bytes.
 */
#pragma once

#include "graph/node.h"

typedef enum {
  MG_EVENT_STREAM, /* object: MgStream */
  MG_EVENT_BUFFER, /* object: MgBuffer */
  MG_EVENT_END,    /* of one track */
  MG_EVENT_PAUSE,  /* of the publisher: in is NULL */
  MG_EVENT_FINISH, /* of the edge: in is NULL */
} MgEventType;

typedef struct {
  MgEventType type;
  MgPort *in;
  gpointer object; /* a reference */
} MgEvent;

MgQueue *mg_queue_new(MgTime most_time, gint64 most_bytes);
void mg_queue_free(MgQueue *queue);

/*
 * Adds EVENT (its object is taken). *N_DROPPED gets how many buffers had to go. TRUE when the consumer
 * must be woken, to take: something waits, and it is not paced, or this is urgent. Not again until that call
 * has taken (or has popped all), whatever is dropped meanwhile.
 */
gboolean mg_queue_put(MgQueue *queue, MgEvent event, guint *n_dropped);

/* Swaps the waiting events into BATCH (empty, of MgEvent). */
void mg_queue_take(MgQueue *queue, GArray **batch);

/*
 * The same for a consumer that may be paced. TRUE: from now on it is, and takes again without being
 * woken (IS_WOKEN is FALSE then). That does nothing while a call to wake it is on its way: what it put
 * last may be the queue's end, behind which no call may come.
 */
gboolean mg_queue_take_paced(MgQueue *queue, GArray **batch, gboolean is_woken);

/* Takes the oldest event; FALSE when nothing waits. */
gboolean mg_queue_pop(MgQueue *queue, MgEvent *event);

void mg_event_clear(MgEvent *event);
