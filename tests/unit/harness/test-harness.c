#include <mediagraph/harness.h>

#include <string.h>

/* --- a node to test ------------------------------------------------------------------------------ */

typedef struct {
  char *label;
} Item;

/* Passes buffers on, into an output "copy" of each input; does as its properties say. */
typedef struct {
  gboolean fails_open;
  gboolean needs_clock;
  char *dir;
  Item *items;
  guint n_items;
  MgPort *out;
  MgTimer timer;
  guint n_processed;
} Probe;

static const MgProp props[] = {
  MG_PROP_BOOL(Probe, fails_open, "no", 0, "fail in open"),
  MG_PROP_BOOL(Probe, needs_clock, "no", 0, "use the clock service"),
  MG_PROP_STRING(Probe, dir, NULL, MG_PROP_TEMPLATE, "somewhere"),
  { 0 },
};

static const MgProp item_props[] = {
  MG_PROP_STRING(Item, label, NULL, 0, "its name"),
  { 0 },
};

static const MgChildKind children[] = {
  MG_CHILD(Probe, "item", items, n_items, Item, item_props, 0, 8, "an item"),
  { 0 },
};

/* What the test sees of calls: one word each. */
static GString *calls;

static void
note(const char *call)
{
  g_string_append_printf(calls, "%s%s", calls->len > 0 ? " " : "", call);
}

static void
fail_later(gpointer data)
{
  mg_node_fail(data, g_error_new_literal(MG_ERROR, MG_ERROR_LIMIT, "the timer rang"));
}

typedef struct {
  gint64 (*read)(gpointer impl);
} Clock;

static gboolean
probe_open(MgNode *node, GError **error)
{
  Probe *self = mg_node_self(node);
  note("open");
  mg_timer_init(&self->timer, fail_later, node);
  if (self->fails_open)
    g_set_error_literal(error, MG_ERROR, MG_ERROR_DENIED, "told to fail");
  if (self->fails_open || !self->needs_clock)
    return !self->fails_open;
  gpointer impl;
  const Clock *clock = mg_service_find(node, "clock", &impl, error);
  if (clock != NULL)
    mg_counter_set(mg_counter(node, "clock", "what it said"), (guint64) clock->read(impl));
  return clock != NULL;
}

static gboolean
probe_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error)
{
  Probe *self = mg_node_self(node);
  note("stream");
  MgStreamInfo info = *mg_stream_info(stream);
  if (info.width == 13) {
    g_set_error_literal(error, MG_ERROR, MG_ERROR_UNSUPPORTED, "13 is no width");
    return FALSE;
  }
  info.id = "copy";
  g_autoptr(MgStream) mine = mg_stream_new(&info);
  if (self->out == NULL)
    self->out = mg_port_new(node, mine);
  else
    mg_port_set_stream(self->out, mine);
  return TRUE;
}

static gboolean
probe_process(MgNode *node, MgPort *in, MgBuffer *taken, GError **error)
{
  g_autoptr(MgBuffer) buffer = taken;
  Probe *self = mg_node_self(node);
  mg_counter_add(mg_counter(node, "seen", "buffers"), 1);
  if (buffer->flags & MG_BUFFER_CORRUPT) {
    g_set_error_literal(error, MG_ERROR, MG_ERROR_INVALID, "a corrupt buffer");
    return FALSE;
  }
  if (self->n_processed++ == 99)
    mg_timer_start_in(&self->timer, MG_SECOND);
  MgBuffer *copy = mg_buffer_new_like(buffer, mg_port_stream(self->out));
  copy->duration = self->n_processed;
  mg_push(self->out, copy);
  return TRUE;
}

static void
probe_ended(MgNode *node, MgPort *in)
{
  note("ended");
}

static void
probe_drain(MgNode *node)
{
  note("drain");
}

static void
probe_close(MgNode *node)
{
  Probe *self = mg_node_self(node);
  mg_timer_stop(&self->timer);
  note("close");
}

static void
probe_pause(MgNode *node)
{
  note("pause");
}

static const MgNodeClass probe_class = {
  .size = sizeof(MgNodeClass),
  .name = "probe",
  .help = "passes buffers on",
  .instance_size = sizeof(Probe),
  .props = props,
  .children = children,
  .role = MG_ROLE_FILTER,
  .takes = { MG_MEDIA_ANY, MG_FORM_ANY, NULL },
  .gives = { MG_MEDIA_ANY, MG_FORM_ANY, NULL },
  .open = probe_open,
  .stream = probe_stream,
  .process = probe_process,
  .ended = probe_ended,
  .drain = probe_drain,
  .close = probe_close,
  .pause = probe_pause,
};

