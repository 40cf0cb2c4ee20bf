#include "track.h"

#include <string.h>

/* A publisher's tracks are said in one line: when both are known, or after this time. */
#define SAY_AFTER MG_SECOND

/* How long a first track's packets wait for one that is announced. */
#define EXPECT_FOR (500 * MG_MILLISECOND)

const MgCodec media_video_codecs[] = { MEDIA_VIDEO_CODECS, MG_CODEC_NONE };
const MgCodec media_audio_codecs[] = { MEDIA_AUDIO_CODECS, MG_CODEC_NONE };

static Track *
add_track(Media *m, gboolean is_video, guint8 number)
{
  return m->tracks[m->n_tracks++] = track_new(m, is_video, number);
}

/* One that was not sent: its session has ended, perhaps. */
static void
clear_early(gpointer data)
{
  Early *early = data;
  mg_buffer_unref(early->buffer);
}

Media *
media_new(const MediaSetup *setup)
{
  Media *m = g_new0(Media, 1);
  m->output = setup->output;
  m->user = setup->user;
  m->node = setup->node;
  m->label = g_strdup(setup->label);
  m->timeline = mg_timeline_new(setup->base);
  m->unwrap = MG_UNWRAP(MG_UNWRAP_RTMP_BITS);
  m->early = g_array_new(FALSE, FALSE, sizeof(Early));
  g_array_set_clear_func(m->early, clear_early);
  add_track(m, TRUE, 0);
  add_track(m, FALSE, 0);
  return m;
}

void
media_free(Media *m)
{
  if (m == NULL)
    return;
  g_clear_pointer(&m->early, g_array_unref);
  for (guint i = 0; i < m->n_tracks; i++)
    track_free(m->tracks[i]);
  mg_timeline_free(m->timeline);
  g_free(m->label);
  g_free(m);
}

void
media_take_data(Media *m, MgRtmpMessage *message)
{
  mg_rtmp_metadata_merge(&m->metadata, message, NULL);
  mg_data_unref(g_steal_pointer(&message->block));
}

const MgRtmpTrackMetadata *
media_metadata(const Track *t)
{
  const MgRtmpMetadata *all = &t->media->metadata;
  guint number = MIN(t->number, MG_RTMP_METADATA_TRACKS); /* the last one says nothing */
  return t->is_video ? &all->video[number] : &all->audio[number];
}

/* --- what is said ------------------------------------------------------------------------------ */

void
media_stats(const Media *m, MediaStats *stats)
{
  const MgTimelineRepairs *repairs = mg_timeline_repairs(m->timeline);
  *stats = m->stats;
  stats->repaired = repairs->moved + repairs->bad_composition + repairs->discontinuities;
}

void
media_counters_init(MediaCounters *counters, MgNode *node)
{
  counters->bytes = mg_counter(node, "media-bytes", "bytes of packets sent on");
  counters->unknown = mg_counter(node, "unknown-codec", "messages of codecs that are not carried");
  counters->dropped = mg_counter(node, "dropped-packets", "packets that could not be used");
  counters->repaired =
      mg_counter(node, "repaired-times", "times of packets that had to be changed");
}

/* Most never change: what is not added costs no atomic operation. */
static void
add(MgCounter *counter, guint64 now, guint64 before)
{
  if (now != before)
    mg_counter_add(counter, now - before);
}

void
media_count(const Media *m, const MediaCounters *counters, MediaStats *counted)
{
  MediaStats now;
  media_stats(m, &now);
  add(counters->bytes, now.bytes, counted->bytes);
  add(counters->unknown, now.unknown, counted->unknown);
  add(counters->dropped, now.dropped, counted->dropped);
  add(counters->repaired, now.repaired, counted->repaired);
  *counted = now;
}

static void
say_tracks(Media *m)
{
  g_autoptr(GString) text = g_string_new(NULL);
  for (guint i = 0; i < m->n_tracks; i++) {
    MgStream *stream = m->tracks[i]->stream;
    g_autofree char *one = stream != NULL ? mg_stream_describe(stream) : NULL;
    if (one != NULL)
      g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", one);
  }
  mg_info(m->node, "%s: %s", m->label, text->str);
  m->has_said = TRUE;
}

void
media_say_declared(Media *m, Track *t)
{
  gboolean has_both = m->tracks[0]->stream != NULL && m->tracks[1]->stream != NULL;
  if (m->has_said && t->n_said++ < MOST_SAID) {
    g_autofree char *text = mg_stream_describe(t->stream);
    mg_info(m->node, "%s: %s is now %s", m->label, t->id, text);
  } else if (!m->has_said && has_both) {
    say_tracks(m);
  }
}

/* --- the start --------------------------------------------------------------------------------- */

void
media_release(Media *m)
{
  g_autoptr(GArray) early = g_steal_pointer(&m->early);
  for (guint i = 0; early != NULL && i < early->len; i++) {
    Early *e = &g_array_index(early, Early, i);
    m->output->push(e->port, g_steal_pointer(&e->buffer), m->user);
  }
}

