/*
 * The test harness: one node, without a graph.
 *
 *   MgHarness *h = mg_harness_new(&class, "height='720'", &error);
 *   MgPort *in = mg_harness_stream(h, stream, &error);
 *   mg_harness_push(h, in, buffer, &error);
 *   MgBuffer *out = mg_harness_pull(h, "video");
 *   mg_harness_free(h);
 *
 * Everything runs on the calling thread, which is the node's lane. Time is a fake clock that stands
 * still until it is moved; timers fire while it moves. When the harness is freed it checks that no
 * buffer, data or stream made meanwhile is left. Lives in a library of its own (mediagraph-harness),
 * never in the engine.
 */
#pragma once

#include <mediagraph/http.h>
#include <mediagraph/mediagraph.h>

G_BEGIN_DECLS

typedef struct MgHarness MgHarness;

/*
 * Returned-owned: a node of CLASS with ATTRIBUTES as in the XML ("segment='2s' part='500ms'"; NULL:
 * defaults), opened, in a session with app "live" and stream "test". NULL and ERROR when values are
 * refused or open() fails.
 */
MG_API MgHarness *mg_harness_new(const MgNodeClass *node_class, const char *attributes,
                                 GError **error);

/* Closes the node and aborts the test, with a list, when anything leaked. */
MG_API void mg_harness_free(MgHarness *harness);

/* Closes and opens the node again on a fresh struct, as after a failure or a restart of the process. */
MG_API gboolean mg_harness_reopen(MgHarness *harness, GError **error);

/* Sets the folder for the session's state (borrowed): before mg_harness_new(). NULL: none. */
MG_API void mg_harness_use_state_dir(const char *dir);

/* Offers a service to the node: before mg_harness_new(). Borrowed. */
MG_API void mg_harness_use_service(const char *name, gconstpointer table, gpointer impl);

/* Announces a track (borrowed), or new parameters of the track with that id. NULL: refused. */
MG_API MgPort *mg_harness_stream(MgHarness *harness, MgStream *stream, GError **error);

/* Gives BUFFER (taken) to process(). FALSE: the node failed. */
MG_API gboolean mg_harness_push(MgHarness *harness, MgPort *in, MgBuffer *buffer, GError **error);

MG_API void mg_harness_end(MgHarness *harness, MgPort *in);
MG_API void mg_harness_pause(MgHarness *harness);
MG_API void mg_harness_drain(MgHarness *harness);

/* Returned-owned: the next buffer that the node pushed into its output ID, or NULL when there is none. */
MG_API MgBuffer *mg_harness_pull(MgHarness *harness, const char *id);

/* Borrowed: the stream last declared on output ID, or NULL. */
MG_API MgStream *mg_harness_output(MgHarness *harness, const char *id);

MG_API MgNode *mg_harness_node(MgHarness *harness);

/* Moves the fake clock: monotonic and UTC together; and UTC alone, as when the host's clock is set. */
MG_API void mg_harness_advance(MgHarness *harness, MgTime duration);
MG_API void mg_harness_step_utc(MgHarness *harness, gint64 by_us);

/* The value of a counter of the node; 0 when it has none of that name. */
MG_API guint64 mg_harness_counter(MgHarness *harness, const char *name);

G_END_DECLS
