/* The nodes: they do as their plan says, and write down what happens. */
#include "graph/private.h"

#include <mediagraph/inputs.h>
#include <mediagraph/service.h>

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

MgStream *
rig_make_stream(const char *id, guint width)
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

static Fake *
fake_of(MgNode *node)
{
  return rig_find_fake(the_rig, mg_node_id(node));
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
  gboolean is_first = fake->node == NULL;
  g_assert_true(mg_node_session(node) != NULL || is_first != mg_node_graph_is_running(node));
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
  g_assert_true(buffer->stream == mg_port_stream(in)); /* no buffer of what was not declared */
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
#define SINK_WITH(node_name, how, ...)                                                             \
  {                                                                                                \
    .size = sizeof(MgNodeClass), .name = node_name, .help = "does as it is told",                  \
    .role = MG_ROLE_SINK, .run = how, .takes = { MG_MEDIA_ANY, MG_FORM_ANY, NULL },                \
    .open = fake_open, .stream = sink_stream, .process = fake_process, .ended = fake_ended,        \
    .drain = fake_drain, .close = fake_close, .pause = fake_pause, __VA_ARGS__                     \
  }
#define SINKS_WITH(name, ...)                                                                      \
  {                                                                                                \
    SINK_WITH(name, MG_RUN_POOL, __VA_ARGS__), SINK_WITH(name, MG_RUN_INLINE, __VA_ARGS__),        \
        SINK_WITH(name, MG_RUN_OWN, __VA_ARGS__)                                                   \
  }
const MgNodeClass rig_mailbox[3] = SINKS_WITH("mailbox", .has_mailbox = TRUE);
const MgNodeClass rig_patient[3] = SINKS_WITH("patient", .patience = RIG_PATIENCE);

static void
fake_input_paused(MgNode *node, guint input)
{
  g_autofree char *text = g_strdup_printf("paused:%s", mg_node_input_id(node, input));
  note(node, text);
}

const MgNodeClass rig_stand_in = {
  .size = sizeof(MgNodeClass),
  .name = "stand-in",
  .help = "has inputs that stand in for each other",
  .role = MG_ROLE_FILTER,
  .run = MG_RUN_INLINE,
  .takes = { MG_MEDIA_ANY, MG_FORM_ANY, NULL },
  .gives = { MG_MEDIA_ANY, MG_FORM_ANY, NULL },
  .open = fake_open,
  .stream = filter_stream,
  .process = fake_process,
  .ended = fake_ended,
  .drain = fake_drain,
  .close = fake_close,
  .input_paused = fake_input_paused,
};

const MgNodeClass rig_door = FAKE("door", MG_ROLE_LISTENER, MG_RUN_INLINE, NULL);
const MgNodeClass rig_other_door = FAKE("other-door", MG_ROLE_LISTENER, MG_RUN_INLINE, NULL);

static gboolean
origin_open(MgNode *node, GError **error)
{
  if (!fake_open(node, error))
    return FALSE;
  g_autoptr(MgStream) stream = rig_make_stream("video", 16);
  MgBuffer *buffer = mg_buffer_new(stream, 1);
  buffer->pts = buffer->dts = 0;
  buffer->flags = MG_BUFFER_KEY;
  mg_push(mg_port_new(node, stream), buffer);
  return TRUE;
}

#define ORIGIN(how)                                                                                \
  {                                                                                                \
    .size = sizeof(MgNodeClass), .name = "origin", .help = "gives one buffer",                     \
    .role = MG_ROLE_SOURCE, .run = how, .gives = { MG_MEDIA_VIDEO, MG_FORM_PACKET, NULL },         \
    .open = origin_open, .drain = fake_drain, .close = fake_close,                                 \
  }

const MgNodeClass rig_origin[3] = { ORIGIN(MG_RUN_POOL), ORIGIN(MG_RUN_INLINE),
                                    ORIGIN(MG_RUN_OWN) };

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