/*
 * A track that is declared behind another one's first packets is late for everyone behind: they begin
 * again, for its sake. MP3 and AC-3 are always declared like that, by their first packets. So packets of
 * the first track wait for a moment, if metadata has said that there is another one.
 */
static gboolean
expects_more(const Media *m, MgTime now)
{
  gboolean is_missing = (m->metadata.has_video && m->tracks[0]->stream == NULL) ||
                        (m->metadata.has_audio && m->tracks[1]->stream == NULL);
  return is_missing && now - m->begun < EXPECT_FOR && m->early->len < MOST_EARLY;
}

void
media_send(Media *m, gpointer port, MgBuffer *buffer)
{
  Early early = { port, buffer };
  m->stats.bytes += buffer->size;
  if (m->begun == 0)
    m->begun = buffer->arrival;
  if (!m->has_said && buffer->arrival - m->begun > SAY_AFTER)
    say_tracks(m);
  if (m->early != NULL && expects_more(m, buffer->arrival)) {
    g_array_append_val(m->early, early);
    return;
  }
  media_release(m);
  m->output->push(port, buffer, m->user);
}

/* --- messages ---------------------------------------------------------------------------------- */

/* NULL: one track more than there may be. */
static Track *
find_track(Media *m, gboolean is_video, guint8 number)
{
  for (guint i = 0; i < m->n_tracks; i++)
    if (m->tracks[i]->is_video == is_video && m->tracks[i]->number == number)
      return m->tracks[i];
  if (m->n_tracks < MOST_TRACKS)
    return add_track(m, is_video, number);
  m->stats.unknown++;
  if (!m->has_too_many)
    mg_warning(m->node, "%s: %s%u is dropped: it is more than %u tracks", m->label,
               is_video ? "video" : "audio", number, MOST_TRACKS);
  m->has_too_many = TRUE;
  return NULL;
}

static gboolean
is_carried(gboolean is_video, guint32 codec)
{
  const MgCodec *codecs = is_video ? media_video_codecs : media_audio_codecs;
  for (; *codecs != MG_CODEC_NONE; codecs++)
    if (*codecs == codec)
      return TRUE;
  return FALSE;
}

static void
count_unknown(Track *t, const MgFlvPart *part)
{
  g_autofree char *name = part->kind == MG_FLV_OTHER ? NULL : mg_codec_name(part->fourcc);
  if (part->kind == MG_FLV_TS_CONFIG)
    track_count_unknown(t, "AV1 in MPEG-2 TS form");
  else if (name != NULL)
    track_count_unknown(t, name);
  else
    track_count_unknown(t, t->is_video ? mg_flv_video_codec_name(part->codec)
                                       : mg_flv_audio_codec_name(part->codec));
}

/* A configuration or a packet. */
static void
take_coded(Track *t, const Piece *piece)
{
  guint32 codec = piece->part->fourcc;
  gboolean is_config = piece->part->kind == MG_FLV_CONFIG;
  if (!is_carried(t->is_video, codec))
    count_unknown(t, piece->part);
  else if (t->is_video)
    (is_config ? video_take_config : video_take_frame)(t, codec, piece);
  else
    (is_config ? audio_take_config : audio_take_frame)(t, codec, piece);
}

static void
take_piece(Media *m, gboolean is_video, const Piece *piece)
{
  MgFlvKind kind = piece->part->kind;
  if (kind == MG_FLV_END || kind == MG_FLV_COMMAND)
    return;
  Track *t = find_track(m, is_video, piece->part->track);
  if (t == NULL)
    return;
  switch (kind) {
  case MG_FLV_CONFIG:
  case MG_FLV_FRAME: take_coded(t, piece); break;
  case MG_FLV_METADATA: video_take_metadata(t, piece); break;
  case MG_FLV_CHANNELS: audio_take_channels(t, piece); break;
  case MG_FLV_TS_CONFIG:
  case MG_FLV_OTHER: count_unknown(t, piece->part); break;
  case MG_FLV_END:
  case MG_FLV_COMMAND: break;
  }
}

static void
take(Media *m, gboolean is_video, MgRtmpMessage *message, MgTime arrival)
{
  g_autoptr(GError) error = NULL;
  MgFlvParts parts = is_video ? mg_flv_video_parts(message->data, message->size)
                              : mg_flv_audio_parts(message->data, message->size);
  MgFlvPart part;
  while (mg_flv_parts_next(&parts, &part, &error)) {
    MgReader coded = mg_flv_part_bytes(&part, message->data, message->size);
    Piece piece = { &part, message, mg_reader_take(&coded, part.size), part.size, arrival };
    take_piece(m, is_video, &piece);
  }
  if (error != NULL)
    track_drop(m->tracks[is_video ? 0 : 1], error->message);
  mg_data_unref(g_steal_pointer(&message->block));
}

void
media_take_video(Media *m, MgRtmpMessage *message, MgTime arrival)
{
  take(m, TRUE, message, arrival);
}

void
media_take_audio(Media *m, MgRtmpMessage *message, MgTime arrival)
{
  take(m, FALSE, message, arrival);
}
