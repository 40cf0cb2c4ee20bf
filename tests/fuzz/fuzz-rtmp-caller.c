/*
 * Any bytes as what a server says after the handshake to one that calls it: to a publisher, and to a
 * player. They are read twice, whole and in pieces; both must come to the same events. What the first
 * byte says: which of the two, and how large the pieces are.
 */
#include "rtmp/caller.h"
#include "rtmp/error.h"
#include "rtmp/flv.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

typedef struct {
  MgRtmpCaller *caller;
  GChecksum *seen;
  GError *error;
  gboolean plays, has_started;
} Host;

static void
note(Host *h, MgRtmpCallerEvent *event)
{
  MgRtmpMessage *m = &event->message;
  const guint32 header[] = { event->kind, m->timestamp, (guint32) m->size };
  g_checksum_update(h->seen, (const guint8 *) header, sizeof header);
  if (m->size > 0)
    g_checksum_update(h->seen, m->data, (gssize) m->size);
  g_free(m->block);
}

/* A frame as soon as it may be sent. */
static void
send_frame(Host *h)
{
  static const guint8 frame[] = { 0x17, 1, 0, 0, 0, 0, 0, 0, 1, 0x65 };
  MgRtmpPiece piece = { frame, sizeof frame };
  h->has_started = TRUE;
  mg_rtmp_caller_codec(h->caller, MG_FLV_HEVC);
  mg_rtmp_caller_send(h->caller, MG_RTMP_VIDEO, 0, &piece, 1);
}

static void
feed(Host *h, const guint8 *data, gsize size)
{
  MgReader in = MG_READER(data, size);
  MgRtmpCallerEvent event;
  while (h->error == NULL &&
         mg_rtmp_caller_next(h->caller, &in, &event, &h->error) != MG_RTMP_CALLER_MORE) {
    g_assert((event.kind == MG_RTMP_CALLER_FAILED) == (h->error != NULL));
    g_assert(h->plays || event.kind == MG_RTMP_CALLER_STARTED ||
             event.kind == MG_RTMP_CALLER_FAILED);
    note(h, &event);
    if (event.kind == MG_RTMP_CALLER_STARTED && !h->has_started)
      send_frame(h);
  }
  g_assert(mg_rtmp_caller_output(h->caller)->size <= 8192 + 64 * size);
  mg_writer_reset(mg_rtmp_caller_output(h->caller));
}

/* Returned-owned: a checksum of what happened; NULL when memory decided that. */
static char *
call(const guint8 *data, gsize size, gboolean plays, gsize piece)
{
  static const guint8 hello[1 + 2 * MG_RTMP_HANDSHAKE_BYTES] = { 3 };
  static const guint32 video[] = { MG_FLV_HEVC, 0 };
  MgRtmpCallerConfig config = {
    .plays = plays,
    .app = "live",
    .stream = "cam?a=b",
    .tc_url = "rtmp://origin/live",
    .video = video,
    .chunk_size = 4096,
    .buffer_ms = 1000,
  };
  Host h = { .seen = g_checksum_new(G_CHECKSUM_MD5), .plays = plays };
  h.caller = mg_rtmp_caller_new(&config, hello);
  feed(&h, hello, sizeof hello);
  for (gsize at = 0; at < size && h.error == NULL; at += piece)
    feed(&h, data + at, MIN(piece, size - at));
  mg_rtmp_caller_end(h.caller);
  gboolean had_memory = !g_error_matches(h.error, MG_RTMP_ERROR, MG_RTMP_ERROR_MEMORY);
  char *sum = had_memory ? g_strdup(g_checksum_get_string(h.seen)) : NULL;
  mg_rtmp_caller_free(h.caller);
  g_checksum_free(h.seen);
  g_clear_error(&h.error);
  return sum;
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  if (size < 1)
    return 0;
  gboolean plays = data[0] & 1;
  g_autofree char *whole = call(data + 1, size - 1, plays, size);
  g_autofree char *in_pieces = call(data + 1, size - 1, plays, 1 + data[0] % 64);
  g_assert(whole == NULL || in_pieces == NULL || g_str_equal(whole, in_pieces));
  return 0;
}
