#include "graph/build.h"

#include "doubles/call.h"
#include "doubles/wait.h"
#include "graph/leaks.h"

#include <mediagraph/service.h>

#include <string.h>

struct Rig {
  MgGraphSpec *spec;
  MgPipelineSpec *pipeline;
  MgGraph *graph;
  gint n_done; /* atomic: how often the drain was said to be done */
  gint alive[MG_LEAKS_KINDS];
  GHashTable *fakes; /* id -> Fake *; not changed after the start */
  GMutex lock;       /* guards the journal, and got and node of all fakes */
  GPtrArray *journal;
};

typedef struct {
  Plan plan;
  GPtrArray *got; /* of Got * */
  MgNode *node;
} Fake;

/* Nodes find theirs by their id. */
static Rig *the_rig;

/* --- what is written down ------------------------------------------------------------------------ */

static void
got_free(gpointer data)
{
  Got *got = data;
  mg_buffer_unref(got->buffer);
  g_free(got->id);
  g_free(got);
}

static void
fake_free(gpointer data)
{
  Fake *fake = data;
  g_ptr_array_unref(fake->got);
  g_free(fake);
}

static Fake *
find_fake(Rig *rig, const char *id)
{
  Fake *fake = g_hash_table_lookup(rig->fakes, id);
  g_assert_nonnull(fake);
  return fake;
}

void
rig_note(Rig *rig, const char *id, const char *what)
{
  g_mutex_lock(&rig->lock);
  g_ptr_array_add(rig->journal, g_strdup_printf("%s %s", id, what));
  g_mutex_unlock(&rig->lock);
}

static void
note(MgNode *node, const char *what)
{
  rig_note(the_rig, mg_node_id(node), what);
}

static void
note_track(MgNode *node, const char *what, MgPort *in)
{
  g_autofree char *text = g_strdup_printf("%s:%s", what, mg_stream_info(mg_port_stream(in))->id);
  note(node, text);
}

guint
rig_count(Rig *rig, const char *entry)
{
  guint n = 0;
  g_mutex_lock(&rig->lock);
  for (guint i = 0; i < rig->journal->len; i++)
    n += g_str_equal(g_ptr_array_index(rig->journal, i), entry);
  g_mutex_unlock(&rig->lock);
  return n;
}

gint
rig_position(Rig *rig, const char *entry)
{
  guint index;
  g_mutex_lock(&rig->lock);
  gboolean is_there = g_ptr_array_find_with_equal_func(rig->journal, entry, g_str_equal, &index);
  g_mutex_unlock(&rig->lock);
  return is_there ? (gint) index : -1;
}

char *
rig_story(Rig *rig, const char *id)
{
  GString *story = g_string_new(NULL);
  g_autofree char *prefix = g_strdup_printf("%s ", id);
  g_mutex_lock(&rig->lock);
  for (guint i = 0; i < rig->journal->len; i++) {
    const char *entry = g_ptr_array_index(rig->journal, i);
    if (g_str_has_prefix(entry, prefix))
      g_string_append_printf(story, "%s%s", story->len > 0 ? " " : "", entry + strlen(prefix));
  }
  g_mutex_unlock(&rig->lock);
  return g_string_free(story, FALSE);
}

guint
rig_n_got(Rig *rig, const char *id)
{
  g_mutex_lock(&rig->lock);
  guint n = find_fake(rig, id)->got->len;
  g_mutex_unlock(&rig->lock);
  return n;
}

Got *
rig_got(Rig *rig, const char *id, guint index)
{
  g_mutex_lock(&rig->lock);
  GPtrArray *all = find_fake(rig, id)->got;
  g_assert_cmpuint(index, <, all->len);
  Got *got = g_ptr_array_index(all, index);
  g_mutex_unlock(&rig->lock);
  return got;
}

Plan *
rig_plan(Rig *rig, const char *id)
{
  return &find_fake(rig, id)->plan;
}

MgNode *
rig_node(Rig *rig, const char *id)
{
  g_mutex_lock(&rig->lock);
  MgNode *node = find_fake(rig, id)->node;
  g_mutex_unlock(&rig->lock);
  return node;
}

