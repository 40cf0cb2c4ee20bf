#include "player.h"

#include <string.h>

void
player_init(Player *p, const PlayerOutput *output, gpointer user, guint32 stream_id)
{
  *p = (Player){ .output = output, .user = user, .stream_id = stream_id, .waits_for_key = TRUE };
}

void
player_clear(Player *p)
{
  for (guint i = 0; i < PLAY_TRACKS; i++) {
    g_clear_pointer(&p->said[FALSE][i], mg_stream_unref);
    g_clear_pointer(&p->said[TRUE][i], mg_stream_unref);
  }
}

/* --- what it is sent --------------------------------------------------------------------------- */

static gboolean
can_have(const Player *p, const MgStream *stream)
{
  return stream != NULL && p->output->decodes(p->user, mg_stream_info(stream)->codec);
}

gboolean
player_fits(const Player *p, const PlayFacts *facts)
{
  gboolean is_unknown = facts->video == NULL && facts->audio == NULL;
  return is_unknown || can_have(p, facts->video) || can_have(p, facts->audio);
}

static void
send(Player *p, const MgWriter *out)
{
  if (out->size > 0)
    p->output->write_bytes(p->user, out->data, out->size);
}

static void
send_config(Player *p, MgStream *stream, guint8 track, guint32 stamp_ms)
{
  MgStream **said = &p->said[mg_stream_info(stream)->media == MG_MEDIA_VIDEO][track];
  gboolean is_same = *said != NULL && mg_stream_same_parameters(*said, stream);
  mg_stream_ref(stream);
  mg_stream_unref(*said);
  *said = stream;
  if (is_same)
    return;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  play_write_config(&out, stream, track, stamp_ms, p->stream_id);
  send(p, &out);
}

/* The headers are of message stream 1; who plays on another one gets a copy of them. */
static void
send_headers(Player *p, const MgSlice *first)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  const guint8 *bytes = mg_slice_bytes(first);
  mg_writer_bytes(&out, bytes, PLAY_STREAM_AT);
  mg_writer_le32(&out, p->stream_id);
  mg_writer_bytes(&out, bytes + PLAY_STREAM_AT + 4, first->size - PLAY_STREAM_AT - 4);
  send(p, &out);
}

static void
send_item(Player *p, const PlayItem *item)
{
  guint i = 0;
  if (item->stream != p->said[item->is_video][item->track])
    send_config(p, item->stream, item->track, item->stamp_ms);
  if (p->stream_id != 1)
    send_headers(p, &item->slices[i++]);
  for (; i < item->n; i++) {
    const MgSlice *s = &item->slices[i];
    p->output->write(p->user, s->data, s->offset, s->size);
  }
}

void
player_push_metadata(Player *p, const PlayFacts *facts, guint32 stamp_ms)
{
  if (facts->metadata == NULL)
    return;
  g_auto(MgWriter) out = MG_WRITER_INIT;
  MgRtmpChunkWriter writer = { .chunk_size = RTMP_PLAY_CHUNK_BYTES };
  MgRtmpMessage m = {
    .csid = PLAY_DATA_CSID,
    .timestamp = stamp_ms,
    .stream_id = p->stream_id,
    .type = MG_RTMP_DATA,
    .data = facts->metadata->bytes,
    .size = facts->metadata->size,
  };
  mg_rtmp_chunk_write(&writer, &out, &m);
  send(p, &out);
}

/* --- what it is not sent ----------------------------------------------------------------------- */

/* Each further video begins with a key frame of its own, once the first one has begun. */
static gboolean
misses_track(Player *p, const PlayItem *item)
{
  guint bit = 1u << item->track;
  if (item->is_key)
    p->begun |= bit;
  return (p->begun & bit) == 0;
}

/* Sound waits for the picture, if there is one to come. */
static gboolean
misses(Player *p, const PlayFacts *facts, const PlayItem *item)
{
  gboolean has_video = !p->wish.no_video && can_have(p, facts->video);
  if (item->is_video && item->track == 0 && p->waits_for_key && item->is_key && has_video)
    p->waits_for_key = p->was_late = FALSE;
  if (p->waits_for_key)
    p->begun = 0;
  if (!p->waits_for_key && item->is_video && item->track > 0)
    return misses_track(p, item);
  return p->waits_for_key && (item->is_video || has_video);
}

void
player_push(Player *p, const PlayFacts *facts, const PlayItem *item)
{
  if (item->is_video ? p->wish.no_video : p->wish.no_audio)
    return;
  if (p->wish.is_paused || !can_have(p, item->stream))
    return;
  if (item->track > 0 && !p->output->takes_tracks(p->user))
    return;
  if (p->is_late || misses(p, facts, item))
    p->dropped += p->was_late;
  else
    send_item(p, item);
}

void
player_want(Player *p, const RtmpPlayWish *wish)
{
  gboolean had_video = !p->wish.is_paused && !p->wish.no_video;
  p->waits_for_key |= !had_video;
  p->wish = *wish;
}

gsize
player_queued(const Player *p)
{
  return p->output->queued(p->user);
}

void
player_look(Player *p, MgTime now)
{
  gsize queued = player_queued(p);
  if (queued == 0) {
    p->empty_at = now;
    p->is_late = FALSE;
    return;
  }
  if (p->is_late)
    return;
  p->is_late = queued > PLAYER_QUEUE_BYTES || now - p->empty_at > PLAYER_QUEUE_TIME;
  p->waits_for_key |= p->is_late;
  p->was_late |= p->is_late;
}

static void
send_more_configs(Player *p, const PlayFacts *facts, guint32 stamp_ms)
{
  if (!p->output->takes_tracks(p->user))
    return;
  for (guint kind = 0; kind < 2; kind++)
    for (guint8 track = 1; track < PLAY_TRACKS; track++)
      if (can_have(p, facts->more[kind][track]))
        send_config(p, facts->more[kind][track], track, stamp_ms);
}

void
player_start(Player *p, const PlayFacts *facts, const PlayCache *cache, MgTime now)
{
  const PlayItem *first = cache->items->len > 0 ? g_ptr_array_index(cache->items, 0) : NULL;
  guint32 stamp_ms = first != NULL ? first->stamp_ms : 0;
  p->empty_at = now;
  player_push_metadata(p, facts, stamp_ms);
  if (can_have(p, facts->video))
    send_config(p, facts->video, 0, stamp_ms);
  if (can_have(p, facts->audio))
    send_config(p, facts->audio, 0, stamp_ms);
  send_more_configs(p, facts, stamp_ms);
  for (guint i = 0; i < cache->items->len; i++)
    player_push(p, facts, g_ptr_array_index(cache->items, i));
}
