/*
 * The engine's own view of nodes, ports and edges.
 *
 * An MgNode is a place in a graph: it exists as long as its session (or the graph, for listeners and
 * services) and owns the private struct, which is made anew for every open(). All fields are touched
 * on the node's lane only, except where said.
 *
 * An edge joins a producer node to a consumer node, once per word of `from`. For every output port that
 * the word selects there is one input port at the consumer. The producer's lane makes input ports and
 * forgets them after their end; the consumer's lane owns them from their first event to their last.
 */
#pragma once

#include "graph/spec.h"
#include "loop/lane.h"
#include "metrics/counters.h"
#include "util/rule.h"

#include <mediagraph/node.h>
#include <mediagraph/session.h>

typedef struct MgGraph MgGraph;
typedef struct MgEdge MgEdge;
typedef struct MgQueue MgQueue;

typedef enum {
  MG_NODE_NEW, /* not opened */
  MG_NODE_OPEN,
  MG_NODE_WAITING, /* failed; a timer opens it again */
  MG_NODE_CLOSED,  /* drained and closed, for good */
} MgNodeState;

struct MgNode {
  const MgNodeClass *class;
  const MgNodeSpec *spec;
  MgGraph *graph;
  MgSession *session; /* NULL: a listener or a service */
  MgLane *lane;       /* a reference */
  char *label;        /* "live/studio/cmaf", for logs */
  gpointer self;
  MgNodeState state;
  gboolean is_drained;      /* drain() has been called since open() */
  gint is_condemned;        /* atomic: a service that has failed, and is still used */
  gboolean is_full;         /* takes nothing from its mailbox for now */
  gboolean gives;           /* a source: has outputs that are not stale */
  gboolean is_source_place; /* stands for a listener inside a session: has ports, no callbacks */
  GPtrArray *outputs;       /* of MgPort *, owned */
  GPtrArray *in_edges;      /* of MgEdge *, owned */
  GPtrArray *out_edges;     /* of MgEdge *, borrowed */
  guint n_open_edges;       /* in_edges that have not ended */
  MgTimer retry;
  MgTimer tidy;     /* ends outputs that stay stale */
  guint n_failures; /* in a row */
  MgTime opened;
  GError *failure;       /* set by mg_node_fail(), handled from the lane's mailbox */
  gint n_holds;          /* atomic: until it is closed for good, and of mg_node_hold() */
  gboolean is_finishing; /* has no inputs, and was told to finish: on the session's lane */
  gboolean is_gone;      /* closed for good, as its session knows: on the session's lane */
  void (*closed)(MgNode *node, gpointer data); /* called on its lane, once, when none is left */
  gpointer closed_data;
  MgCounters counters;

  /* The watchdog's, under its lock: the call it saw last, and since when. */
  gboolean is_call_seen, is_stalled;
  guint call_number;
  MgTime call_seen;
};

/* What a source's track has carried, for status. Counted; the numbers are relaxed atomics. */
typedef struct {
  gint ref_count;
  MgStream *stream; /* as last declared: under the session's lock */
  guint64 n_buffers;
  guint64 n_bytes;
  MgTime media_end; /* of the newest buffer; on the lane */
} MgTrackStats;

struct MgPort {
  MgNode *node;     /* the node it is a port of */
  MgStream *stream; /* as last declared (output), as last announced (input) */
  gpointer data;
  MgEdge *edge; /* inputs only */

  /* Outputs. */
  GPtrArray *inputs;      /* of MgPort *: borrowed */
  MgTrackStats *stats;    /* NULL: no track of a source place */
  gboolean is_stale;      /* its node restarted and has not declared it again */
  gboolean marks_discont; /* the next buffer comes after a gap */

  /* Inputs, consumer's lane. */
  gboolean is_flowing; /* open, accepted, and past a key frame: the one test on the fast path */
  gboolean is_refused; /* its stream as it is now */
  gboolean is_known; /* the node, as it is open now, has accepted a stream on it: is told its end */

  /* Inputs behind a queue: under the queue's lock. */
  gboolean begins_skipping; /* its oldest buffer goes, a key frame or not */
  gboolean skips_to_key;
  gboolean marks_survivor;
};