/* --- nodes --------------------------------------------------------------------------------------- */

static Fake *
fake_of(MgNode *node)
{
  return find_fake(the_rig, mg_node_id(node));
}

/* Takes one of what is left of a plan. */
static gboolean
is_due(gint *n)
{
  return g_atomic_int_get(n) > 0 && g_atomic_int_add(n, -1) > 0;
}

static gboolean
fake_open(MgNode *node, GError **error)
{
  Fake *fake = fake_of(node);
  note(node, "open");
  g_mutex_lock(&the_rig->lock);
  fake->node = node;
  g_mutex_unlock(&the_rig->lock);
  if (!is_due(&fake->plan.n_open_fails))
    return TRUE;
  g_set_error_literal(error, MG_ERROR, MG_ERROR_FAILED, "told not to open");
  return FALSE;
}

static gboolean
sink_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  note_track(node, "stream", in);
  if (!g_atomic_int_get(&fake_of(node)->plan.refuses))
    return TRUE;
  g_set_error_literal(error, MG_ERROR, MG_ERROR_UNSUPPORTED, "told to refuse");
  return FALSE;
}

static gboolean
filter_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  if (!sink_stream(node, in, stream, error))
    return FALSE;
  MgPort *out = mg_port_data(in);
  if (out != NULL)
    mg_port_set_stream(out, stream);
  else
    mg_port_set_data(in, mg_port_new(node, stream));
  return TRUE;
}

static void
keep(Fake *fake, MgPort *in, MgBuffer *buffer)
{
  Got *got = g_new0(Got, 1);
  got->buffer = mg_buffer_ref(buffer);
  got->id = g_strdup(mg_stream_info(mg_port_stream(in))->id);
  got->at = mg_now();
  g_mutex_lock(&the_rig->lock);
  g_ptr_array_add(fake->got, got);
  g_mutex_unlock(&the_rig->lock);
}

static gboolean
fake_process(MgNode *node, MgPort *in, MgBuffer *taken, GError **error)
{
  g_autoptr(MgBuffer) buffer = taken;
  Fake *fake = fake_of(node);
  if (is_due(&fake->plan.n_process_fails)) {
    g_set_error_literal(error, MG_ERROR, MG_ERROR_FAILED, "told to fail");
    return FALSE;
  }
  keep(fake, in, buffer);
  if (g_atomic_int_get(&fake->plan.blocks))
    note(node, "blocks");
  while (g_atomic_int_get(&fake->plan.blocks))
    g_usleep(100);
  if (mg_port_data(in) != NULL)
    mg_push(mg_port_data(in), g_steal_pointer(&buffer));
  return TRUE;
}

static void
fake_ended(MgNode *node, MgPort *in)
{
  note_track(node, "ended", in);
  if (mg_port_data(in) != NULL)
    mg_port_end(mg_port_data(in));
}

static void
fake_drain(MgNode *node)
{
  note(node, "drain");
}

static void
fake_close(MgNode *node)
{
  note(node, "close");
}

static void
fake_pause(MgNode *node)
{
  note(node, "pause");
}

#define FAKE(node_name, node_role, how, told)                                                      \
  {                                                                                                \
    .size = sizeof(MgNodeClass), .name = node_name, .help = "does as it is told",                  \
    .role = node_role, .run = how, .takes = { MG_MEDIA_ANY, MG_FORM_ANY, NULL },                   \
    .gives = { MG_MEDIA_ANY, MG_FORM_ANY, NULL }, .open = fake_open, .stream = told,               \
    .process = fake_process, .ended = fake_ended, .drain = fake_drain, .close = fake_close,        \
    .pause = fake_pause,                                                                           \
  }
#define FAKES(name, role, told)                                                                    \
  {                                                                                                \
    FAKE(name, role, MG_RUN_POOL, told), FAKE(name, role, MG_RUN_INLINE, told),                    \
        FAKE(name, role, MG_RUN_OWN, told)                                                         \
  }

