#include "media-fixture.h"

#include "graph/leaks.h"

/* --- the output -------------------------------------------------------------------------------- */

static void
note_stream(Fixture *f, const char *sign, MgStream *stream)
{
  g_autofree char *text = mg_stream_describe(stream);
  g_string_append_printf(f->said, "%s%s %s\n", mg_stream_info(stream)->id, sign, text);
  f->last_stream = stream;
}

static gpointer
add(MgStream *stream, gpointer user)
{
  Fixture *f = user;
  note_stream(f, "+", stream);
  g_assert_cmpuint(f->n_ports, <, MEDIA_MOST_PORTS);
  f->names[f->n_ports] = g_strdup(mg_stream_info(stream)->id);
  return f->names[f->n_ports++];
}

static void
change(gpointer port, MgStream *stream, gpointer user)
{
  g_assert_cmpstr(port, ==, mg_stream_info(stream)->id);
  note_stream(user, "=", stream);
}

static void
push(gpointer port, MgBuffer *buffer, gpointer user)
{
  Fixture *f = user;
  g_string_append_printf(
      f->said, "%s %g %g %s%s%s%" G_GSIZE_FORMAT "\n", (char *) port,
      (gdouble) buffer->dts / MG_MILLISECOND, (gdouble) buffer->pts / MG_MILLISECOND,
      buffer->flags & MG_BUFFER_KEY ? "K " : "", buffer->flags & MG_BUFFER_DISCONT ? "D " : "",
      buffer->flags & MG_BUFFER_DISPOSABLE ? "d " : "", buffer->size);
  g_assert_cmpint(buffer->arrival, >=, f->arrival);
  g_assert_cmpint(buffer->arrival, <=, f->now);
  f->arrival = buffer->arrival;
  mg_buffer_unref(f->last);
  f->last = buffer;
}

static const MediaOutput output = { add, change, push };

void
fixture_init(Fixture *f, MgTime base)
{
  *f = (Fixture){ .now = 100 * MG_SECOND, .said = g_string_new(NULL) };
  MediaSetup setup = { &output, f, base, NULL, "live/test" };
  f->media = media_new(&setup);
}

void
fixture_clear(Fixture *f)
{
  media_free(f->media);
  mg_buffer_unref(f->last);
  g_string_free(f->said, TRUE);
  for (guint i = 0; i < f->n_ports; i++)
    g_free(f->names[i]);
#ifndef NDEBUG
  for (guint i = 0; i < MG_LEAKS_KINDS; i++)
    g_assert_cmpint(mg_leaks_alive[i], ==, 0);
#endif
}

void
assert_said(Fixture *f, const char *expected)
{
  g_assert_cmpstr(f->said->str, ==, expected);
  g_string_truncate(f->said, 0);
}

void
assert_config(Fixture *f, gconstpointer bytes, gsize size)
{
  const MgData *config = mg_stream_info(f->last_stream)->config;
  g_assert_cmpmem(config->bytes, config->size, bytes, size);
}

void
assert_payload(Fixture *f, gconstpointer bytes, gsize size)
{
  g_autofree guint8 *payload = g_malloc(f->last->size);
  mg_buffer_copy_out(f->last, payload, f->last->size);
  g_assert_cmpmem(payload, f->last->size, bytes, size);
}

/* --- the input --------------------------------------------------------------------------------- */

void
take(Fixture *f, guint8 type, guint32 timestamp, const MgWriter *body)
{
  MgData *data = body->size > 0 ? mg_data_new_copy(body->data, body->size) : NULL;
  MgRtmpMessage m = { .type = type,
                      .timestamp = timestamp,
                      .data = data ? data->bytes : NULL,
                      .size = body->size,
                      .block = data };
  f->now += MG_MILLISECOND;
  if (type == MG_RTMP_VIDEO)
    media_take_video(f->media, &m, f->now);
  else if (type == MG_RTMP_AUDIO)
    media_take_audio(f->media, &m, f->now);
  else
    media_take_data(f->media, &m);
  g_assert_null(m.block);
}

void
take_bytes(Fixture *f, guint8 type, guint32 timestamp, gconstpointer bytes, gsize size)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_writer_bytes(&body, bytes, size);
  take(f, type, timestamp, &body);
}

guint64
dropped(Fixture *f)
{
  MediaStats stats;
  media_stats(f->media, &stats);
  return stats.dropped;
}

guint64
unknown(Fixture *f)
{
  MediaStats stats;
  media_stats(f->media, &stats);
  return stats.unknown;
}
