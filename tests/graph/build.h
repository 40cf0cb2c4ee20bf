/*
 * A graph made by hand, of nodes that do as they are told and write down what happens to them.
 *
 *   Rig *rig = rig_new();
 *   rig_add(rig, &rig_door, "door", NULL);
 *   rig_add(rig, &rig_sink[MG_RUN_POOL], "sink", "door.video");
 *   rig_start(rig);
 *   Publisher *p = publisher_new(rig, "studio");
 *   publisher_push(p, "video", 0, MG_BUFFER_KEY);
 *   mg_wait_until(rig_n_got(rig, "sink") == 1);
 *   publisher_leave(p);
 *   rig_stop(rig);
 *
 * Called from the test's thread only, which is no lane; all functions return when what they ask for is
 * done. One rig at a time.
 */
#pragma once

#include "graph/graph.h"
#include "graph/session.h"

/* Node classes, by how they run (MgRun): filters pass on what they get, buffers as they are. */
extern const MgNodeClass rig_filter[3], rig_sink[3];
extern const MgNodeClass rig_mailbox[3];   /* sinks that take when they like */
extern const MgNodeClass rig_patient[3];   /* sinks that wait for RIG_PATIENCE, to be called less */
extern const MgNodeClass rig_stand_in;     /* a filter whose inputs stand in for each other */
extern const MgNodeClass rig_door;         /* a listener */
extern const MgNodeClass rig_other_door;   /* another one */
extern const MgNodeClass rig_origin[3];    /* sources of one "video" buffer, pushed in open() */
extern const MgNodeClass rig_clock;        /* a service: offers "clock" */
extern const MgNodeClass rig_clock_reader; /* a sink that needs it */

#define RIG_PATIENCE (200 * MG_MILLISECOND)

/* What a node is told to do: atomic, at any time. */
typedef struct {
  gint n_open_fails;    /* so many times */
  gint n_process_fails; /* so many times */
  gint refuses;         /* streams */
  gint blocks;          /* in process(), as long as it is set */
} Plan;

typedef struct {
  MgBuffer *buffer; /* a reference */
  char *id;         /* of the stream that its port carries */
  MgTime at;        /* mg_now() */
} Got;

typedef struct Rig Rig;

Rig *rig_new(void);

/* FROM: words "ID", "ID.video" or "ID.audio" of nodes added before; NULL: none. */
MgNodeSpec *rig_add(Rig *rig, const MgNodeClass *node_class, const char *id, const char *from);
MgNodeSpec *rig_add_service(Rig *rig, const MgNodeClass *node_class, const char *id);

MgPipelineSpec *rig_pipeline(Rig *rig);

/* Starts lanes and graph; rig_try_start() leaves an error to the caller. */
void rig_start(Rig *rig);
gboolean rig_try_start(Rig *rig, GError **error);

/* Drains and frees the graph, stops the lanes, and fails the test when anything leaked. */
void rig_stop(Rig *rig);

/* The first parts of rig_stop(), for looking at what is left afterwards. */
void rig_begin_drain(Rig *rig);
gboolean rig_is_drained(Rig *rig);
void rig_drain(Rig *rig);
void rig_free_graph(Rig *rig);

MgGraph *rig_graph(Rig *rig);
MgNode *rig_listener(Rig *rig, guint index);
Plan *rig_plan(Rig *rig, const char *id);

/* What happened: "sink open", "sink stream:video", "sink ended:video", "sink drain", "sink close" … */
guint rig_count(Rig *rig, const char *entry);

/* Its place in the order of all; -1: it did not happen. Of several the first. */
gint rig_position(Rig *rig, const char *entry);

/* Returned-owned: all that happened to node ID, without its name: "open stream:video close". */
char *rig_story(Rig *rig, const char *id);
void rig_note(Rig *rig, const char *id, const char *what);

/* The buffers that node ID has processed; *GOT is valid as long as the rig. */
guint rig_n_got(Rig *rig, const char *id);
Got *rig_got(Rig *rig, const char *id, guint index);

/* The node ID as it was opened last; NULL: never. */
MgNode *rig_node(Rig *rig, const char *id);

/* How many sessions the graph has. */
guint rig_n_sessions(Rig *rig);

typedef struct {
  Rig *rig;
  MgNode *listener;
  MgSession *session; /* a reference */
  MgPublication *publication;
  GPtrArray *ports;   /* of MgPort *, borrowed; their data: what it declared on them */
  GPtrArray *streams; /* of MgStream *, that it declared */
  gint is_evicted;    /* atomic */
  char *reason;       /* it was evicted for; read once is_evicted */
  MgTime base;
} Publisher;

/* Attached to the session of STREAM: "studio" of the app "live", or "news/studio". NULL and ERROR:
 * refused. */
Publisher *publisher_new(Rig *rig, const char *stream);
Publisher *publisher_try_new(Rig *rig, guint listener, const char *stream, GError **error);

/* Declares track ID ("video…" is video, "audio…" audio), or it again with other parameters. */
void publisher_add(Publisher *p, const char *id, guint width);

/* Declares the track when it is new. */
void publisher_push(Publisher *p, const char *id, guint dts_ms, guint flags);
void publisher_end_track(Publisher *p, const char *id);

/* Ends the publication, unless it was evicted, and frees P. */
void publisher_leave(Publisher *p);
