/* H.264 in classic FLV video tags. */
#include "track.h"

#include <bytes/bits.h>
#include <rtmp/flv.h>
#include <timeline/ticks.h>

#include <string.h>

enum {
  MANY_WAITED = 250,       /* pictures without a key frame: ten seconds or so */
  MOST_HELD_BYTES = 65536, /* of units without a picture */
};

/* --- configuration ----------------------------------------------------------------------------- */

static MgFraction
choose_frame_rate(const Video *video, const MgH264Sps *sps)
{
  MgCodecRational vui = sps->frame_rate;
  if (vui.num > 0 && vui.num >= vui.den && vui.num / vui.den <= 300)
    return (MgFraction){ vui.num, vui.den };
  return track_frame_rate(video->track.media->metadata.framerate);
}

static void
declare(Video *video, MgData *avcc)
{
  const MgH264Sps *sps = &video->config.video;
  MgFraction rate = choose_frame_rate(video, sps);
  video->track.frame = 0;
  if (sps->has_fixed_frame_rate && rate.num > 0)
    video->track.frame = mg_time_from_ticks(rate.den, rate.num);
  MgStreamInfo info = {
    .codec = MG_CODEC_H264,
    .config = avcc,
    .width = sps->width,
    .height = sps->height,
    .sar = { sps->sar.num, sps->sar.den },
    .frame_rate = rate,
    .bitrate = (guint) (video->track.media->metadata.video_kbps * 1000),
  };
  track_declare(&video->track, &info);
  video->waits_for_key = TRUE;
  video->n_waited = 0;
  g_clear_pointer(&video->held.data, mg_data_unref);
}

/* Goes over to CONFIG, in the form that everybody behind wants it. */
static void
adopt(Video *video, const MgH264Config *config)
{
  g_auto(MgWriter) canonical = MG_WRITER_INIT;
  mg_h264_config_write(config, &canonical);
  g_autoptr(MgData) avcc = mg_data_new_copy(canonical.data, canonical.size);
  g_autoptr(GError) error = NULL;
  MgH264Config ours;
  if (avcc == NULL)
    track_drop(&video->track, "no memory");
  else if (!mg_h264_config_parse(avcc->bytes, avcc->size, &ours, &error))
    track_drop(&video->track, error->message);
  else {
    video->config = ours;
    declare(video, avcc);
  }
}

