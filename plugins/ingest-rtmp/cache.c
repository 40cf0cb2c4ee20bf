#include "cache.h"

#include <rtmp/flv.h>

/* Beyond it a buffer is a message that nobody would take. */
enum { MOST_PAYLOAD_BYTES = 0xffffff - 64 };

/* --- messages ---------------------------------------------------------------------------------- */

static guint32
stamp_of(MgTime time)
{
  return (guint32) ((time + MG_MILLISECOND / 2) / MG_MILLISECOND);
}

/* The track is said of all but the first, which everybody reads. */
static void
write_tag_header(MgWriter *w, const MgStreamInfo *info, guint8 track, MgFlvKind kind,
                 gboolean is_key, gint32 composition_ms)
{
  if (info->media != MG_MEDIA_VIDEO && track > 0)
    mg_flv_write_audio_track_header(w, track, info->codec, kind);
  else if (info->media != MG_MEDIA_VIDEO)
    mg_flv_write_audio_header(w, info->codec, kind);
  else if (track > 0)
    mg_flv_write_video_track_header(w, track, info->codec, kind, is_key, composition_ms);
  else
    mg_flv_write_video_header(w, info->codec, kind, is_key, composition_ms);
}

static void
write_frame_header(MgWriter *w, const MgBuffer *buffer, MgTime shift, guint8 track)
{
  gint32 composition_ms = (gint32) (stamp_of(buffer->pts + shift) - stamp_of(buffer->dts + shift));
  write_tag_header(w, mg_stream_info(buffer->stream), track, MG_FLV_FRAME,
                   (buffer->flags & MG_BUFFER_KEY) != 0,
                   CLAMP(composition_ms, -0x800000, 0x7fffff));
}

static MgRtmpMessage
message_of(const MgStream *stream, guint32 stamp_ms, guint32 stream_id, gsize size)
{
  gboolean is_video = mg_stream_info(stream)->media == MG_MEDIA_VIDEO;
  return (MgRtmpMessage){
    .csid = is_video ? PLAY_VIDEO_CSID : PLAY_AUDIO_CSID,
    .timestamp = stamp_ms,
    .stream_id = stream_id,
    .type = is_video ? MG_RTMP_VIDEO : MG_RTMP_AUDIO,
    .size = size,
  };
}

/* All headers of an item, in one block: the message's, the tag's; and what begins every further chunk. */
typedef struct {
  MgData *data;
  gsize first, next; /* sizes of the two parts */
  gsize tag;         /* of the first part, what is payload already */
} Headers;

static gboolean
make_headers(const MgBuffer *buffer, MgTime shift, guint8 track, Headers *h)
{
  g_auto(MgWriter) tag = MG_WRITER_INIT;
  g_auto(MgWriter) all = MG_WRITER_INIT;
  write_frame_header(&tag, buffer, shift, track);
  MgRtmpMessage m =
      message_of(buffer->stream, stamp_of(buffer->dts + shift), 1, tag.size + buffer->size);
  mg_rtmp_chunk_write_first_header(&all, &m);
  mg_writer_bytes(&all, tag.data, tag.size);
  h->first = all.size;
  h->tag = tag.size;
  mg_rtmp_chunk_write_next_header(&all, &m);
  h->next = all.size - h->first;
  h->data = mg_data_new_copy(all.data, all.size);
  return h->data != NULL;
}

static void
append(PlayItem *item, MgData *data, gsize offset, gsize size)
{
  if (item->budget != NULL)
    item->slices[item->n++] = (MgSlice){ budget_wrap(item->budget, data, offset, size), 0, size };
  else
    item->slices[item->n++] = (MgSlice){ mg_data_ref(data), offset, size };
  item->size += size;
}

/* The payload in chunks, the first of which has what the tag's header has left. */
static void
append_payload(PlayItem *item, const MgBuffer *buffer, const Headers *h)
{
  gsize room = RTMP_PLAY_CHUNK_BYTES - h->tag;
  for (guint i = 0; i < buffer->n_slices; i++) {
    const MgSlice *s = &buffer->slices[i];
    for (gsize at = 0, n; at < s->size; at += n, room -= n) {
      if (room == 0) {
        append(item, h->data, h->first, h->next);
        room = RTMP_PLAY_CHUNK_BYTES;
      }
      n = MIN(room, s->size - at);
      append(item, s->data, s->offset + at, n);
    }
  }
}

