/*
 * What it costs to hand a buffer from node to node: CPU time of the whole process, for empty buffers that
 * a source pushes as fast as they go. A hop is what one more node adds.
 *
 *   direct: all nodes on one lane, each calls the next
 *   mailbox: each node on a strand of its own
 */
#include "graph/graph.h"
#include "host/registry.h"
#include "loop/lane.h"
#include "pipeline/pipeline.h"

#include <mediagraph/mediagraph.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { N_RUNS = 7, N_BUFFERS = 500000, MOST_IN_FLIGHT = 1024, BATCH = 256 };

/* The run that is on. */
static struct {
  MgNode *feed;
  MgTimer start;
  guint n_pushed;   /* on the feed's lane */
  guint n_received; /* atomic: by the last node */
  gint is_waiting;  /* atomic: the feed, for the last node to catch up */
  GMutex lock;
  GCond ends;
  gboolean has_ended;
} run;

/* --- nodes --------------------------------------------------------------------------------------- */

typedef struct {
  MgPort *out;
} Self;

static guint
in_flight(void)
{
  return run.n_pushed - __atomic_load_n(&run.n_received, __ATOMIC_ACQUIRE);
}

static void
push_one(MgPort *out)
{
  MgBuffer *buffer = mg_buffer_new(mg_port_stream(out), 1);
  buffer->pts = buffer->dts = run.n_pushed * MG_MICROSECOND;
  buffer->flags = run.n_pushed % 50 == 0 ? MG_BUFFER_KEY : 0;
  __atomic_store_n(&run.n_pushed, run.n_pushed + 1, __ATOMIC_RELEASE);
  mg_push(out, buffer);
}

static void
pump(gpointer node)
{
  Self *self = mg_node_self(node);
  for (guint i = 0; i < BATCH && run.n_pushed < N_BUFFERS; i++)
    push_one(self->out);
  if (run.n_pushed == N_BUFFERS)
    return;
  g_atomic_int_set(&run.is_waiting, TRUE);
  if (in_flight() < MOST_IN_FLIGHT &&
      g_atomic_int_compare_and_exchange(&run.is_waiting, TRUE, FALSE))
    mg_lane_post(mg_lane_current(), pump, node);
}

static gboolean
feed_open(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  MgStreamInfo info = {
    .size = sizeof info, .id = "video", .media = MG_MEDIA_VIDEO, .form = MG_FORM_PACKET
  };
  g_autoptr(MgStream) stream = mg_stream_new(&info);
  self->out = mg_port_new(node, stream);
  run.feed = node;
  return TRUE;
}

static gboolean
pass_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  Self *self = mg_node_self(node);
  self->out = mg_port_new(node, stream);
  return TRUE;
}

static gboolean
pass_process(MgNode *node, MgPort *in, MgBuffer *buffer, GError **error)
{
  Self *self = mg_node_self(node);
  mg_push(self->out, buffer);
  return TRUE;
}

static void
note_end(void)
{
  g_mutex_lock(&run.lock);
  run.has_ended = TRUE;
  g_cond_signal(&run.ends);
  g_mutex_unlock(&run.lock);
}

static gboolean
end_process(MgNode *node, MgPort *in, MgBuffer *buffer, GError **error)
{
  mg_buffer_unref(buffer);
  guint n = __atomic_add_fetch(&run.n_received, 1, __ATOMIC_RELEASE);
  if (n == N_BUFFERS)
    note_end();
  else if (g_atomic_int_get(&run.is_waiting) &&
           __atomic_load_n(&run.n_pushed, __ATOMIC_ACQUIRE) - n < MOST_IN_FLIGHT / 2 &&
           g_atomic_int_compare_and_exchange(&run.is_waiting, TRUE, FALSE))
    mg_lane_post(mg_node_lane(run.feed), pump, run.feed);
  return TRUE;
}

#define ANYTHING                                                                                   \
  {                                                                                                \
    MG_MEDIA_ANY, MG_FORM_ANY, NULL                                                                \
  }