/* --- arranging ----------------------------------------------------------------------------------- */

static MgStream *
video(guint width)
{
  MgStreamInfo info = {
    .size = sizeof info,
    .id = "video",
    .media = MG_MEDIA_VIDEO,
    .form = MG_FORM_PACKET,
    .codec = MG_CODEC_H264,
    .width = width,
  };
  return mg_stream_new(&info);
}

static MgBuffer *
packet(MgStream *stream, MgTime dts, guint flags)
{
  MgBuffer *buffer = mg_buffer_new(stream, 1);
  buffer->pts = buffer->dts = dts;
  buffer->flags = flags;
  mg_buffer_append(buffer, mg_data_new_copy("x", 1), 0, 1);
  return buffer;
}

typedef struct {
  MgHarness *h;
  MgStream *stream;
  MgPort *in;
} Fixture;

static void
setup(Fixture *f, gconstpointer attributes)
{
  GError *error = NULL;
  calls = g_string_new(NULL);
  f->h = mg_harness_new(&probe_class, attributes, &error);
  g_assert_no_error(error);
  f->stream = video(16);
  f->in = mg_harness_stream(f->h, f->stream, &error);
  g_assert_no_error(error);
}

static void
teardown(Fixture *f, gconstpointer unused)
{
  mg_stream_unref(f->stream);
  mg_harness_free(f->h);
  g_string_free(calls, TRUE);
}

static void
push(Fixture *f, MgTime dts, guint flags)
{
  GError *error = NULL;
  mg_harness_push(f->h, f->in, packet(f->stream, dts, flags), &error);
  g_assert_no_error(error);
}

static void
assert_pulls(Fixture *f, MgTime dts, guint flags, MgTime duration)
{
  g_autoptr(MgBuffer) buffer = mg_harness_pull(f->h, "copy");
  g_assert_nonnull(buffer);
  g_assert_cmpint(buffer->dts, ==, dts);
  g_assert_cmphex(buffer->flags, ==, flags);
  g_assert_cmpint(buffer->duration, ==, duration);
}

/* --- opening ------------------------------------------------------------------------------------- */

static void
assert_refuses(const char *attributes, MgError code, const char *message)
{
  g_autoptr(GError) error = NULL;
  calls = g_string_new(NULL);
  g_assert_null(mg_harness_new(&probe_class, attributes, &error));
  g_assert_error(error, MG_ERROR, (gint) code);
  g_assert_nonnull(strstr(error->message, message));
  g_string_free(calls, TRUE);
}

static void
test_values(void)
{
  assert_refuses("fails-open='maybe'", MG_ERROR_INVALID, "maybe");
  assert_refuses("fails-opne='yes'", MG_ERROR_INVALID, "fails-opne");
  assert_refuses("dir=", MG_ERROR_INVALID, "test:1");
}

static void
test_open_fails(void)
{
  assert_refuses("fails-open='yes'", MG_ERROR_DENIED, "told to fail");
}

static void
test_variables(Fixture *f, gconstpointer unused)
{
  const Probe *self = mg_node_self(mg_harness_node(f->h));
  g_assert_cmpstr(self->dir, ==, "/live/test");
}

static void
test_children(Fixture *f, gconstpointer unused)
{
  const Probe *self = mg_node_self(mg_harness_node(f->h));
  g_assert_cmpuint(self->n_items, ==, 2);
  g_assert_cmpstr(self->items[1].label, ==, "b");
}

static gint64
read_clock(gpointer impl)
{
  return *(gint64 *) impl;
}

static void
test_service(void)
{
  static const Clock clock = { read_clock };
  gint64 hour = 17;
  calls = g_string_new(NULL);
  mg_harness_use_service("clock", &clock, &hour);
  g_autoptr(MgHarness) h = mg_harness_new(&probe_class, "needs-clock='yes'", NULL);
  g_assert_nonnull(h);
  g_assert_cmpuint(mg_harness_counter(h, "clock"), ==, 17);
  g_clear_pointer(&h, mg_harness_free);
  g_string_free(calls, TRUE);
  /* It was for one harness only. */
  assert_refuses("needs-clock='yes'", MG_ERROR_UNSUPPORTED, "<clock/>");
}

