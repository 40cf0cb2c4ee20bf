#include "track.h"

#include <math.h>
#include <string.h>

/* Changes of one track that are logged: what goes on changing after that is not news. */
enum { MOST_SAID = 10 };

/* A publisher's tracks are said in one line: when both are known, or after this time. */
#define SAY_AFTER MG_SECOND

static void
track_init(Track *track, Media *media, const char *id, MgTimelineKind kind)
{
  track->media = media;
  track->id = id;
  track->clock = (guint) mg_timeline_add_track(media->timeline, kind);
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
  track_init(&m->audio.track, m, "audio", MG_TIMELINE_AUDIO);
  track_init(&m->video.track, m, "video", MG_TIMELINE_VIDEO);
  m->video.length_size = 4;
  m->video.waits_for_key = TRUE;
  return m;
}

static void
track_clear(Track *track)
{
  if (track->n_unknown > 0)
    mg_info(track->media->node, "%s: %" G_GUINT64_FORMAT " %s messages of codec %s were dropped",
            track->media->label, track->n_unknown, track->id, track->unknown);
  mg_stream_unref(track->stream);
}

void
media_free(Media *m)
{
  if (m == NULL)
    return;
  track_clear(&m->audio.track);
  track_clear(&m->video.track);
  mg_data_unref(m->video.held.data);
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

void
media_stats(const Media *m, MediaStats *stats)
{
  const MgTimelineRepairs *repairs = mg_timeline_repairs(m->timeline);
  *stats = m->stats;
  stats->repaired = repairs->moved + repairs->bad_composition + repairs->discontinuities;
}

/* --- what is said ------------------------------------------------------------------------------ */

static void
say_tracks(Media *m)
{
  MgStream *streams[] = { m->video.track.stream, m->audio.track.stream };
  g_autoptr(GString) text = g_string_new(NULL);
  for (guint i = 0; i < G_N_ELEMENTS(streams); i++) {
    g_autofree char *one = streams[i] != NULL ? mg_stream_describe(streams[i]) : NULL;
    if (one != NULL)
      g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", one);
  }
  mg_info(m->node, "%s: %s", m->label, text->str);
  m->has_said = TRUE;
}

static void
say_declared(Track *track)
{
  Media *m = track->media;
  gboolean has_both = m->video.track.stream != NULL && m->audio.track.stream != NULL;
  if (m->has_said && track->n_said++ < MOST_SAID) {
    g_autofree char *text = mg_stream_describe(track->stream);
    mg_info(m->node, "%s: %s is now %s", m->label, track->id, text);
  } else if (!m->has_said && has_both) {
    say_tracks(m);
  }
}

void
track_count_unknown(Track *track, const char *codec)
{
  track->media->stats.unknown++;
  track->n_unknown++;
  if (strncmp(track->unknown, codec, sizeof track->unknown - 1) == 0)
    return;
  g_strlcpy(track->unknown, codec, sizeof track->unknown);
  if (track->n_said++ >= MOST_SAID)
    return;
  mg_warning(track->media->node, "%s: %s is dropped: codec %s cannot be carried; use %s",
             track->media->label, track->id, codec,
             track == &track->media->video.track ? "H.264" : "AAC");
}

void
track_drop(Track *track, const char *why)
{
  track->media->stats.dropped++;
  if (why == NULL || track->has_complained)
    return;
  track->has_complained = TRUE;
  mg_warning(track->media->node, "%s: %s that cannot be used is dropped: %s", track->media->label,
             track->id, why);
}

/* --- the way out ------------------------------------------------------------------------------- */

void
track_declare(Track *track, MgStreamInfo *info)
{
  Media *m = track->media;
  info->size = sizeof *info;
  info->id = track->id;
  info->form = MG_FORM_PACKET;
  info->media = track == &m->video.track ? MG_MEDIA_VIDEO : MG_MEDIA_AUDIO;
  gboolean is_change = track->stream != NULL;
  mg_stream_unref(track->stream);
  track->stream = mg_stream_new(info);
  if (is_change)
    m->output->change(track->port, track->stream, m->user);
  else
    track->port = m->output->add(track->stream, m->user);
  track->wants_discont = is_change;
  say_declared(track);
}

MgSlice
track_payload(const MgRtmpMessage *message, gsize offset, gsize size)
{
  if (message->block != NULL)
    return (MgSlice){ mg_data_ref(message->block), offset, size };
  MgReader in = MG_READER(message->data, message->size);
  mg_reader_skip(&in, offset);
  return (MgSlice){ mg_data_new_copy(mg_reader_take(&in, size), size), 0, size };
}

static void
append(MgBuffer *buffer, MgSlice *slice)
{
  if (slice->data != NULL)
    mg_buffer_append(buffer, g_steal_pointer(&slice->data), slice->offset, slice->size);
}

/* Time that was set anew is said where a decoder can begin: pictures up to there still fit. */
static guint
discont_flag(Track *track, const MgCleanTime *time, guint flags)
{
  track->wants_discont |= time->is_discontinuity;
  if (!track->wants_discont || !(flags & MG_BUFFER_KEY))
    return 0;
  track->wants_discont = FALSE;
  return MG_BUFFER_DISCONT;
}

static MgCleanTime
clean(Track *track, const Packet *packet)
{
  Media *m = track->media;
  MgDirtyTime dirty = {
    .dts_ns = mg_unwrap_next(&m->unwrap, packet->timestamp_ms) * MG_MILLISECOND,
    .cts_ns = packet->composition_ms * MG_MILLISECOND,
    .arrival_ns = packet->arrival,
  };
  return mg_timeline_clean(m->timeline, track->clock, dirty);
}

void
track_push(Track *track, Packet *packet)
{
  Media *m = track->media;
  MgCleanTime time = clean(track, packet);
  MgBuffer *buffer = mg_buffer_new(track->stream, 2);
  append(buffer, &packet->before);
  append(buffer, &packet->payload);
  if (time.is_dropped) {
    track_drop(track, NULL);
    mg_buffer_unref(buffer);
    return;
  }
  buffer->flags = packet->flags | discont_flag(track, &time, packet->flags);
  buffer->pts = time.pts_ns;
  buffer->dts = time.dts_ns;
  buffer->duration = track->frame;
  buffer->arrival = packet->arrival;
  m->stats.bytes += buffer->size;
  if (m->begun == 0)
    m->begun = packet->arrival;
  if (!m->has_said && packet->arrival - m->begun > SAY_AFTER)
    say_tracks(m);
  m->output->push(track->port, buffer, m->user);
}

MgFraction
track_frame_rate(gdouble fps)
{
  if (!(fps >= 1 && fps <= 300))
    return (MgFraction){ 0, 0 };
  guint32 whole = (guint32) lround(fps);
  guint32 ntsc = (guint32) lround(fps * 1001 / 1000);
  if (fabs(fps - whole) < 0.005)
    return (MgFraction){ whole, 1 };
  if (fabs(fps - ntsc * 1000 / 1001.0) < 0.01)
    return (MgFraction){ ntsc * 1000, 1001 };
  return (MgFraction){ (guint32) lround(fps * 1000), 1000 };
}
