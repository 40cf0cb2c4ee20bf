/*
 * Sessions: one published stream running through one pipeline.
 *
 * A pipeline whose source listens is a template. When a publisher has said who it is, its listener
 *
 *   1. claims the session of that name (any lane): found, or made;
 *   2. moves its connection to the session's lane (mg_connection_move), so that packets never change
 *      threads;
 *   3. attaches there: becomes the session's publisher, or is refused;
 *   4. adds ports, pushes, and ends the publication.
 *
 * A session outlives its publisher for `linger`: whoever attaches meanwhile continues it, with the
 * first buffers marked MG_BUFFER_DISCONT. Then it drains and ends.
 */
#pragma once

#include <mediagraph/node.h>

G_BEGIN_DECLS

/*
 * Returned-owned: the session of APP and STREAM in the pipeline of LISTENER, on which a publisher is
 * to be attached. Both names must fit [A-Za-z0-9._-]{1,128} without a leading dot; else
 * MG_ERROR_INVALID. MG_ERROR_LIMIT when there are too many, MG_ERROR_GONE while one of that name is
 * just ending: claim again soon; MG_ERROR_DENIED while the server is shutting down. Any thread.
 */
MG_API MgSession *mg_session_claim(MgNode *listener, const char *app, const char *stream,
                                   GError **error);
MG_API MgSession *mg_session_ref(MgSession *session);
/* NULL is fine. */
MG_API void mg_session_unref(MgSession *session);

/* The lane its publisher must run on. Any thread. */
MG_API MgLane *mg_session_lane(MgSession *session);

/* Names and variables: "app", "stream", "session" (an id, unique for ever). Borrowed. Any thread. */
MG_API const char *mg_session_name(MgSession *session, const char *variable);

/*
 * The folder for small state of this stream (a journal), or NULL when there is none. No other session
 * uses it as long as the node is open, unless the node runs OWN: one that hangs loses the stream's name,
 * and with it the folder, to a later session. Any thread.
 *
 * A file NAME.journal in it is removed when it was not touched for eight days and nobody holds a lock
 * on it (flock(2)): hold one, at least a shared one, while it is in use.
 */
MG_API const char *mg_session_state_dir(MgSession *session);

typedef struct {
  /* Another publisher took over, or the session is to end: close the connection. REASON is for the
   * peer and the log. The publication is already gone. On the session's lane. */
  void (*evicted)(gpointer data, const char *reason);
} MgPublisherEvents;

/*
 * Makes the caller the session's publisher. PEER is for logs ("192.0.2.7:50311"). NULL and ERROR when
 * it is refused: MG_ERROR_BUSY when another one publishes and may not be replaced, MG_ERROR_GONE when
 * the session ended since it was claimed: claim again. On the session's lane.
 */
MG_API MgPublication *mg_session_attach(MgSession *session, MgNode *listener, const char *peer,
                                        const MgPublisherEvents *events, gpointer data,
                                        GError **error);

/* Where the publisher's timeline starts: 0, or behind what an earlier publisher sent. On its lane. */
MG_API MgTime mg_publication_base(MgPublication *publication);

/* Declares a track (STREAM borrowed); push into the port it returns. On the session's lane. */
MG_API MgPort *mg_publication_add(MgPublication *publication, MgStream *stream);

/*
 * The publisher has gone (REASON is for the log). Frees PUBLICATION and its ports; the session lingers.
 */
MG_API void mg_publication_end(MgPublication *publication, const char *reason);

G_END_DECLS