#define PASS(class_name, how)                                                                      \
  {                                                                                                \
    .size = sizeof(MgNodeClass), .name = class_name, .help = "passes on",                          \
    .instance_size = sizeof(Self), .role = MG_ROLE_FILTER, .run = how, .takes = ANYTHING,          \
    .gives = ANYTHING, .stream = pass_stream, .process = pass_process                              \
  }
#define END(class_name, how)                                                                       \
  {                                                                                                \
    .size = sizeof(MgNodeClass), .name = class_name, .help = "takes", .role = MG_ROLE_SINK,        \
    .run = how, .takes = ANYTHING, .process = end_process                                          \
  }

static const MgNodeClass classes[] = {
  {
      .size = sizeof(MgNodeClass),
      .name = "feed",
      .help = "pushes",
      .instance_size = sizeof(Self),
      .role = MG_ROLE_SOURCE,
      .run = MG_RUN_INLINE,
      .gives = ANYTHING,
      .open = feed_open,
  },
  PASS("direct-pass", MG_RUN_INLINE),
  PASS("mailbox-pass", MG_RUN_POOL),
  END("direct-end", MG_RUN_INLINE),
  END("mailbox-end", MG_RUN_POOL),
};

/* --- running ------------------------------------------------------------------------------------- */

static MgGraphSpec *
make_spec(const char *edge, guint n_nodes)
{
  GString *text = g_string_new("<mediagraph><pipeline name='bench'><feed id='n0'/>");
  for (guint i = 1; i < n_nodes; i++)
    g_string_append_printf(text, "<%s-pass id='n%u' from='n%u'/>", edge, i, i - 1);
  g_string_append_printf(text, "<%s-end from='n%u'/></pipeline></mediagraph>", edge, n_nodes - 1);
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  MgGraphSpec *spec = mg_pipeline_parse("bench.xml", text->str, text->len, diagnostics);
  g_autofree char *list = mg_diagnostics_to_text(diagnostics);
  if (spec == NULL)
    g_error("%s", list);
  g_string_free(text, TRUE);
  return spec;
}

static double
cpu_ns(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double) t.tv_sec * 1e9 + (double) t.tv_nsec;
}

static double
measure_once(void)
{
  double start = cpu_ns();
  run.n_pushed = run.n_received = 0;
  run.has_ended = FALSE;
  mg_lane_post(mg_node_lane(run.feed), pump, run.feed);
  g_mutex_lock(&run.lock);
  while (!run.has_ended)
    g_cond_wait(&run.ends, &run.lock);
  g_mutex_unlock(&run.lock);
  return (cpu_ns() - start) / N_BUFFERS;
}

static int
compare(const void *a, const void *b)
{
  double p = *(const double *) a, q = *(const double *) b;
  return (p > q) - (p < q);
}

static void
note_done(gpointer unused)
{
  note_end();
}

/* The median of nanoseconds per buffer through N_NODES nodes behind the source. */
static double
measure(const char *edge, guint n_nodes)
{
  double results[N_RUNS];
  MgGraph *graph = mg_graph_new(make_spec(edge, n_nodes));
  if (!mg_graph_start(graph, NULL))
    g_error("cannot start");
  measure_once();
  for (guint i = 0; i < N_RUNS; i++)
    results[i] = measure_once();
  run.has_ended = FALSE;
  mg_graph_drain(graph, note_done, NULL);
  g_mutex_lock(&run.lock);
  while (!run.has_ended)
    g_cond_wait(&run.ends, &run.lock);
  g_mutex_unlock(&run.lock);
  mg_graph_free(graph);
  qsort(results, N_RUNS, sizeof results[0], compare);
  return results[N_RUNS / 2];
}

static void
report(const char *edge, guint few, guint many)
{
  double a = measure(edge, few), b = measure(edge, many);
  printf("%-8s %6u %12.1f\n", edge, few, a);
  printf("%-8s %6u %12.1f %10.1f\n", edge, many, b, (b - a) / (many - few));
}

int
main(void)
{
  for (guint i = 0; i < G_N_ELEMENTS(classes); i++)
    mg_registry_add(&classes[i]);
  mg_lanes_start(2);
  printf("edge      nodes    ns/buffer     ns/hop\n");
  report("direct", 1, 11);
  report("mailbox", 1, 5);
  mg_lanes_stop();
  return 0;
}
