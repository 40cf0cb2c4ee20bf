/*
 * The test harness: one node, without a graph.
 *
 *   MgHarness *h = mg_harness_new(&class, "height='720'", &error);
 *   MgPort *in = mg_harness_stream(h, stream, &error);
 *   mg_harness_push(h, in, buffer, &error);
 *   MgBuffer *out = mg_harness_pull(h, "video");
 *   mg_harness_free(h);
 *
 * The node runs in the real engine, between a source that the harness feeds and a sink that it reads:
 * a stream is refused, a first buffer marked, a failed node opened again as in a server. Everything
 * runs on the calling thread, which is the node's lane and the only I/O lane, inside calls of the
 * harness only. Time is a fake clock that stands still until it is moved; timers fire while it moves.
 * Several harnesses of one thread share lane and clock. When the last is freed it checks that no
 * buffer, data or stream made meanwhile is left (in debug builds of the engine). Lives in a library of
 * its own (mediagraph-harness), never in the engine.
 *
 * A listener under test accepts publishers: each session it claims ends in a sink that the harness
 * reads. A service under test is found by mg_service_find(mg_harness_node(h), …).
 */
#pragma once

#include <mediagraph/http.h>
#include <mediagraph/mediagraph.h>

G_BEGIN_DECLS

typedef struct MgHarness MgHarness;

/*
 * Returned-owned: a node of CLASS with ATTRIBUTES as in the XML ("segment='2s' part='500ms'"; NULL:
 * defaults; with children the whole element: "<ladder><video height='720'/></ladder>"), opened, in a
 * session with app "live" and stream "test". Its id is the class's name. NULL and ERROR when values are
 * refused or open() fails.
 */
MG_API MgHarness *mg_harness_new(const MgNodeClass *node_class, const char *attributes,
                                 GError **error);

/* Drains and closes the node, and aborts the test, with a list, when anything leaked. */
MG_API void mg_harness_free(MgHarness *harness);

/*
 * Closes and opens the node again on a fresh struct, as after a failure or a restart of the process; the
 * tracks there are announced again. FALSE and ERROR when open() fails.
 */
MG_API gboolean mg_harness_reopen(MgHarness *harness, GError **error);

/* For the next mg_harness_new() only: the folder for the session's state (copied). NULL: none. */
MG_API void mg_harness_use_state_dir(const char *dir);

/* For the next mg_harness_new() only: offers a service to the node. Borrowed until it is freed. */
MG_API void mg_harness_use_service(const char *name, gconstpointer table, gpointer impl);

/*
 * For the next mg_harness_new() only: the node has N inputs (inputs.h), called "input0" and so on. The tracks
 * and pauses of the one selected last are made, at first of number 0.
 */
MG_API void mg_harness_use_inputs(guint n);
MG_API void mg_harness_select_input(MgHarness *harness, guint index);

/*
 * Announces a track (borrowed), or new parameters of the track with that id. Borrowed: what to push into;
 * the node has a port of its own. NULL and ERROR: refused.
 */
MG_API MgPort *mg_harness_stream(MgHarness *harness, MgStream *stream, GError **error);

/*
 * Pushes BUFFER (taken). The engine gives it to process() as it always does: video from the first key
 * frame on, and that one marked discontinuous. FALSE and ERROR: the node failed.
 */
MG_API gboolean mg_harness_push(MgHarness *harness, MgPort *in, MgBuffer *buffer, GError **error);

/* IN is gone. */
MG_API void mg_harness_end(MgHarness *harness, MgPort *in);
MG_API void mg_harness_pause(MgHarness *harness);

/* The session ends: drain() and close(), for good. A listener or a service only gets drain(). */
MG_API void mg_harness_drain(MgHarness *harness);

/*
 * Returned-owned: the next buffer that the node pushed into its output ID, as it was pushed, or NULL when
 * there is none.
 */
MG_API MgBuffer *mg_harness_pull(MgHarness *harness, const char *id);

/* Borrowed: the stream last declared on output ID, or NULL; and whether the output has ended since. */
MG_API MgStream *mg_harness_output(MgHarness *harness, const char *id);
MG_API gboolean mg_harness_output_has_ended(MgHarness *harness, const char *id);

MG_API MgNode *mg_harness_node(MgHarness *harness);

/* FALSE after it failed, until it is opened again (advance the clock), and after drain. */
MG_API gboolean mg_harness_is_open(MgHarness *harness);

/* Moves the fake clock: monotonic and UTC together; and UTC alone, as when the host's clock is set. */
MG_API void mg_harness_advance(MgHarness *harness, MgTime duration);
MG_API void mg_harness_step_utc(MgHarness *harness, gint64 by_us);

/* Looks at watched descriptors once and runs what is posted, without moving the clock. */
MG_API void mg_harness_run(MgHarness *harness);

/* The value of a counter of the node; 0 when it has none of that name. */
MG_API guint64 mg_harness_counter(MgHarness *harness, const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgHarness, mg_harness_free)

G_END_DECLS
