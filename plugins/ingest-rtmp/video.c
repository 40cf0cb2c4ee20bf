/* Pictures: their configurations, in messages of their own or among them, and their packets. */
#include "track.h"

#include <bytes/bits.h>
#include <codec/h264.h>
#include <timeline/ticks.h>

#include <math.h>
#include <string.h>

enum {
  MANY_WAITED = 250,       /* pictures without a key frame: ten seconds or so */
  MOST_HELD_BYTES = 65536, /* of units without a picture */
};

/* --- declaration ------------------------------------------------------------------------------- */

static MgFraction
choose_frame_rate(const Track *t)
{
  MgCodecRational rate = t->facts.frame_rate;
  if (rate.num > 0 && rate.num >= rate.den && rate.num / rate.den <= 300)
    return (MgFraction){ rate.num, rate.den };
  return track_frame_rate(media_metadata(t)->framerate);
}

/* Points of CIE 1931 and light in the steps of SMPTE ST 2086. */
static MgMastering
mastering_of(const MgRtmpColour *c)
{
  MgMastering m = { .max_luminance = (guint32) lround(c->max_luminance * 10000),
                    .min_luminance = (guint32) lround(c->min_luminance * 10000) };
  for (guint i = 0; i < 2; i++) {
    m.red[i] = (guint16) lround(c->red[i] * 50000);
    m.green[i] = (guint16) lround(c->green[i] * 50000);
    m.blue[i] = (guint16) lround(c->blue[i] * 50000);
    m.white[i] = (guint16) lround(c->white[i] * 50000);
  }
  return m;
}

static MgMastering
choose_mastering(const Track *t)
{
  const MgCodecMastering *m = &t->facts.hdr.mastering;
  if (t->colour.max_luminance > 0)
    return mastering_of(&t->colour);
  return (MgMastering){ .red = { m->red[0], m->red[1] },
                        .green = { m->green[0], m->green[1] },
                        .blue = { m->blue[0], m->blue[1] },
                        .white = { m->white[0], m->white[1] },
                        .max_luminance = m->max_luminance,
                        .min_luminance = m->min_luminance };
}

static MgLight
choose_light(const Track *t)
{
  const MgCodecLight *light = &t->facts.hdr.light;
  if (t->colour.max_content > 0)
    return (MgLight){ (guint16) lround(t->colour.max_content),
                      (guint16) lround(t->colour.max_frame_average) };
  return (MgLight){ light->max_content, light->max_frame_average };
}

static MgColour
choose_colour(const Track *t)
{
  const MgCodecColour *c = &t->facts.colour;
  MgColour colour = { 0 };
  if (!mg_codec_colour_is_unspecified(c))
    colour = (MgColour){ c->primaries, c->transfer, c->matrix, c->is_full_range };
  if (t->colour.primaries == 0)
    return colour;
  colour.primaries = (guint8) t->colour.primaries;
  colour.transfer = (guint8) t->colour.transfer;
  colour.matrix = (guint8) t->colour.matrix;
  return colour;
}

static MgStreamInfo
describe(const Track *t, const MgAnyPacket *key)
{
  const MgAnyFacts *facts = &t->facts;
  return (MgStreamInfo){
    .width = key != NULL && key->width > 0 ? key->width : facts->width,
    .height = key != NULL && key->width > 0 ? key->height : facts->height,
    .sar = { facts->sar.num, facts->sar.den },
    .frame_rate = choose_frame_rate(t),
    .bitrate = (guint) (media_metadata(t)->kbps * 1000),
    .bit_depth = facts->bit_depth > 0 ? facts->bit_depth : t->colour.bit_depth,
    .colour = choose_colour(t),
    .mastering = choose_mastering(t),
    .light = choose_light(t),
  };
}

static void
declare(Track *t, const MgAnyPacket *key)
{
  MgStreamInfo info = describe(t, key);
  t->frame = 0;
  if (t->facts.has_fixed_frame_rate && info.frame_rate.num > 0)
    t->frame = mg_time_from_ticks(info.frame_rate.den, info.frame_rate.num);
  track_declare(t, &info);
  t->waits_for_key = TRUE;
  t->n_waited = 0;
  g_clear_pointer(&t->held.data, mg_data_unref);
}

static gboolean
looks_alike(const MgStreamInfo *a, const MgStreamInfo *b)
{
  const MgColour *p = &a->colour, *q = &b->colour;
  return a->width == b->width && a->height == b->height && p->primaries == q->primaries &&
         p->transfer == q->transfer && p->matrix == q->matrix &&
         memcmp(&a->mastering, &b->mastering, sizeof a->mastering) == 0 &&
         memcmp(&a->light, &b->light, sizeof a->light) == 0;
}

