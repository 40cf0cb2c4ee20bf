/*
 * Nodes: what a plugin implements.
 *
 * A node class is a const table. For each element of a pipeline file the engine makes an instance: it
 * zeroes a private struct of instance_size, fills in the properties, and calls, always on the node's
 * own lane:
 *
 *   open → stream / process / ended, per input track → drain → close
 *
 * An error from open or process fails the node: close() is called (exactly once per successful open),
 * and after a back-off open() again on a fresh struct; its input tracks are announced again, and flow
 * from a key frame on. There is no half-reset state. Callbacks that are NULL do nothing and succeed.
 *
 * Ports. A port is one track at one node. The node makes its output ports (mg_port_new), the engine
 * makes the input ports, one per track that arrives. What is pushed into an output port comes out of
 * the input ports joined to it: by a direct call when both nodes are on one lane, else through a
 * bounded queue that drops whole GOPs when the consumer is late.
 */
#pragma once

#include <mediagraph/buffer.h>
#include <mediagraph/log.h>
#include <mediagraph/prop.h>

G_BEGIN_DECLS

typedef enum {
  MG_RUN_POOL,   /* a strand on the worker pool: the default */
  MG_RUN_INLINE, /* on the session's I/O lane: never blocks, takes microseconds */
  MG_RUN_OWN,    /* a thread of its own: may block (disk, devices, codecs) */
} MgRun;

typedef enum {
  MG_ROLE_FILTER,   /* takes and gives */
  MG_ROLE_SINK,     /* takes, gives nothing inside the graph */
  MG_ROLE_SOURCE,   /* gives, runs once per pipeline: a file, a device, a caller */
  MG_ROLE_LISTENER, /* accepts publishers; each one becomes a session (session.h) */
  MG_ROLE_SERVICE,  /* stands at the top of the file, offers an interface (service.h) */
} MgRole;

/* What a class takes or gives, as far as it is known without running: sets of bits, codecs. */
typedef struct {
  guint media;           /* MgMedia */
  guint forms;           /* MgForm */
  const MgCodec *codecs; /* ends with MG_CODEC_NONE; NULL: any */
} MgAccepts;

typedef struct MgNodeClass MgNodeClass;
struct MgNodeClass {
  gsize size;       /* sizeof (MgNodeClass) */
  const char *name; /* the XML element: a lower-case letter, then those, digits and '-' */
  const char *help; /* one line, lower case, no full stop */
  gsize instance_size;
  const MgProp *props;         /* may be NULL */
  const MgChildKind *children; /* may be NULL */
  MgRole role;
  MgRun run;
  MgAccepts takes, gives;
  const char *const *needs; /* services, ends with NULL; may be NULL */

  /* Starts working. Outputs may be made here or later. FALSE with ERROR: close() is not called. */
  gboolean (*open)(MgNode *node, GError **error);
  /*
   * A new track, or a known one declared again: before the first buffer that carries STREAM. Behind a
   * restart or a reconnect it may say the same as before (mg_stream_same_parameters()). FALSE refuses it:
   * no buffers come until it is declared again. Of a track refused from the start no end is told.
   */
  gboolean (*stream)(MgNode *node, MgPort *in, MgStream *stream, GError **error);
  /* BUFFER is taken. Must not block unless the class runs OWN. */
  gboolean (*process)(MgNode *node, MgPort *in, MgBuffer *buffer, GError **error);
  /* No more buffers will come from IN; the port is gone when this returns. */
  void (*ended)(MgNode *node, MgPort *in);
  /* The session ends: push or finish what is held back. The engine ends the outputs afterwards. */
  void (*drain)(MgNode *node);
  /* Undoes open(). */
  void (*close)(MgNode *node);
  /* The publisher went away; the session waits for another one (linger). Finish what can be shown. */
  void (*pause)(MgNode *node);
  /*
   * Refuses, by mg_check_refuse(), values that the property table alone cannot judge. SELF is filled in,
   * not open: a pure function of its properties, on any thread. It is called when the pipeline file is
   * read, where templates still hold their ${variables}, and before each open(), which therefore may
   * rely on it. Not where a number is wrong or something is missing; wrong text is replaced by its
   * default.
   */
  void (*check)(gconstpointer self, MgCheck *check);
  /* It may say that it takes no more for now (mg_node_set_taking), also where no lane is changed. */
  gboolean has_mailbox;
  /*
   * Other classes of this name, with properties and a role of their own; ends with NULL, may be NULL.
   * An element is of the one whose `mode` is the value of its attribute "mode", which must be among the
   * properties of all; of this one without it.
   */
  const MgNodeClass *const *variants;
  const char *mode;
  /*
   * How late a buffer from another lane may come, so that those of that time share one wake-up; 0: at
   * once. For what nobody watches: storing, counting. The first after a silence, streams, ends and pauses
   * come at once, and what waits before them. Not together with a mailbox.
   */
  MgTime patience;
  /*
   * Of filters whose inputs stand in for each other (inputs.h): publishers of different inputs publish at one
   * time. What INPUT takes from has paused: told in place of pause(), and no consumer hears of it.
   */
  void (*input_paused)(MgNode *node, guint input);
  /*
   * Of listeners, behind drain(): for how long publishers are to go on before their sessions end, because they have
   * just been told to go elsewhere. The server waits for the longest of all; 0, or no callback: not at all. A second
   * is much, since there may be five for the whole end.
   */
  MgTime (*notice)(MgNode *node);
  /*
   * Of listeners: encoders push to SCHEME://HOST[:PORT]/APP/STREAM, as their properties `listen` and `app` say; the
   * port in the first one's default is the scheme's own. NULL: otherwise, or not at all.
   */
  const char *push_scheme;
};