const MgNodeClass rig_filter[3] = FAKES("filter", MG_ROLE_FILTER, filter_stream);
const MgNodeClass rig_sink[3] = FAKES("sink", MG_ROLE_SINK, sink_stream);
const MgNodeClass rig_door = FAKE("door", MG_ROLE_LISTENER, MG_RUN_INLINE, NULL);
const MgNodeClass rig_other_door = FAKE("other-door", MG_ROLE_LISTENER, MG_RUN_INLINE, NULL);

static MgStream *
make_stream(const char *id, guint width)
{
  MgStreamInfo info = {
    .size = sizeof info,
    .id = id,
    .media = g_str_has_prefix(id, "audio") ? MG_MEDIA_AUDIO : MG_MEDIA_VIDEO,
    .form = MG_FORM_PACKET,
    .width = width,
  };
  return mg_stream_new(&info);
}

static gboolean
origin_open(MgNode *node, GError **error)
{
  if (!fake_open(node, error))
    return FALSE;
  g_autoptr(MgStream) stream = make_stream("video", 16);
  mg_port_new(node, stream);
  return TRUE;
}

const MgNodeClass rig_origin = {
  .size = sizeof(MgNodeClass),
  .name = "origin",
  .help = "gives nothing",
  .role = MG_ROLE_SOURCE,
  .run = MG_RUN_OWN,
  .gives = { MG_MEDIA_VIDEO, MG_FORM_PACKET, NULL },
  .open = origin_open,
  .drain = fake_drain,
  .close = fake_close,
};

static gboolean
clock_open(MgNode *node, GError **error)
{
  static const int table;
  return fake_open(node, error) && mg_service_offer(node, "clock", &table, the_rig, error);
}

const MgNodeClass rig_clock = {
  .size = sizeof(MgNodeClass),
  .name = "clock",
  .help = "a service",
  .role = MG_ROLE_SERVICE,
  .open = clock_open,
  .drain = fake_drain,
  .close = fake_close,
};

static gboolean
clock_reader_open(MgNode *node, GError **error)
{
  gpointer impl;
  if (!fake_open(node, error))
    return FALSE;
  if (mg_service_find(node, "clock", &impl, error) == NULL)
    return FALSE;
  g_assert_true(impl == the_rig);
  note(node, "found");
  return TRUE;
}

const MgNodeClass rig_clock_reader = {
  .size = sizeof(MgNodeClass),
  .name = "clock-reader",
  .help = "needs a service",
  .role = MG_ROLE_SINK,
  .run = MG_RUN_POOL,
  .takes = { MG_MEDIA_ANY, MG_FORM_ANY, NULL },
  .open = clock_reader_open,
  .close = fake_close,
};

/* --- building ------------------------------------------------------------------------------------ */

Rig *
rig_new(void)
{
  g_assert_null(the_rig);
  Rig *rig = the_rig = g_new0(Rig, 1);
  for (guint kind = 0; kind < MG_LEAKS_KINDS; kind++)
    rig->alive[kind] = mg_leaks_get(kind);
  g_mutex_init(&rig->lock);
  rig->journal = g_ptr_array_new_with_free_func(g_free);
  rig->fakes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, fake_free);
  MgPlace place = { g_intern_static_string("test.xml"), 1, 1 };
  rig->spec = mg_graph_spec_new();
  rig->spec->root = mg_element_new("mediagraph", place);
  rig->pipeline = mg_pipeline_spec_new(place);
  rig->pipeline->name = g_strdup("live");
  rig->pipeline->linger = 60 * MG_SECOND;
  rig->pipeline->max_sessions = 100;
  g_ptr_array_add(rig->spec->pipelines, rig->pipeline);
  return rig;
}

static MgNodeSpec *
make_spec(Rig *rig, const MgNodeClass *node_class, const char *id)
{
  MgElement *element = mg_element_new(node_class->name, rig->spec->root->place);
  g_ptr_array_add(rig->spec->root->children, element);
  MgNodeSpec *spec = mg_node_spec_new(node_class, id, element);
  spec->queue_time = 10 * MG_SECOND;
  spec->queue_bytes = 1 << 20;
  Fake *fake = g_new0(Fake, 1);
  fake->got = g_ptr_array_new_with_free_func(got_free);
  g_hash_table_insert(rig->fakes, g_strdup(id), fake);
  return spec;
}

