/*
 * The engine's own view of sessions (see <mediagraph/session.h>).
 *
 * A session has a home lane: its source places, INLINE nodes and publication live there. All fields
 * below `lane` are touched on it only, except where said. Its end: the source places finish, the end
 * travels through the graph, each node closes, and when the last has closed the session leaves its
 * graph. It is freed with its last reference. A node that hangs holds up the end: once only nodes that
 * run OWN are left, and the time for ending is over, the name goes to whoever claims it next.
 */
#pragma once

#include "graph/node.h"
#include "host/props.h"

typedef struct MgPipeline MgPipeline;

typedef enum {
  MG_SESSION_NEW, /* claimed, nothing built */
  MG_SESSION_RUNNING,
  MG_SESSION_LINGERING,
  MG_SESSION_ENDING,
  MG_SESSION_ENDED,
} MgSessionState;

/*
 * Where a publisher sits: one for all listeners of the pipeline, but for those that reach different inputs of
 * a node whose inputs stand in for each other. Who takes a seat replaces who sits there, and goes on with
 * its timeline.
 */
typedef struct {
  gpointer key; /* of the input that its listeners reach */
  MgPublication *publication;
  char *peer; /* under the session's lock, as is_here */
  gboolean is_here;
  MgTime media_end;  /* the end of the newest buffer of any of its tracks, media time */
  MgTime media_seen; /* mg_now() when its last publication ended */
} MgSeat;

struct MgSession {
  gint ref_count;
  MgGraph *graph;
  MgPipeline *pipeline;
  char *app, *stream, *id, *label, *state_dir;
  gint64 start_utc_us;
  MgLane *lane;

  MgSessionState state; /* written under the graph's lock, on the lane */
  GPtrArray *nodes;     /* of MgNode *, in the order of the file */
  guint n_closed;
  GPtrArray *seats; /* of MgSeat *, of the listeners' places in the order of the file */
  guint n_givers;   /* sources that are no listeners and give media */
  MgTimer linger;
  MgTimer overdue;     /* while it ends */
  gboolean is_overdue; /* ends longer than it should, and that was said */

  GMutex lock;       /* guards what status reads */
  GPtrArray *tracks; /* of MgTrackStats *, one reference each */
  MgTime published;  /* mg_now() when the publisher attached, or left */
};

/* Returned-owned: a session that runs on LANE (borrowed: a reference is taken). Any thread. */
MgSession *mg_session_new(MgPipeline *pipeline, const char *app, const char *stream, MgLane *lane);

/* Builds and opens its nodes. On its lane. */
void mg_session_build(MgSession *session);

/* Evicts the publisher, drains and ends. Any thread; the rest happens on its lane. */
void mg_session_stop(MgSession *session, const char *reason);

/* NODE, of SESSION, has no more to give. On its session's lane. */
void mg_session_source_ended(MgSession *session, MgNode *node);

/* A publisher is there again. On its lane. */
void mg_session_resume(MgSession *session);

/* One has left, and another one may come: unless somebody else gives media, the end draws near. On its lane. */
void mg_session_linger(MgSession *session);

/* NODE, of role SOURCE, begins to give media, or stops. On its lane. */
void mg_session_source_gives(MgSession *session, MgNode *node, gboolean gives);

/* seat.c: returned-owned, of MgSeat *. */
GPtrArray *mg_seats_new(void);

/* Seats for all places of listeners, once the nodes are there. On its lane. */
void mg_session_make_seats(MgSession *session);

/* The seat of listener's PLACE. On its lane. */
MgSeat *mg_session_seat(MgSession *session, MgNode *place);

/* Whether anybody publishes, or calls and gives, or nobody is waited for. On its lane. */
gboolean mg_session_has_media(const MgSession *session);

/* Sends all publishers away. On its lane. */
void mg_session_evict_all(MgSession *session, const char *reason);

/*
 * Returned-owned: those who publish, "192.0.2.7:50311, 192.0.2.8:41002"; who did, when nobody does; NULL:
 * nobody ever did. Under lock.
 */
char *mg_session_peers(MgSession *session);

/* publication.c: ends PUBLICATION and tells its owner. On its lane. */
void mg_publication_evict(MgPublication *publication, const char *reason);

/* "live/studio": pipeline and stream; "live/news/studio" in an app of another name. Any thread. */
const char *mg_session_label(MgSession *session);

void mg_session_variables(MgSession *session, MgVariables *variables);