static void
test_state_dir(void)
{
  calls = g_string_new(NULL);
  mg_harness_use_state_dir("/tmp/state");
  g_autoptr(MgHarness) h = mg_harness_new(&probe_class, NULL, NULL);
  MgSession *session = mg_node_session(mg_harness_node(h));
  g_assert_cmpstr(mg_session_state_dir(session), ==, "/tmp/state");
  g_assert_cmpstr(mg_session_name(session, "app"), ==, "live");
  g_assert_cmpstr(mg_session_name(session, "stream"), ==, "test");
  g_clear_pointer(&h, mg_harness_free);
  h = mg_harness_new(&probe_class, NULL, NULL);
  g_assert_null(mg_session_state_dir(mg_node_session(mg_harness_node(h))));
  g_clear_pointer(&h, mg_harness_free);
  g_string_free(calls, TRUE);
}

/* --- feeding ------------------------------------------------------------------------------------- */

static void
test_pass(Fixture *f, gconstpointer unused)
{
  push(f, 1, 0); /* not a key frame */
  push(f, 2, MG_BUFFER_KEY);
  push(f, 3, 0);
  assert_pulls(f, 2, MG_BUFFER_KEY | MG_BUFFER_DISCONT, 1);
  assert_pulls(f, 3, 0, 2);
  g_assert_null(mg_harness_pull(f->h, "copy"));
  g_assert_null(mg_harness_pull(f->h, "other"));
  g_assert_cmpuint(mg_harness_counter(f->h, "seen"), ==, 2);
  g_assert_cmpuint(mg_harness_counter(f->h, "not-taken"), ==, 1);
  g_assert_cmpuint(mg_harness_counter(f->h, "unheard-of"), ==, 0);
}

static void
test_refuse(Fixture *f, gconstpointer unused)
{
  g_autoptr(MgStream) bad = video(13), good = video(32);
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_harness_stream(f->h, bad, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_UNSUPPORTED);
  g_assert_true(mg_harness_is_open(f->h));
  g_assert_true(mg_harness_stream(f->h, good, NULL) == f->in);
  g_assert_cmpuint(mg_stream_info(mg_harness_output(f->h, "copy"))->width, ==, 32);
  g_assert_null(mg_harness_output(f->h, "video"));
}

/* It has something to put away. */
static void
test_refuse_later(Fixture *f, gconstpointer unused)
{
  g_autoptr(MgStream) bad = video(13);
  g_assert_null(mg_harness_stream(f->h, bad, NULL));
  mg_harness_end(f->h, f->in);
  g_assert_cmpstr(calls->str, ==, "open stream stream ended");
}

static void
test_refuse_at_once(void)
{
  calls = g_string_new(NULL);
  g_autoptr(MgHarness) h = mg_harness_new(&probe_class, NULL, NULL);
  g_autoptr(MgStream) bad = video(13);
  g_assert_null(mg_harness_stream(h, bad, NULL));
  mg_harness_drain(h);
  g_assert_cmpstr(calls->str, ==, "open stream drain close");
  g_string_free(calls, TRUE);
}

static void
test_end(Fixture *f, gconstpointer unused)
{
  mg_harness_pause(f->h);
  mg_harness_end(f->h, f->in);
  g_assert_false(mg_harness_output_has_ended(f->h, "copy"));
  mg_harness_drain(f->h);
  g_assert_true(mg_harness_output_has_ended(f->h, "copy"));
  g_assert_cmpstr(calls->str, ==, "open stream pause ended drain close");
  g_assert_false(mg_harness_is_open(f->h));
}

static void
test_free_drains(void)
{
  calls = g_string_new(NULL);
  mg_harness_free(mg_harness_new(&probe_class, NULL, NULL));
  g_assert_cmpstr(calls->str, ==, "open drain close");
  g_string_free(calls, TRUE);
}

/* --- failing ------------------------------------------------------------------------------------- */

