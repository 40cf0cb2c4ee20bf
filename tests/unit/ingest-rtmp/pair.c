#include "pair.h"

#include <string.h>

void
pair_init(Pair *p, const char *app)
{
  static const guint8 random[MG_RTMP_HANDSHAKE_BYTES] = { 9, 9 };
  *p = (Pair){ .config = { .app = app, .chunk_size = 4096 } };
  p->server = rtmp_server_new(&p->config, random);
  p->client = mg_rtmp_client_new();
  p->events = g_string_new(NULL);
  p->raw = g_byte_array_new();
}

void
pair_clear(Pair *p)
{
  rtmp_server_free(p->server);
  mg_rtmp_client_free(p->client);
  g_string_free(p->events, TRUE);
  g_byte_array_unref(p->raw);
  g_clear_error(&p->error);
}

static void
answer_connect(Pair *p)
{
  const MgRtmpName *name = rtmp_server_name(p->server);
  g_string_append_printf(p->events, "connect %s?%s\n", name->app, name->query);
  if (p->answer == PAIR_ACCEPTS)
    rtmp_server_accept_connect(p->server);
  else
    rtmp_server_reject_connect(p->server, "Not today.");
}

static void
answer(Pair *p)
{
  const MgRtmpName *name = rtmp_server_name(p->server);
  g_string_append_printf(p->events, "publish %s/%s%s%s\n", name->app, name->stream,
                         *name->query ? "?" : "", name->query);
  if (p->answer == PAIR_ACCEPTS)
    rtmp_server_accept(p->server);
  else
    rtmp_server_refuse(p->server, "NetStream.Publish.Denied", "Not today.");
}

static void
answer_play(Pair *p)
{
  const MgRtmpName *name = rtmp_server_name(p->server);
  g_string_append_printf(p->events, "play %s/%s\n", name->app, name->stream);
  if (p->answer == PAIR_ACCEPTS)
    rtmp_server_accept_play(p->server);
  else
    rtmp_server_refuse(p->server, "NetStream.Play.StreamNotFound", "Not today.");
}

static void
note_wish(Pair *p)
{
  const RtmpPlayWish *wish = rtmp_server_wish(p->server);
  g_string_append_printf(p->events, "wish%s%s%s\n", wish->is_paused ? " paused" : "",
                         wish->no_audio ? " no-audio" : "", wish->no_video ? " no-video" : "");
}

static void
note_message(Pair *p, const char *name, MgRtmpMessage *m)
{
  g_string_append_printf(p->events, "%s %u %" G_GSIZE_FORMAT "\n", name, m->timestamp, m->size);
  g_byte_array_set_size(p->raw, 0);
  if (m->size > 0)
    g_byte_array_append(p->raw, m->data, (guint) m->size);
  g_free(m->block);
}

static gboolean
note(Pair *p, RtmpEvent *event)
{
  switch (event->kind) {
  case RTMP_EVENT_MORE:
  case RTMP_EVENT_ENCRYPTED: return FALSE;
  case RTMP_EVENT_CONNECT: answer_connect(p); return p->answer == PAIR_ACCEPTS;
  case RTMP_EVENT_PUBLISH: answer(p); return p->answer == PAIR_ACCEPTS;
  case RTMP_EVENT_DATA: note_message(p, "data", &event->message); break;
  case RTMP_EVENT_AUDIO: note_message(p, "audio", &event->message); break;
  case RTMP_EVENT_VIDEO: note_message(p, "video", &event->message); break;
  case RTMP_EVENT_PLAY: answer_play(p); return p->answer == PAIR_ACCEPTS;
  case RTMP_EVENT_WISH: note_wish(p); break;
  case RTMP_EVENT_STOP: g_string_append(p->events, "stop\n"); break;
  case RTMP_EVENT_UNPUBLISH: g_string_append(p->events, "unpublish\n"); break;
  case RTMP_EVENT_FAILED: g_string_append(p->events, "failed\n"); return FALSE;
  }
  return TRUE;
}

void
pair_feed(Pair *p, const guint8 *bytes, gsize size)
{
  MgReader in = MG_READER(bytes, size);
  RtmpEvent event;
  do
    rtmp_server_next(p->server, &in, &event, p->error == NULL ? &p->error : NULL);
  while (note(p, &event));
  MgWriter *out = rtmp_server_output(p->server);
  if (out->size == 0)
    return;
  p->n_writes++;
  mg_rtmp_client_receive(p->client, out->data, out->size);
  mg_writer_reset(out);
}

void
pair_talk(Pair *p)
{
  MgWriter *out = mg_rtmp_client_output(p->client);
  while (out->size > 0 && p->error == NULL) {
    gsize size;
    g_autofree guint8 *bytes = mg_writer_steal(out, &size);
    gsize step = p->step > 0 ? p->step : size;
    for (gsize at = 0; at < size && p->error == NULL; at += step)
      pair_feed(p, bytes + at, MIN(step, size - at));
  }
}

void
pair_publish(Pair *p)
{
  mg_rtmp_client_begin(p->client, "live", "cam1");
  pair_talk(p);
  g_assert_no_error(p->error);
  g_assert_cmpstr(p->events->str, ==, "publish live/cam1\n");
  g_string_truncate(p->events, 0);
  mg_rtmp_client_forget(p->client);
  p->n_writes = 0;
}