PlayItem *
play_item_new(Budget *budget, const MgBuffer *buffer, MgTime shift, guint8 track)
{
  Headers h;
  if (buffer->size > MOST_PAYLOAD_BYTES || !make_headers(buffer, shift, track, &h))
    return NULL;
  gsize most = 1 + buffer->n_slices + 2 * (buffer->size / RTMP_PLAY_CHUNK_BYTES + 1);
  PlayItem *item = g_malloc0(sizeof *item + most * sizeof(MgSlice));
  item->ref_count = 1;
  item->budget = budget;
  item->track = track;
  item->is_video = mg_stream_info(buffer->stream)->media == MG_MEDIA_VIDEO;
  item->is_key = (buffer->flags & MG_BUFFER_KEY) != 0;
  item->stream = mg_stream_ref(buffer->stream);
  item->dts = buffer->dts + shift;
  item->stamp_ms = stamp_of(item->dts);
  append(item, h.data, 0, h.first);
  append_payload(item, buffer, &h);
  mg_data_unref(h.data);
  return item;
}

PlayItem *
play_item_ref(PlayItem *item)
{
  item->ref_count++;
  return item;
}

void
play_item_unref(gpointer data)
{
  PlayItem *item = data;
  if (--item->ref_count > 0)
    return;
  for (guint i = 0; i < item->n; i++)
    mg_data_unref(item->slices[i].data);
  mg_stream_unref(item->stream);
  g_free(item);
}

static void
write_pieces(MgWriter *out, const MgRtmpMessage *m, const MgRtmpPiece *pieces, guint n)
{
  MgRtmpChunkWriter writer = { .chunk_size = RTMP_PLAY_CHUNK_BYTES };
  mg_rtmp_chunk_write_pieces(&writer, out, m, pieces, n);
}

/* Which speaker each channel is for, to who reads such tags of this codec. */
static void
write_channels(MgWriter *out, const MgStream *stream, guint32 stamp_ms, guint32 stream_id)
{
  const MgStreamInfo *info = mg_stream_info(stream);
  g_auto(MgWriter) tag = MG_WRITER_INIT;
  mg_flv_write_channels(&tag, info->codec, info->speakers.position, info->speakers.n);
  MgRtmpMessage m = message_of(stream, stamp_ms, stream_id, tag.size);
  write_pieces(out, &m, &(MgRtmpPiece){ tag.data, tag.size }, 1);
}

static void
write_config(MgWriter *out, const MgStream *stream, guint8 track, guint32 stamp_ms,
             guint32 stream_id)
{
  const MgStreamInfo *info = mg_stream_info(stream);
  g_auto(MgWriter) tag = MG_WRITER_INIT;
  write_tag_header(&tag, info, track, MG_FLV_CONFIG, TRUE, 0);
  MgRtmpPiece pieces[] = { { tag.data, tag.size }, { info->config->bytes, info->config->size } };
  MgRtmpMessage m = message_of(stream, stamp_ms, stream_id, tag.size + info->config->size);
  write_pieces(out, &m, pieces, G_N_ELEMENTS(pieces));
}

void
play_write_config(MgWriter *out, const MgStream *stream, guint8 track, guint32 stamp_ms,
                  guint32 stream_id)
{
  const MgStreamInfo *info = mg_stream_info(stream);
  if (info->config != NULL && mg_flv_has_config(info->codec))
    write_config(out, stream, track, stamp_ms, stream_id);
  if (track == 0 && info->speakers.n > 0 && !mg_flv_is_classic(info->codec))
    write_channels(out, stream, stamp_ms, stream_id);
}

/* --- the cache --------------------------------------------------------------------------------- */

void
play_cache_init(PlayCache *cache)
{
  *cache = (PlayCache){ .items = g_ptr_array_new_with_free_func(play_item_unref) };
}

void
play_cache_clear(PlayCache *cache)
{
  g_clear_pointer(&cache->items, g_ptr_array_unref);
}

void
play_cache_reset(PlayCache *cache)
{
  g_ptr_array_set_size(cache->items, 0);
  cache->bytes = 0;
}

static gboolean
is_full(const PlayCache *cache, const PlayItem *item)
{
  const PlayItem *first = g_ptr_array_index(cache->items, 0);
  return cache->bytes + item->size > PLAY_CACHE_BYTES || item->dts - first->dts > PLAY_CACHE_TIME;
}

void
play_cache_add(PlayCache *cache, PlayItem *item)
{
  gboolean begins = item->is_video && item->is_key && item->track == 0;
  if (begins || (cache->items->len > 0 && is_full(cache, item)))
    play_cache_reset(cache);
  if (!begins && cache->items->len == 0)
    return;
  g_ptr_array_add(cache->items, play_item_ref(item));
  cache->bytes += item->size;
}