static gboolean
has_set(const MgH264Sets *sets, const MgNal *set)
{
  MgNal nal;
  MgNalIter it = mg_nal_iter(sets->data, sets->size, 2);
  while (mg_nal_next(&it, &nal))
    if (nal.size == set->size && memcmp(nal.data, set->data, set->size) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
has_all_sets(const MgH264Sets *sets, const MgH264Sets *others)
{
  MgNal nal;
  MgNalIter it = mg_nal_iter(others->data, others->size, 2);
  while (mg_nal_next(&it, &nal))
    if (!has_set(sets, &nal))
      return FALSE;
  return TRUE;
}

/*
 * Parameter sets among units, from encoders that announce nothing, or not again. FALSE: there are none.
 */
static gboolean
adopt_in_band(Video *video, const guint8 *data, gsize size, guint form)
{
  g_auto(MgWriter) avcc = MG_WRITER_INIT;
  MgH264Config config;
  if (!mg_h264_config_from_units(data, size, form, &avcc, NULL) ||
      !mg_h264_config_parse(avcc.data, avcc.size, &config, NULL))
    return FALSE;
  gboolean is_known = video->track.stream != NULL &&
                      has_all_sets(&video->config.sps, &config.sps) &&
                      has_all_sets(&video->config.pps, &config.pps);
  if (!is_known)
    adopt(video, &config);
  return TRUE;
}

/* A sequence header: an avcC, or, from some encoders, parameter sets in Annex B. */
static void
take_config(Video *video, const guint8 *data, gsize size)
{
  g_autoptr(GError) error = NULL;
  MgH264Config config;
  if (!mg_h264_config_parse(data, size, &config, &error)) {
    if (!adopt_in_band(video, data, size, MG_NAL_ANNEX_B))
      track_drop(&video->track, error->message);
    return;
  }
  video->length_size = config.nal_length_size;
  if (video->track.stream == NULL || !mg_h264_config_equal(&video->config, &config))
    adopt(video, &config);
}

/* --- pictures ---------------------------------------------------------------------------------- */

/* Whether the first slice is an I slice (H.264 clause 7.3.3): its type follows first_mb_in_slice. */
static gboolean
begins_with_i_slice(const guint8 *data, gsize size, guint form)
{
  MgNal nal;
  MgNalIter it = mg_nal_iter(data, size, form);
  while (mg_nal_next(&it, &nal)) {
    guint type = mg_h264_nal_type(&nal);
    if (type != MG_H264_NAL_SLICE && type != MG_H264_NAL_PARTITION_A)
      continue;
    MgBitReader b = MG_BIT_READER(nal.data, nal.size);
    mg_bit_reader_skip(&b, 8);
    mg_bit_reader_ue(&b); /* first_mb_in_slice */
    guint32 slice_type = mg_bit_reader_ue(&b);
    return !mg_bit_reader_failed(&b) && (slice_type == 2 || slice_type == 7);
  }
  return FALSE;
}

/* The units with four-byte lengths: the message's own memory, or a rewritten copy. */
static MgSlice
make_payload(const MgRtmpMessage *message, const MgFlvPart *part, guint form)
{
  if (form == 4)
    return track_payload(message, part->offset, part->size);
  MgReader body = mg_flv_part_bytes(part, message->data, message->size);
  gsize size = part->size;
  guint8 *bytes = NULL;
  if (mg_nal_to_length4(mg_reader_take(&body, size), size, form, mg_h264_is_not_parameter_set,
                        &bytes, &size, NULL) != MG_NAL_REWRITTEN)
    return (MgSlice){ NULL };
  return (MgSlice){ mg_data_new_wrap(bytes, size, g_free, bytes), 0, size };
}

/* Units without a picture are no access unit: they wait for the next one. */
static void
hold(Video *video, MgSlice slice)
{
  g_clear_pointer(&video->held.data, mg_data_unref);
  if (slice.size <= MOST_HELD_BYTES)
    video->held = slice;
  else
    mg_data_unref(slice.data);
}

static gboolean
begins_with_delimiter(const MgSlice *payload)
{
  MgNal nal;
  MgNalIter it = mg_nal_iter(mg_slice_bytes(payload), payload->size, 4);
  return mg_nal_next(&it, &nal) && mg_h264_nal_type(&nal) == MG_H264_NAL_DELIMITER;
}

static void
wait_for_key(Video *video)
{
  g_clear_pointer(&video->held.data, mg_data_unref);
  track_drop(&video->track, NULL);
  if (++video->n_waited == MANY_WAITED)
    mg_warning(video->track.media->node,
               "%s: %u pictures and no key frame: set the encoder's key frame interval to 2 s",
               video->track.media->label, video->n_waited);
}

static void
push_picture(Video *video, MgSlice payload, Packet *packet)
{
  video->waits_for_key = FALSE;
  packet->payload = payload;
  packet->before = video->held;
  video->held.data = NULL;
  /* A delimiter must come first in its access unit (7.4.1.2.3). */
  if (packet->before.data != NULL && begins_with_delimiter(&payload))
    g_clear_pointer(&packet->before.data, mg_data_unref);
  track_push(&video->track, packet);
}

static guint
flags_of(const MgH264Picture *picture, gboolean is_key)
{
  return (is_key ? MG_BUFFER_KEY : 0) | (picture->is_reference ? 0 : MG_BUFFER_DISPOSABLE);
}

static void
take_frame(Video *video, const MgFlvPart *part, const MgRtmpMessage *message, MgTime arrival)
{
  gsize size = part->size;
  MgReader body = mg_flv_part_bytes(part, message->data, message->size);
  const guint8 *data = mg_reader_take(&body, size);
  guint form = mg_nal_detect(data, size, video->length_size);
  MgH264Picture picture;
  if (!mg_h264_picture_inspect(data, size, form, &picture)) {
    track_drop(&video->track, "its NAL units do not add up");
    return;
  }
  if (picture.has_parameter_sets)
    adopt_in_band(video, data, size, form);
  if (video->track.stream == NULL) {
    track_drop(&video->track, "no H.264 configuration has come yet");
    return;
  }
  gboolean is_key = picture.is_idr || (part->is_key && begins_with_i_slice(data, size, form));
  if (video->waits_for_key && picture.has_slice && !is_key) {
    wait_for_key(video);
    return;
  }
  MgSlice payload = make_payload(message, part, form);
  Packet packet = {
    .flags = flags_of(&picture, is_key),
    .timestamp_ms = message->timestamp,
    .composition_ms = part->composition_ms,
    .arrival = arrival,
  };
  if (payload.data == NULL)
    track_drop(&video->track, picture.has_slice ? "no memory" : NULL);
  else if (!picture.has_slice)
    hold(video, payload);
  else
    push_picture(video, payload, &packet);
}

static void
count_unknown(Video *video, const MgFlvPart *part)
{
  char fourcc[5];
  mg_flv_fourcc_text(part->fourcc, fourcc);
  track_count_unknown(&video->track,
                      part->kind == MG_FLV_OTHER ? mg_flv_video_codec_name(part->codec) : fourcc);
}

static void
take_part(Video *video, const MgFlvPart *part, const MgRtmpMessage *message, MgTime arrival)
{
  MgReader body = mg_flv_part_bytes(part, message->data, message->size);
  gboolean is_ours = part->fourcc == MG_FLV_AVC && part->track == 0;
  switch (part->kind) {
  case MG_FLV_CONFIG:
    if (is_ours)
      take_config(video, mg_reader_take(&body, part->size), part->size);
    else
      count_unknown(video, part);
    break;
  case MG_FLV_FRAME:
    if (is_ours)
      take_frame(video, part, message, arrival);
    else
      count_unknown(video, part);
    break;
  case MG_FLV_OTHER:
  case MG_FLV_TS_CONFIG: count_unknown(video, part); break;
  case MG_FLV_END:
  case MG_FLV_COMMAND:
  case MG_FLV_METADATA:
  case MG_FLV_CHANNELS: break;
  }
}

void
media_take_video(Media *m, MgRtmpMessage *message, MgTime arrival)
{
  g_autoptr(GError) error = NULL;
  MgFlvParts parts = mg_flv_video_parts(message->data, message->size);
  MgFlvPart part;
  while (mg_flv_parts_next(&parts, &part, &error))
    take_part(&m->video, &part, message, arrival);
  if (error != NULL)
    track_drop(&m->video.track, error->message);
  mg_data_unref(g_steal_pointer(&message->block));
}