/* What a key frame says of light is true until another one says something else. */
static void
note_light(Track *t, const MgAnyPacket *key)
{
  if (key->hdr.mastering.max_luminance > 0)
    t->facts.hdr.mastering = key->hdr.mastering;
  if (key->hdr.light.max_content > 0)
    t->facts.hdr.light = key->hdr.light;
}

/*
 * A configuration that says how large pictures are is declared when it comes. VP8 and VP9 leave that to
 * key frames, and light may be said by them, too: then a key frame declares, or declares anew.
 */
static void
declare_at_key(Track *t, const MgAnyPacket *key)
{
  note_light(t, key);
  MgStreamInfo now = describe(t, key);
  if (now.width == 0)
    return;
  if (t->stream == NULL || t->codec != mg_stream_info(t->stream)->codec ||
      !looks_alike(&now, mg_stream_info(t->stream)))
    declare(t, key);
}

/* A configuration has come, or could not be used. */
static void
use(Track *t, TrackConfig state)
{
  if (state != TRACK_CONFIG_NEW)
    return;
  t->waits_for_key = TRUE;
  if (t->facts.width > 0)
    declare(t, NULL);
}

/* --- configuration ----------------------------------------------------------------------------- */

static gboolean
has_nal_units(guint32 codec)
{
  return codec == MG_CODEC_H264 || codec == MG_CODEC_HEVC || codec == MG_CODEC_VVC;
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

/* Whether H.264's parameter sets among units are all in the configuration: a part of them is no news. */
static gboolean
is_known(const Track *t, const guint8 *data, gsize size, guint form)
{
  g_auto(MgWriter) avcc = MG_WRITER_INIT;
  MgH264Config ours, theirs;
  return t->config != NULL && t->codec == MG_CODEC_H264 &&
         mg_h264_config_parse(t->config->bytes, t->config->size, &ours, NULL) &&
         mg_h264_config_from_units(data, size, form, &avcc, NULL) &&
         mg_h264_config_parse(avcc.data, avcc.size, &theirs, NULL) &&
         has_all_sets(&ours.sps, &theirs.sps) && has_all_sets(&ours.pps, &theirs.pps);
}

/*
 * Parameter sets among units, from encoders that announce nothing, or not again. FALSE: there are none.
 */
static gboolean
adopt_in_band(Track *t, guint32 codec, const guint8 *data, gsize size, guint form)
{
  if (codec == MG_CODEC_H264 && is_known(t, data, size, form))
    return TRUE;
  TrackConfig state = track_make_config(t, codec, data, size, form, NULL);
  use(t, state);
  return state != TRACK_CONFIG_BROKEN;
}

/* Some encoders send HEVC under the number of H.264: its configuration tells. */
static TrackConfig
take_as_hevc(Track *t, const Piece *piece)
{
  TrackConfig state = track_take_config(t, MG_CODEC_HEVC, piece->data, piece->size, NULL);
  if (state != TRACK_CONFIG_BROKEN)
    t->avc_means = MG_CODEC_HEVC;
  return state;
}

/* The configuration as a codec with NAL units has it says how long their lengths are. */
static void
note_length_size(Track *t, const Piece *piece)
{
  MgAnyFacts facts;
  if (has_nal_units(t->codec) && mg_any_facts(t->codec, piece->data, piece->size, &facts, NULL))
    t->length_size = facts.nal_length_size;
}

void
video_take_config(Track *t, guint32 codec, const Piece *piece)
{
  g_autoptr(GError) error = NULL;
  TrackConfig state = track_take_config(t, codec, piece->data, piece->size, &error);
  if (codec == MG_CODEC_H264)
    t->avc_means = 0;
  if (state == TRACK_CONFIG_BROKEN && has_nal_units(codec) &&
      adopt_in_band(t, codec, piece->data, piece->size, MG_NAL_ANNEX_B))
    return;
  if (state == TRACK_CONFIG_BROKEN && codec == MG_CODEC_H264)
    state = take_as_hevc(t, piece);
  if (state == TRACK_CONFIG_BROKEN) {
    track_drop(t, error->message);
    return;
  }
  note_length_size(t, piece);
  use(t, state);
}

void
video_take_metadata(Track *t, const Piece *piece)
{
  MgRtmpColour colour;
  if (mg_rtmp_colour_parse(piece->data, piece->size, &colour, NULL))
    t->colour = colour;
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

/* The picture in the form everybody behind wants: the message's own memory, or a rewritten copy. */
static MgSlice
make_payload(const Track *t, const Piece *piece, guint form, const MgAnyPacket *packet)
{
  guint8 *bytes = NULL;
  gsize size = 0;
  gboolean is_fine =
      has_nal_units(t->codec) && form == 4 && (t->codec == MG_CODEC_H264 || !packet->has_config);
  MgNalResult result =
      is_fine ? MG_NAL_AS_IS
              : mg_any_payload(t->codec, form, piece->data, piece->size, &bytes, &size, NULL);
  switch (result) {
  case MG_NAL_AS_IS: return track_payload(piece);
  case MG_NAL_REWRITTEN: return (MgSlice){ mg_data_new_wrap(bytes, size, g_free, bytes), 0, size };
  case MG_NAL_REFUSED: break;
  }
  return (MgSlice){ NULL };
}

/* Units without a picture are no access unit: they wait for the next one. */
static void
hold(Track *t, MgSlice slice)
{
  g_clear_pointer(&t->held.data, mg_data_unref);
  if (slice.size <= MOST_HELD_BYTES)
    t->held = slice;
  else
    mg_data_unref(slice.data);
}

static gboolean
is_delimiter(guint32 codec, const MgNal *nal)
{
  enum { HEVC_DELIMITER = 35, VVC_DELIMITER = 20 };
  if (codec == MG_CODEC_H264)
    return mg_h264_nal_type(nal) == MG_H264_NAL_DELIMITER;
  if (codec == MG_CODEC_HEVC)
    return (nal->data[0] >> 1 & 63) == HEVC_DELIMITER;
  return nal->size > 1 && nal->data[1] >> 3 == VVC_DELIMITER;
}

static gboolean
begins_with_delimiter(const Track *t, const MgSlice *payload)
{
  MgNal nal;
  MgNalIter it = mg_nal_iter(mg_slice_bytes(payload), payload->size, 4);
  return has_nal_units(t->codec) && mg_nal_next(&it, &nal) && is_delimiter(t->codec, &nal);
}

static void
wait_for_key(Track *t)
{
  g_clear_pointer(&t->held.data, mg_data_unref);
  track_drop(t, NULL);
  if (++t->n_waited == MANY_WAITED)
    mg_warning(t->media->node,
               "%s: %u pictures and no key frame: set the encoder's key frame interval to 2 s",
               t->media->label, t->n_waited);
}

static void
push_picture(Track *t, MgSlice payload, Packet *packet)
{
  t->waits_for_key = FALSE;
  packet->payload = payload;
  packet->before = t->held;
  t->held.data = NULL;
  /* A delimiter must come first in its access unit (H.264 clause 7.4.1.2.3). */
  if (packet->before.data != NULL && begins_with_delimiter(t, &payload))
    g_clear_pointer(&packet->before.data, mg_data_unref);
  track_push(t, packet);
}

/* A packet that has been looked at, of a track that has its configuration. */
static void
take_packet(Track *t, const Piece *piece, guint form, const MgAnyPacket *packet)
{
  if (t->waits_for_key && packet->has_media && !packet->is_key) {
    wait_for_key(t);
    return;
  }
  if (packet->has_media && packet->is_key)
    declare_at_key(t, packet);
  if (t->stream == NULL) {
    track_drop(t, "it does not say how large its pictures are");
    return;
  }
  MgSlice payload = make_payload(t, piece, form, packet);
  Packet out = {
    .flags =
        (packet->is_key ? MG_BUFFER_KEY : 0) | (packet->is_disposable ? MG_BUFFER_DISPOSABLE : 0),
    .timestamp_ms = piece->message->timestamp,
    .offset_ns = piece->part->offset_ns,
    .composition_ms = piece->part->composition_ms,
    .duration = t->frame,
    .arrival = piece->arrival,
  };
  if (payload.data == NULL)
    track_drop(t, packet->has_media ? "no memory" : NULL);
  else if (!packet->has_media)
    hold(t, payload);
  else
    push_picture(t, payload, &out);
}

/* Of a track without a configuration, or with one of another codec, nothing is known. */
static MgAnyFacts
facts_for(const Track *t, guint32 codec, guint form)
{
  MgAnyFacts facts = { .is_video = TRUE };
  if (t->config != NULL && t->codec == codec)
    facts = t->facts;
  facts.nal_length_size = form;
  return facts;
}

void
video_take_frame(Track *t, guint32 codec, const Piece *piece)
{
  if (codec == MG_CODEC_H264 && t->avc_means != 0)
    codec = t->avc_means;
  guint form = has_nal_units(codec) ? mg_nal_detect(piece->data, piece->size, t->length_size) : 4;
  MgAnyFacts facts = facts_for(t, codec, form);
  MgAnyPacket packet;
  if (!mg_any_packet(codec, &facts, piece->data, piece->size, &packet)) {
    track_drop(t, has_nal_units(codec) ? "its NAL units do not add up"
                                       : "its pictures are none of its codec");
    return;
  }
  if (packet.has_config)
    adopt_in_band(t, codec, piece->data, piece->size, form);
  if (t->config == NULL || t->codec != codec) {
    track_drop_early(t, codec);
    return;
  }
  /* H.264's open GOPs begin with an I slice and the encoder's word for it. */
  packet.is_key |= codec == MG_CODEC_H264 && piece->part->is_key &&
                   begins_with_i_slice(piece->data, piece->size, form);
  take_packet(t, piece, form, &packet);
}