static void
test_process_fails(Fixture *f, gconstpointer unused)
{
  g_autoptr(GError) error = NULL;
  push(f, 1, MG_BUFFER_KEY);
  MgBuffer *bad = packet(f->stream, 2, MG_BUFFER_CORRUPT);
  g_assert_false(mg_harness_push(f->h, f->in, bad, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_false(mg_harness_is_open(f->h));
  g_assert_cmpstr(calls->str, ==, "open stream close");
  mg_harness_advance(f->h, MG_SECOND);
  g_assert_true(mg_harness_is_open(f->h));
  g_assert_cmpstr(calls->str, ==, "open stream close open stream");
  push(f, 3, 0);
  push(f, 4, MG_BUFFER_KEY);
  assert_pulls(f, 1, MG_BUFFER_KEY | MG_BUFFER_DISCONT, 1);
  assert_pulls(f, 4, MG_BUFFER_KEY | MG_BUFFER_DISCONT, 1); /* the count began anew */
}

static void
test_fails_later(Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < 100; i++)
    push(f, i, MG_BUFFER_KEY);
  mg_harness_advance(f->h, MG_SECOND - 1);
  g_assert_true(mg_harness_is_open(f->h));
  mg_harness_advance(f->h, 1);
  g_assert_false(mg_harness_is_open(f->h));
  g_assert_cmpuint(mg_harness_counter(f->h, "failures"), ==, 1);
}

static void
test_reopen(Fixture *f, gconstpointer unused)
{
  push(f, 1, MG_BUFFER_KEY);
  g_assert_true(mg_harness_reopen(f->h, NULL));
  g_assert_cmpstr(calls->str, ==, "open stream close open stream");
  push(f, 2, MG_BUFFER_KEY);
  assert_pulls(f, 1, MG_BUFFER_KEY | MG_BUFFER_DISCONT, 1);
  assert_pulls(f, 2, MG_BUFFER_KEY | MG_BUFFER_DISCONT, 1);
}

/* It was about to be opened again. */
static void
test_drain_while_waiting(Fixture *f, gconstpointer unused)
{
  MgBuffer *bad = packet(f->stream, 2, MG_BUFFER_KEY | MG_BUFFER_CORRUPT);
  g_assert_false(mg_harness_push(f->h, f->in, bad, NULL));
  mg_harness_drain(f->h);
  mg_harness_advance(f->h, 60 * MG_SECOND);
  g_assert_cmpstr(calls->str, ==, "open stream close");
}

/* Tries are further and further apart, up to half a minute; a node that worked for long begins anew. */
static void
test_back_off(void)
{
  static const guint delays_ms[] = { 100,  200,   400,   800,   1600, 3200,
                                     6400, 12800, 25600, 30000, 30000 };
  Fixture f;
  setup(&f, NULL);
  for (guint i = 0; i < G_N_ELEMENTS(delays_ms); i++) {
    MgBuffer *bad = packet(f.stream, 2, MG_BUFFER_KEY | MG_BUFFER_CORRUPT);
    g_assert_false(mg_harness_push(f.h, f.in, bad, NULL));
    mg_harness_advance(f.h, delays_ms[i] * MG_MILLISECOND * 3 / 4 - 1);
    g_assert_false(mg_harness_is_open(f.h));
    mg_harness_advance(f.h, delays_ms[i] * MG_MILLISECOND / 2 + 1);
    g_assert_true(mg_harness_is_open(f.h));
  }
  mg_harness_advance(f.h, 31 * MG_SECOND);
  MgBuffer *bad = packet(f.stream, 2, MG_BUFFER_KEY | MG_BUFFER_CORRUPT);
  g_assert_false(mg_harness_push(f.h, f.in, bad, NULL));
  mg_harness_advance(f.h, 125 * MG_MILLISECOND);
  g_assert_true(mg_harness_is_open(f.h));
  teardown(&f, NULL);
}

/* --- time ---------------------------------------------------------------------------------------- */

typedef struct {
  MgTimer timer;
  GArray *rang; /* of MgTime */
} Bell;

static void
ring(gpointer data)
{
  Bell *bell = data;
  MgTime now = mg_now();
  g_array_append_val(bell->rang, now);
}

static void
test_time(Fixture *f, gconstpointer unused)
{
  MgTime start = mg_now();
  gint64 utc_us = mg_utc_now_us();
  g_assert_cmpint(mg_utc_steady_us(), ==, utc_us);
  g_autoptr(GArray) rang = g_array_new(FALSE, FALSE, sizeof(MgTime));
  Bell late = { .rang = rang }, early = { .rang = rang };
  mg_timer_init(&late.timer, ring, &late);
  mg_timer_init(&early.timer, ring, &early);
  mg_timer_start_in(&late.timer, 30 * MG_MILLISECOND);
  mg_timer_start_in(&early.timer, 10 * MG_MILLISECOND);
  mg_harness_run(f->h);
  g_assert_cmpuint(rang->len, ==, 0);
  mg_harness_advance(f->h, 40 * MG_MILLISECOND);
  g_assert_cmpuint(rang->len, ==, 2);
  g_assert_cmpint(g_array_index(rang, MgTime, 0), ==, start + 10 * MG_MILLISECOND);
  g_assert_cmpint(g_array_index(rang, MgTime, 1), ==, start + 30 * MG_MILLISECOND);
  g_assert_cmpint(mg_now(), ==, start + 40 * MG_MILLISECOND);
  g_assert_cmpint(mg_utc_now_us(), ==, utc_us + 40000);
  mg_harness_step_utc(f->h, -60 * G_USEC_PER_SEC);
  g_assert_cmpint(mg_now(), ==, start + 40 * MG_MILLISECOND);
  g_assert_cmpint(mg_utc_now_us(), ==, utc_us + 40000 - 60 * G_USEC_PER_SEC);
  g_assert_cmpint(mg_utc_steady_us(), ==, utc_us + 40000);
}

static void
test_two(Fixture *f, gconstpointer unused)
{
  g_autoptr(MgHarness) second = mg_harness_new(&probe_class, NULL, NULL);
  MgPort *in = mg_harness_stream(second, f->stream, NULL);
  push(f, 1, MG_BUFFER_KEY);
  g_autoptr(MgBuffer) first_out = mg_harness_pull(f->h, "copy");
  g_assert_true(mg_harness_push(second, in, g_steal_pointer(&first_out), NULL));
  g_autoptr(MgBuffer) out = mg_harness_pull(second, "copy");
  g_assert_cmpint(out->dts, ==, 1);
  MgTime before = mg_now();
  mg_harness_advance(second, MG_SECOND);
  mg_harness_advance(f->h, MG_SECOND);
  g_assert_cmpint(mg_now(), ==, before + 2 * MG_SECOND);
}

/* --- other roles --------------------------------------------------------------------------------- */

typedef struct {
  MgTimer timer;
  MgPort *out;
} Beeper;

static void
beep(gpointer data)
{
  Beeper *self = mg_node_self(data);
  mg_push(self->out, packet(mg_port_stream(self->out), mg_now(), 0));
  mg_timer_start_in(&self->timer, MG_SECOND);
}

static gboolean
beeper_open(MgNode *node, GError **error)
{
  Beeper *self = mg_node_self(node);
  g_autoptr(MgStream) stream = video(1);
  self->out = mg_port_new(node, stream);
  mg_timer_init(&self->timer, beep, node);
  mg_timer_start_in(&self->timer, MG_SECOND);
  return TRUE;
}

static void
beeper_close(MgNode *node)
{
  mg_timer_stop(&((Beeper *) mg_node_self(node))->timer);
}

static const MgNodeClass beeper_class = {
  .size = sizeof(MgNodeClass),
  .name = "beeper",
  .help = "beeps every second",
  .instance_size = sizeof(Beeper),
  .role = MG_ROLE_SOURCE,
  .gives = { MG_MEDIA_ANY, MG_FORM_ANY, NULL },
  .open = beeper_open,
  .close = beeper_close,
};

static void
test_source(void)
{
  g_autoptr(MgHarness) h = mg_harness_new(&beeper_class, NULL, NULL);
  mg_harness_advance(h, 2 * MG_SECOND);
  for (guint i = 0; i < 2; i++) {
    g_autoptr(MgBuffer) buffer = mg_harness_pull(h, "video");
    g_assert_nonnull(buffer);
  }
  g_assert_null(mg_harness_pull(h, "video"));
}

static const MgNodeClass listener_class = {
  .size = sizeof(MgNodeClass),
  .name = "doorman",
  .help = "lets the test in",
  .role = MG_ROLE_LISTENER,
  .gives = { MG_MEDIA_ANY, MG_FORM_ANY, NULL },
};

static void
evicted(gpointer data, const char *reason)
{
  *(guint *) data += 1;
}

static void
test_listener(void)
{
  static const MgPublisherEvents events = { evicted };
  guint n_evicted = 0;
  g_autoptr(MgHarness) h = mg_harness_new(&listener_class, NULL, NULL);
  MgNode *node = mg_harness_node(h);
  g_assert_null(mg_node_session(node));
  MgSession *session = mg_session_claim(node, "live", "studio", NULL);
  MgPublication *publication =
      mg_session_attach(session, node, "192.0.2.7:1", &events, &n_evicted, NULL);
  g_autoptr(MgStream) stream = video(16);
  mg_push(mg_publication_add(publication, stream), packet(stream, 5, MG_BUFFER_KEY));
  g_autoptr(MgBuffer) buffer = mg_harness_pull(h, "video");
  g_assert_cmpint(buffer->dts, ==, 5);
  mg_session_unref(session);
  g_clear_pointer(&buffer, mg_buffer_unref);
  g_clear_pointer(&stream, mg_stream_unref);
  g_clear_pointer(&h, mg_harness_free);
  g_assert_cmpuint(n_evicted, ==, 1);
}

static MgPublication *
attach(MgHarness *h, guint *n_evicted)
{
  static const MgPublisherEvents events = { evicted };
  MgNode *node = mg_harness_node(h);
  MgSession *session = mg_session_claim(node, "live", "studio", NULL);
  MgPublication *publication = mg_session_attach(session, node, "peer", &events, n_evicted, NULL);
  mg_session_unref(session);
  return publication;
}

static void
declare(MgPublication *publication, const char *id, MgMedia media)
{
  MgStreamInfo info = { .size = sizeof info, .id = id, .media = media, .form = MG_FORM_PACKET };
  g_autoptr(MgStream) stream = mg_stream_new(&info);
  mg_publication_add(publication, stream);
}

/* A node may look at its outputs, and end them, as late as in close(). */
static void
end_in_close(MgNode *node)
{
  Probe *self = mg_node_self(node);
  g_assert_nonnull(mg_port_stream(self->out));
  mg_push(self->out, packet(mg_port_stream(self->out), 9, 0)); /* to nobody */
  mg_port_end(self->out);
  probe_close(node);
}

static void
test_outputs_in_close(void)
{
  static MgNodeClass class;
  class = probe_class;
  class.close = end_in_close;
  calls = g_string_new(NULL);
  g_autoptr(MgHarness) h = mg_harness_new(&class, NULL, NULL);
  g_autoptr(MgStream) stream = video(16);
  mg_harness_stream(h, stream, NULL);
  mg_harness_drain(h);
  g_assert_true(mg_harness_output_has_ended(h, "copy"));
  g_assert_null(mg_harness_pull(h, "copy"));
  g_assert_cmpstr(calls->str, ==, "open stream ended drain close");
  g_string_free(calls, TRUE);
}

/* A publisher who comes back with fewer tracks: those that are missing end after a while. */
static void
test_missing_track(void)
{
  guint n_evicted = 0;
  g_autoptr(MgHarness) h = mg_harness_new(&listener_class, NULL, NULL);
  MgPublication *publication = attach(h, &n_evicted);
  declare(publication, "video", MG_MEDIA_VIDEO);
  declare(publication, "audio", MG_MEDIA_AUDIO);
  mg_publication_end(publication, "gone");
  publication = attach(h, &n_evicted);
  mg_harness_advance(h, 20 * MG_SECOND); /* it has said nothing yet */
  g_assert_false(mg_harness_output_has_ended(h, "video"));
  declare(publication, "video", MG_MEDIA_VIDEO);
  g_assert_false(mg_harness_output_has_ended(h, "audio"));
  mg_harness_advance(h, 5 * MG_SECOND);
  g_assert_true(mg_harness_output_has_ended(h, "audio"));
  g_assert_false(mg_harness_output_has_ended(h, "video"));
  declare(publication, "audio", MG_MEDIA_AUDIO);
  g_assert_false(mg_harness_output_has_ended(h, "audio"));
  mg_publication_end(publication, "gone");
  mg_harness_advance(h, 9 * MG_SECOND);
  g_assert_false(mg_harness_output_has_ended(h, "video"));
  mg_harness_advance(h, MG_SECOND); /* linger is over */
  g_assert_true(mg_harness_output_has_ended(h, "video"));
}

/* The timeline goes on by what has passed since the last publisher. */
static void
test_base(void)
{
  guint n_evicted = 0;
  g_autoptr(MgHarness) h = mg_harness_new(&listener_class, NULL, NULL);
  MgPublication *publication = attach(h, &n_evicted);
  g_autoptr(MgStream) stream = video(16);
  MgPort *port = mg_publication_add(publication, stream);
  MgBuffer *buffer = packet(stream, 10 * MG_SECOND, MG_BUFFER_KEY);
  buffer->duration = 40 * MG_MILLISECOND;
  mg_push(port, buffer);
  mg_publication_end(publication, "gone");
  mg_harness_advance(h, 3 * MG_SECOND);
  publication = attach(h, &n_evicted);
  g_assert_cmpint(mg_publication_base(publication), ==, 13040 * MG_MILLISECOND);
}

static gboolean
offer_clock(MgNode *node, GError **error)
{
  static const Clock clock = { read_clock };
  return mg_service_offer(node, "clock", &clock, mg_node_self(node), error);
}

static const MgNodeClass clock_class = {
  .size = sizeof(MgNodeClass),
  .name = "clock",
  .help = "tells the time",
  .instance_size = sizeof(gint64),
  .role = MG_ROLE_SERVICE,
  .open = offer_clock,
};

static void
test_service_under_test(void)
{
  g_autoptr(MgHarness) h = mg_harness_new(&clock_class, NULL, NULL);
  gpointer impl;
  const Clock *clock = mg_service_find(mg_harness_node(h), "clock", &impl, NULL);
  g_assert_nonnull(clock);
  g_assert_cmpint(clock->read(impl), ==, 0);
}

/* --- leaks --------------------------------------------------------------------------------------- */

#ifdef NDEBUG
enum { COUNTS_LEAKS = FALSE };
#else
enum { COUNTS_LEAKS = TRUE };
#endif

static void
leak(void)
{
  MgHarness *h = mg_harness_new(&beeper_class, NULL, NULL);
  mg_harness_advance(h, MG_SECOND);
  G_GNUC_UNUSED MgBuffer *lost = mg_harness_pull(h, "video");
  mg_harness_free(h);
}

static void
test_leak(void)
{
  if (!COUNTS_LEAKS) {
    g_test_skip("leaks are counted in debug builds only");
    return;
  }
  if (g_test_subprocess()) {
    leak();
    return;
  }
  g_test_trap_subprocess(NULL, 0, 0);
  g_test_trap_assert_failed();
  g_test_trap_assert_stderr("*1 data blocks, 1 buffers, 1 streams*");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, attributes, test)                                                                \
  g_test_add("/harness/" name, Fixture, attributes, setup, test, teardown)
  g_test_add_func("/harness/open/bad-values-are-errors", test_values);
  g_test_add_func("/harness/open/its-error-is-returned", test_open_fails);
  ADD("open/variables-are-those-of-the-session", "dir='/${app}/${stream}'", test_variables);
  ADD("open/a-whole-element-has-children", "<probe><item label='a'/><item label='b'/></probe>",
      test_children);
  g_test_add_func("/harness/open/finds-the-service-it-was-given", test_service);
  g_test_add_func("/harness/open/has-the-state-folder-it-was-given", test_state_dir);
  ADD("feed/flows-from-a-key-frame-on", NULL, test_pass);
  ADD("feed/a-refused-stream-is-an-error", NULL, test_refuse);
  ADD("feed/a-track-refused-later-is-told-its-end", NULL, test_refuse_later);
  g_test_add_func("/harness/feed/a-track-refused-at-once-is-not", test_refuse_at_once);
  ADD("feed/ends-in-flow-order", NULL, test_end);
  g_test_add_func("/harness/free-drains-and-closes", test_free_drains);
  ADD("fail/process-closes-and-opens-anew", NULL, test_process_fails);
  ADD("fail/a-timer-may-fail-the-node", NULL, test_fails_later);
  ADD("fail/reopen-starts-from-nothing", NULL, test_reopen);
  ADD("fail/drain-ends-the-tries", NULL, test_drain_while_waiting);
  g_test_add_func("/harness/fail/tries-are-further-and-further-apart", test_back_off);
  g_test_add_func("/harness/outputs-last-until-close", test_outputs_in_close);
  ADD("time/stands-still-until-it-is-moved", NULL, test_time);
  ADD("time/is-shared-by-two", NULL, test_two);
  g_test_add_func("/harness/roles/a-source-runs", test_source);
  g_test_add_func("/harness/roles/a-listener-publishes", test_listener);
  g_test_add_func("/harness/roles/a-service-is-found", test_service_under_test);
  g_test_add_func("/harness/publisher/missing-tracks-end", test_missing_track);
  g_test_add_func("/harness/publisher/time-goes-on-after-a-reconnect", test_base);
  g_test_add_func("/harness/leaks-abort-the-test", test_leak);
#undef ADD
  return g_test_run();
}