struct MgEdge {
  MgNode *producer;
  MgNode *consumer;
  const MgLink *link;
  MgQueue *queue;       /* NULL: both run on one lane */
  GPtrArray *inputs;    /* of MgPort *, owned by the consumer's lane */
  GArray *batch;        /* of MgEvent: what was taken from the queue; on the consumer's lane */
  MgTime patience;      /* how late media may be taken from the queue; 0: it wakes the consumer */
  MgTimer look;         /* runs while the consumer is paced; on its lane */
  gint is_posted;       /* atomic: the consumer of a mailbox has been called to it */
  gint is_last_call;    /* atomic: the finish waits in the mailbox, so all of it is handed over */
  gboolean is_finished; /* the consumer has received the finish */
};

/* node.c. The node is made on any thread before it runs; SPEC and GRAPH outlive it. */
MgNode *mg_node_new(const MgNodeSpec *spec, MgGraph *graph, MgSession *session, MgLane *lane);
void mg_node_free(MgNode *node);

/* Opens it on its lane: now when that is the current one, else by post. A failure is retried. */
void mg_node_start(MgNode *node);

/* Opens a service or a listener, on its lane; no retry. */
gboolean mg_node_open_once(MgNode *node, GError **error);

/* Drains a node that has no inputs (any more), ends its outputs and closes it. On its lane. */
void mg_node_finish(MgNode *node);

/* Calls the class's drain() only: a listener stops accepting. On its lane. */
void mg_node_call_drain(MgNode *node);

/* What a listener's notice() says, if it is open. */
MgTime mg_node_call_notice(MgNode *node);

/* Handles an error that a callback returned (taken). On its lane. */
void mg_node_failed(MgNode *node, GError *error);

/* Borrowed: its session's label and its id, "live/studio/cmaf". Any thread. */
const char *mg_node_label(MgNode *node);

/* Counts a buffer of NODE's that could not be used. Any thread. */
void mg_node_count_not_taken(MgNode *node);

/* Brackets every call of a class's function: asserts the house's rules, tells the watchdog. */
static inline gpointer
mg_node_enter(MgNode *node)
{
  mg_rule(node->lane == mg_lane_current());
  mg_rule(mg_holds_no_lock());
  return mg_lane_begin_call(node->lane, node);
}

static inline void
mg_node_leave(MgNode *node, gpointer previous)
{
  mg_lane_end_call(node->lane, previous);
}

/* Closes it and opens it at once on a fresh struct, without a back-off. On its lane. */
gboolean mg_node_reopen(MgNode *node, GError **error);

/* buffer.c. Returns BUFFER (taken) marked discontinuous: itself when nobody else has it, or a copy. */
MgBuffer *mg_buffer_after_gap(MgBuffer *buffer);

/* Whether a stream may begin, or go on after a gap, with BUFFER: a key frame, or no video. */
gboolean mg_buffer_can_begin(const MgBuffer *buffer);

/* edge.c */
MgEdge *mg_edge_new(MgNode *producer, MgNode *consumer, const MgLink *link);
void mg_edge_free(MgEdge *edge);

/* Producer's side: the new input port of EDGE for an output that declares STREAM, or NULL. */
MgPort *mg_edge_join(MgEdge *edge, MgStream *stream);
void mg_edge_send_stream(MgPort *in, MgStream *stream);
void mg_edge_send_buffer(MgPort *in, MgBuffer *buffer); /* taken */
void mg_edge_send_end(MgPort *in);                      /* IN is gone for the producer */
void mg_edge_send_pause(MgEdge *edge);
void mg_edge_send_finish(MgEdge *edge); /* no more tracks: the last event of an edge */

/* inputs.c: which of its consumer's inputs it belongs to. */
guint mg_edge_input(MgEdge *edge);

/* Consumer's side: tells a node that has just opened of the streams it missed. */
void mg_edge_announce_all(MgEdge *edge);

/* Consumer's side: its node, which has a mailbox, takes what waits there again. */
void mg_edge_call(MgEdge *edge);

/* Consumer's side: the node is not open any more; what arrives is dropped up to a key frame. */
void mg_edge_stop_flow(MgEdge *edge);

/* port.c */
void mg_port_free(MgPort *port);
/* Says the end of all outputs of a node, then of its edges. The ports stay as long as the node. */
void mg_ports_finish(MgNode *node);
/* Marks all outputs as stale, before a restart: those that are not declared again after it will end. */
void mg_ports_stale(MgNode *node);
/* Ends all outputs, but not the edges: others may come. */
void mg_ports_end_all(MgNode *node);
/* The tidy timer's. */
void mg_ports_end_stale(gpointer node);
MgTrackStats *mg_track_stats_ref(MgTrackStats *stats);
void mg_track_stats_unref(MgTrackStats *stats);