static guint
index_of(Rig *rig, const char *id)
{
  for (guint i = 0; i < rig->pipeline->nodes->len; i++)
    if (g_str_equal(((MgNodeSpec *) g_ptr_array_index(rig->pipeline->nodes, i))->id, id))
      return i;
  g_error("no node '%s' was added before", id);
}

static void
add_link(Rig *rig, MgNodeSpec *spec, const char *word)
{
  g_auto(GStrv) parts = g_strsplit(word, ".", 2);
  MgLink link = { .producer = index_of(rig, parts[0]), .media = MG_MEDIA_ANY };
  if (parts[1] != NULL)
    link.media = g_str_equal(parts[1], "audio") ? MG_MEDIA_AUDIO : MG_MEDIA_VIDEO;
  g_array_append_val(spec->links, link);
}

MgNodeSpec *
rig_add(Rig *rig, const MgNodeClass *node_class, const char *id, const char *from)
{
  MgNodeSpec *spec = make_spec(rig, node_class, id);
  g_auto(GStrv) words = g_strsplit(from ? from : "", " ", 0);
  for (guint i = 0; words[i] != NULL; i++)
    add_link(rig, spec, words[i]);
  g_ptr_array_add(rig->pipeline->nodes, spec);
  return spec;
}

MgNodeSpec *
rig_add_service(Rig *rig, const MgNodeClass *node_class, const char *id)
{
  MgNodeSpec *spec = make_spec(rig, node_class, id);
  g_ptr_array_add(rig->spec->services, spec);
  return spec;
}

MgPipelineSpec *
rig_pipeline(Rig *rig)
{
  return rig->pipeline;
}

/* --- running ------------------------------------------------------------------------------------- */

gboolean
rig_try_start(Rig *rig, GError **error)
{
  mg_lanes_start(2);
  rig->graph = mg_graph_new(rig->spec);
  return mg_graph_start(rig->graph, error);
}

void
rig_start(Rig *rig)
{
  GError *error = NULL;
  rig_try_start(rig, &error);
  g_assert_no_error(error);
}

static void
count_done(gpointer data)
{
  Rig *rig = data;
  g_atomic_int_inc(&rig->n_done);
}

void
rig_drain(Rig *rig)
{
  mg_graph_drain(rig->graph, count_done, rig);
  mg_wait_until(g_atomic_int_get(&rig->n_done) > 0);
}

static void
check_leaks(Rig *rig)
{
  for (guint kind = 0; kind < MG_LEAKS_KINDS; kind++)
    g_assert_cmpint(mg_leaks_get(kind), ==, rig->alive[kind]);
}

void
rig_free_graph(Rig *rig)
{
  g_clear_pointer(&rig->graph, mg_graph_free);
}

void
rig_stop(Rig *rig)
{
  if (g_atomic_int_get(&rig->n_done) == 0)
    rig_drain(rig);
  rig_free_graph(rig);
  mg_lanes_stop();
  g_assert_cmpint(rig->n_done, ==, 1);
  g_hash_table_unref(rig->fakes);
  g_ptr_array_unref(rig->journal);
  g_mutex_clear(&rig->lock);
  check_leaks(rig);
  g_free(rig);
  the_rig = NULL;
}

MgGraph *
rig_graph(Rig *rig)
{
  return rig->graph;
}

MgNode *
rig_listener(Rig *rig, guint index)
{
  MgPipeline *pipeline = g_ptr_array_index(rig->graph->pipelines, 0);
  return g_ptr_array_index(pipeline->listeners, index);
}

guint
rig_n_sessions(Rig *rig)
{
  mg_lock(&rig->graph->lock);
  guint n = g_hash_table_size(rig->graph->sessions);
  mg_unlock(&rig->graph->lock);
  return n;
}

/* --- publishers ---------------------------------------------------------------------------------- */

static void
evicted(gpointer data, const char *reason)
{
  Publisher *p = data;
  p->reason = g_strdup(reason);
  p->publication = NULL;
  g_ptr_array_set_size(p->ports, 0);
  g_atomic_int_set(&p->is_evicted, TRUE);
}

typedef struct {
  Publisher *publisher;
  const char *id;
  guint width, dts_ms, flags;
  GError *error;
} Order;

