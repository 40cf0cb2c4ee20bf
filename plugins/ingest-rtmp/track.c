/* A track: its configuration, its declaration, and the way of its packets out. */
#include "track.h"

#include <math.h>
#include <string.h>

Track *
track_new(Media *media, gboolean is_video, guint8 number)
{
  Track *t = g_new0(Track, 1);
  MgTimelineKind kind = is_video ? MG_TIMELINE_VIDEO : MG_TIMELINE_AUDIO;
  t->media = media;
  t->is_video = is_video;
  t->number = number;
  g_strlcpy(t->id, is_video ? "video" : "audio", sizeof t->id);
  if (number > 0)
    g_snprintf(t->id, sizeof t->id, "%s%u", is_video ? "video" : "audio", number);
  t->clock = (guint) mg_timeline_add_track(media->timeline, kind);
  t->length_size = 4;
  t->waits_for_key = TRUE;
  return t;
}

void
track_free(Track *t)
{
  if (t->n_unknown > 0)
    mg_info(t->media->node, "%s: %" G_GUINT64_FORMAT " %s messages of codec %s were dropped",
            t->media->label, t->n_unknown, t->id, t->unknown);
  mg_stream_unref(t->stream);
  mg_data_unref(t->config);
  mg_data_unref(t->held.data);
  g_free(t);
}

/* --- what is said ------------------------------------------------------------------------------ */

void
track_count_unknown(Track *t, const char *codec)
{
  t->media->stats.unknown++;
  t->n_unknown++;
  if (strncmp(t->unknown, codec, sizeof t->unknown - 1) == 0)
    return;
  g_strlcpy(t->unknown, codec, sizeof t->unknown);
  if (t->n_said++ >= MOST_SAID)
    return;
  mg_warning(t->media->node, "%s: %s is dropped: codec %s cannot be carried; use %s",
             t->media->label, t->id, codec,
             t->is_video ? "H.264, HEVC, AV1 or VP9" : "AAC, Opus, FLAC, AC-3, E-AC-3 or MP3");
}

void
track_drop(Track *t, const char *why)
{
  t->media->stats.dropped++;
  if (why == NULL || t->has_complained)
    return;
  t->has_complained = TRUE;
  mg_warning(t->media->node, "%s: %s that cannot be used is dropped: %s", t->media->label, t->id,
             why);
}

void
track_drop_early(Track *t, guint32 codec)
{
  g_autofree char *name = mg_codec_name(codec);
  g_autofree char *why = g_strdup_printf("no %s configuration has come yet", name);
  track_drop(t, why);
}

/* --- configuration ----------------------------------------------------------------------------- */

static TrackConfig
set_config(Track *t, guint32 codec, const MgWriter *config, GError **error)
{
  MgAnyFacts facts;
  if (t->config != NULL && t->codec == codec &&
      mg_any_config_equal(codec, t->config->bytes, t->config->size, config->data, config->size))
    return TRACK_CONFIG_SAME;
  if (!mg_any_facts(codec, config->data, config->size, &facts, error))
    return TRACK_CONFIG_BROKEN;
  MgData *data = mg_data_new_copy(config->data, config->size);
  if (data == NULL) {
    g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_NO_MEMORY, "no memory");
    return TRACK_CONFIG_BROKEN;
  }
  mg_data_unref(t->config);
  t->config = data;
  t->codec = codec;
  t->facts = facts;
  return TRACK_CONFIG_NEW;
}

TrackConfig
track_take_config(Track *t, guint32 codec, const guint8 *config, gsize size, GError **error)
{
  g_auto(MgWriter) ours = MG_WRITER_INIT;
  if (!mg_any_config_adopt(codec, config, size, &ours, error))
    return TRACK_CONFIG_BROKEN;
  return set_config(t, codec, &ours, error);
}

TrackConfig
track_make_config(Track *t, guint32 codec, const guint8 *packet, gsize size, guint form,
                  GError **error)
{
  g_auto(MgWriter) ours = MG_WRITER_INIT;
  if (!mg_any_config_make(codec, packet, size, form, &ours, error))
    return TRACK_CONFIG_BROKEN;
  return set_config(t, codec, &ours, error);
}

void
track_declare(Track *t, MgStreamInfo *info)
{
  Media *m = t->media;
  const char *language = media_metadata(t)->language;
  info->size = sizeof *info;
  info->id = t->id;
  info->form = MG_FORM_PACKET;
  info->media = t->is_video ? MG_MEDIA_VIDEO : MG_MEDIA_AUDIO;
  info->codec = t->codec;
  info->config = t->config;
  info->language = *language != '\0' ? language : NULL;
  if (t->is_video && m->main_video == NULL)
    m->main_video = t;
  if (t->is_video && m->main_video != t)
    info->rendition_of = m->main_video->id;
  gboolean is_change = t->stream != NULL;
  if (is_change && t->has_sent)
    media_release(m); /* of the old parameters */
  mg_stream_unref(t->stream);
  t->stream = mg_stream_new(info);
  if (is_change)
    m->output->change(t->port, t->stream, m->user);
  else
    t->port = m->output->add(t->stream, m->user);
  t->wants_discont |= is_change && t->has_sent;
  media_say_declared(m, t);
}

/* --- the way out ------------------------------------------------------------------------------- */

MgSlice
track_payload(const Piece *piece)
{
  if (piece->message->block != NULL)
    return (MgSlice){ mg_data_ref(piece->message->block), piece->part->offset, piece->size };
  return (MgSlice){ mg_data_new_copy(piece->data, piece->size), 0, piece->size };
}

static void
append(MgBuffer *buffer, MgSlice *slice)
{
  if (slice->data != NULL)
    mg_buffer_append(buffer, g_steal_pointer(&slice->data), slice->offset, slice->size);
}

/* Time that was set anew is said where a decoder can begin: pictures up to there still fit. */
static guint
discont_flag(Track *t, const MgCleanTime *time, guint flags)
{
  t->wants_discont |= time->is_discontinuity;
  if (!t->wants_discont || !(flags & MG_BUFFER_KEY))
    return 0;
  t->wants_discont = FALSE;
  return MG_BUFFER_DISCONT;
}

static MgCleanTime
clean(Track *t, const Packet *packet)
{
  Media *m = t->media;
  gint64 ms = mg_unwrap_next(&m->unwrap, packet->timestamp_ms);
  MgDirtyTime dirty = {
    .dts_ns = ms * MG_MILLISECOND + packet->offset_ns,
    .cts_ns = packet->composition_ms * MG_MILLISECOND,
    .arrival_ns = packet->arrival,
  };
  return mg_timeline_clean(m->timeline, t->clock, dirty);
}

void
track_push(Track *t, Packet *packet)
{
  Media *m = t->media;
  MgCleanTime time = clean(t, packet);
  MgBuffer *buffer = mg_buffer_new(t->stream, 2);
  append(buffer, &packet->before);
  append(buffer, &packet->payload);
  if (time.is_dropped) {
    track_drop(t, NULL);
    mg_buffer_unref(buffer);
    return;
  }
  buffer->flags = packet->flags | discont_flag(t, &time, packet->flags);
  buffer->pts = time.pts_ns;
  buffer->dts = time.dts_ns;
  buffer->duration = packet->duration;
  buffer->arrival = packet->arrival;
  t->has_sent = TRUE;
  media_send(m, t->port, buffer);
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