/* The private struct of the instance. On its lane. */
MG_API gpointer mg_node_self(MgNode *node);

/* The id from the pipeline file. Any thread. */
MG_API const char *mg_node_id(MgNode *node);

/* The session that the node runs in, or NULL for listeners and services. Any thread. */
MG_API MgSession *mg_node_session(MgNode *node);

/*
 * Whether all services and listeners of the file have been opened, and the server is not shutting down:
 * FALSE in the first open() of a service or a listener. Any thread.
 */
MG_API gboolean mg_node_graph_is_running(MgNode *node);

/* The lane it runs on. Any thread. */
MG_API MgLane *mg_node_lane(MgNode *node);

/*
 * Makes an output port (owned by NODE, borrowed by you) and declares STREAM (borrowed) on it. The port
 * lives until mg_port_end() or close(). A node that restarts and uses the same stream id again
 * continues the same track for its consumers, who are told of STREAM. On its lane.
 */
MG_API MgPort *mg_port_new(MgNode *node, MgStream *stream);

/* Declares new parameters (borrowed) before the first buffer that has them. On its lane. */
MG_API void mg_port_set_stream(MgPort *port, MgStream *stream);

/* Sends BUFFER (taken) to all consumers. Never blocks. On the lane of the port's node. */
MG_API void mg_push(MgPort *port, MgBuffer *buffer);

/* No more buffers will come; the port is gone. On its lane. */
MG_API void mg_port_end(MgPort *port);

/* The stream as last declared: borrowed, until the next declaration. On its lane. */
MG_API MgStream *mg_port_stream(MgPort *port);

/* A pointer of the node's own for each port. On its lane. */
MG_API void mg_port_set_data(MgPort *port, gpointer data);
MG_API gpointer mg_port_data(MgPort *port);

/* Fails the node from outside its callbacks (a timer, a watch). ERROR is taken. On its lane. */
MG_API void mg_node_fail(MgNode *node, GError *error);

/*
 * Of a class that has a mailbox: FALSE leaves what comes in there, where it is dropped by GOP when it gets
 * old, as for a consumer that is slow (`queue`, `queue-bytes`); TRUE takes it out again, soon. A node is
 * opened taking; at the end of the session it is given all that waits. On its lane.
 */
MG_API void mg_node_set_taking(MgNode *node, gboolean is_taking);

/*
 * The input of a source has gone, and may come back: as if a publisher had left. Consumers finish what can
 * be shown; tracks that are not made again (mg_port_new() with their id) end after a while. On its lane.
 */
MG_API void mg_source_pause(MgNode *node);

/*
 * A source has no more to give (a file has been read to its end): what it pushed goes its way, it is
 * drained and closed, its outputs end. When all sources of a session have ended, so does the session.
 * While it is open, on its lane; nothing happens before the caller has returned to the lane.
 */
MG_API void mg_source_end(MgNode *node);

/*
 * For what ends some time after close(): connections of a listener that is closing. Until as many
 * releases as holds, NODE, its counters and its graph stay; the private struct does not. Any thread.
 */
MG_API void mg_node_hold(MgNode *node);
MG_API void mg_node_release(MgNode *node);

typedef enum {
  MG_URL_PUSH, /* where an encoder pushes to; <app>, <stream> stand for names to choose */
  MG_URL_OPEN, /* where a viewer opens it */
} MgUrlKind;

/* Tells the operator a URL that this node serves ("prints what listens where"). Any thread. */
MG_API void mg_node_announce(MgNode *node, MgUrlKind kind, const char *url);

G_END_DECLS