static void
attach_here(gpointer data)
{
  static const MgPublisherEvents events = { evicted };
  Order *order = data;
  Publisher *p = order->publisher;
  p->publication =
      mg_session_attach(p->session, p->listener, "192.0.2.7:1", &events, p, &order->error);
  if (p->publication != NULL)
    p->base = mg_publication_base(p->publication);
}

static void
publisher_free(Publisher *p)
{
  mg_session_unref(p->session);
  g_ptr_array_unref(p->ports);
  g_free(p->reason);
  g_free(p);
}

Publisher *
publisher_try_new(Rig *rig, guint listener, const char *stream, GError **error)
{
  Publisher *p = g_new0(Publisher, 1);
  p->rig = rig;
  p->listener = rig_listener(rig, listener);
  p->ports = g_ptr_array_new();
  p->session = mg_session_claim(p->listener, "live", stream, error);
  Order order = { .publisher = p };
  if (p->session != NULL)
    mg_call_on(mg_session_lane(p->session), attach_here, &order);
  if (order.error != NULL)
    g_propagate_error(error, order.error);
  if (p->publication != NULL)
    return p;
  publisher_free(p);
  return NULL;
}

Publisher *
publisher_new(Rig *rig, const char *stream)
{
  GError *error = NULL;
  Publisher *p = publisher_try_new(rig, 0, stream, &error);
  g_assert_no_error(error);
  return p;
}

static MgPort *
find_port(Publisher *p, const char *id)
{
  for (guint i = 0; i < p->ports->len; i++) {
    MgPort *port = g_ptr_array_index(p->ports, i);
    if (g_str_equal(mg_stream_info(mg_port_stream(port))->id, id))
      return port;
  }
  return NULL;
}

static MgPort *
declare(Publisher *p, const char *id, guint width)
{
  g_autoptr(MgStream) stream = make_stream(id, width);
  MgPort *port = find_port(p, id);
  if (port != NULL) {
    mg_port_set_stream(port, stream);
    return port;
  }
  port = mg_publication_add(p->publication, stream);
  g_ptr_array_add(p->ports, port);
  return port;
}

static void
add_here(gpointer data)
{
  Order *order = data;
  if (order->publisher->publication != NULL)
    declare(order->publisher, order->id, order->width);
}

void
publisher_add(Publisher *p, const char *id, guint width)
{
  Order order = { .publisher = p, .id = id, .width = width };
  mg_call_on(mg_session_lane(p->session), add_here, &order);
}

static void
push_here(gpointer data)
{
  Order *order = data;
  Publisher *p = order->publisher;
  if (p->publication == NULL)
    return;
  MgPort *port = find_port(p, order->id);
  if (port == NULL)
    port = declare(p, order->id, 16);
  MgBuffer *buffer = mg_buffer_new(mg_port_stream(port), 1);
  buffer->pts = buffer->dts = p->base + order->dts_ms * MG_MILLISECOND;
  buffer->arrival = mg_now();
  buffer->flags = order->flags;
  mg_buffer_append(buffer, mg_data_new_copy("0123456789", 10), 0, 10);
  mg_push(port, buffer);
}

void
publisher_push(Publisher *p, const char *id, guint dts_ms, guint flags)
{
  Order order = { .publisher = p, .id = id, .dts_ms = dts_ms, .flags = flags };
  mg_call_on(mg_session_lane(p->session), push_here, &order);
}

static void
end_track_here(gpointer data)
{
  Order *order = data;
  MgPort *port = find_port(order->publisher, order->id);
  g_ptr_array_remove(order->publisher->ports, port);
  mg_port_end(port);
}

void
publisher_end_track(Publisher *p, const char *id)
{
  Order order = { .publisher = p, .id = id };
  mg_call_on(mg_session_lane(p->session), end_track_here, &order);
}

static void
leave_here(gpointer data)
{
  Publisher *p = data;
  if (p->publication != NULL)
    mg_publication_end(p->publication, "the test is over");
}

void
publisher_leave(Publisher *p)
{
  mg_call_on(mg_session_lane(p->session), leave_here, p);
  publisher_free(p);
}
