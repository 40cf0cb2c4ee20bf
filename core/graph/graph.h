/*
 * Everything that one pipeline file made: services, listeners, and the sessions of its pipelines.
 *
 * The main thread makes, starts, drains and frees it. The table of sessions is under its lock; what
 * is in a session is on that session's lane.
 */
#pragma once

#include "graph/spec.h"
#include "host/services.h"
#include "util/internal.h"

#include <mediagraph/lane.h>
#include <mediagraph/session.h>

typedef struct MgGraph MgGraph;

/* Returned-owned: a graph of SPEC (taken). Lanes must have been started. */
MG_INTERNAL_API MgGraph *mg_graph_new(MgGraphSpec *spec);

/*
 * Opens services, then listeners, then the sessions of pipelines that do not listen; waits until that is
 * done. FALSE and ERROR when a service or a listener cannot open; then drain and free the graph. Main
 * thread.
 */
MG_INTERNAL_API gboolean mg_graph_start(MgGraph *graph, GError **error);

/*
 * Stops accepting, drains every session, closes everything, and calls DONE(DATA) from a lane when all
 * has closed. Main thread, once.
 */
MG_INTERNAL_API void mg_graph_drain(MgGraph *graph, void (*done)(gpointer data), gpointer data);

/* Frees a graph that was drained. NULL is fine. */
MG_INTERNAL_API void mg_graph_free(MgGraph *graph);

/* Calls IDLE(DATA), from a lane, when the last session of a graph without listeners has ended. */
MG_INTERNAL_API void mg_graph_on_idle(MgGraph *graph, void (*idle)(gpointer data), gpointer data);

/* One URL that a node announced. */
typedef struct {
  guint64 number; /* from 1; a later announcement has a higher one */
  char *node;     /* its label */
  MgUrlKind kind;
  char *url;
  MgNode *owner; /* to compare only */
} MgGraphUrl;

/* Returned-owned: of MgGraphUrl *, in order of announcement; g_ptr_array_unref(). Any thread. */
MG_INTERNAL_API GPtrArray *mg_graph_urls(MgGraph *graph);

/* One source track, as status shows it. */
typedef struct {
  MgStream *stream;           /* a reference */
  guint64 n_buffers, n_bytes; /* since the track began */
} MgTrackStatus;

typedef struct {
  char *pipeline, *app, *stream, *peer;
  gboolean is_lingering;
  MgTime uptime;     /* since the publisher came, or went */
  guint64 n_dropped; /* buffers, by all its nodes */
  GArray *tracks;    /* of MgTrackStatus */
} MgSessionStatus;

/* Returned-owned: of MgSessionStatus *, sorted by pipeline, app, stream; g_ptr_array_unref(). Any thread. */
MG_INTERNAL_API GPtrArray *mg_graph_status(MgGraph *graph);

MG_INTERNAL_API void mg_session_status_free(MgSessionStatus *status);

/* --- for the other files of this room ---------------------------------------------------------- */

struct MgGraph {
  gint ref_count; /* the main thread's, and one per session */
  MgGraphSpec *spec;
  char *state_dir;                /* NULL: none can be had */
  MgOffers *offers;               /* what services offer */
  GPtrArray *services;            /* of MgNode * */
  GPtrArray *pipelines;           /* of struct MgPipeline * */
  gboolean is_watched;            /* main thread */
  struct MgStateSweeper *sweeper; /* main thread */
  gint is_running;                /* atomic: has started, and does not drain */
  guint n_open_nodes;             /* services and listeners; on the first I/O lane */
  MgTimer notice; /* from drain() of the listeners to the end of the sessions; there, too */

  GMutex lock;          /* guards all below */
  GHashTable *sessions; /* mg_session_key() -> MgSession *, one reference */
  GPtrArray *overdue;   /* of MgSession *, one reference: end still, but have lost their names */
  GPtrArray *urls;
  guint64 n_announced; /* URLs so far */
  gboolean is_draining;
  gboolean awaits_sessions; /* drained, and closes when the last session has ended */
  void (*done)(gpointer data);
  gpointer done_data;
  void (*idle)(gpointer data);
  gpointer idle_data;
};

typedef struct MgPipeline {
  MgGraph *graph;
  const MgPipelineSpec *spec;
  GPtrArray *listeners; /* of MgNode * */
  guint n_sessions;     /* that have not ended, under the graph's lock */
} MgPipeline;

void mg_graph_url_free(gpointer url);
void mg_graph_add_url(MgGraph *graph, MgNode *node, MgUrlKind kind, const char *url);

/* What NODE announced is served no more. Any thread. */
void mg_graph_remove_urls(MgGraph *graph, MgNode *node);

/* A session keeps its graph: whoever drops the last reference to it may be late. Any thread. */
MgGraph *mg_graph_ref(MgGraph *graph);
void mg_graph_unref(MgGraph *graph);

/* The pipeline that LISTENER (no session's node) belongs to. Any thread. */
MgPipeline *mg_graph_pipeline_of(MgGraph *graph, MgNode *listener);

/* Returned-owned: the key of the table of sessions. */
char *mg_session_key(const char *pipeline, const char *app, const char *stream);

/* Puts SESSION into the table, which takes a reference. Under lock. */
void mg_graph_add_session(MgGraph *graph, MgSession *session);

/* Takes SESSION out of the graph, and returns the graph's reference; NULL: it was not in. Under lock. */
MgSession *mg_graph_steal_session(MgGraph *graph, MgSession *session);

/* SESSION takes long to end: another one may have its name. On its lane. */
void mg_graph_session_overdue(MgGraph *graph, MgSession *session);

/* A session has ended: out of the graph. On its lane. */
void mg_graph_session_ended(MgGraph *graph, MgSession *session);
