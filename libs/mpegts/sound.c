#include "mpegts/sound.h"

#include <codec/adts.h>
#include <codec/mp3.h>
#include <codec/opus.h>

#include <string.h>

enum { TAG_EXTENSION = 0x7f, EXTENSION_OPUS = 0x80, OPUS_MOST_CHANNELS = 8 };

void
mg_ts_sound_clear(MgTsSound *s, MgTsSink *sink)
{
  mg_ts_sink_release(sink, &s->stream);
}

void
mg_ts_sound_break(MgTsSound *s)
{
  mg_writer_reset(&s->stream);
  s->n_marks = 0;
  s->has_time = s->is_in_step = FALSE;
}

/* --- configuration ----------------------------------------------------------------------------- */

static gboolean
make_adts(const guint8 *data, gsize size, MgWriter *config)
{
  MgAdtsFrame frame;
  if (!mg_adts_parse(data, size, &frame))
    return FALSE;
  mg_aac_config_write(&frame.config, config);
  return TRUE;
}

static gboolean
make_mpeg_audio(const guint8 *data, gsize size, guint32 *codec, MgWriter *config)
{
  MgMp3Header header;
  if (!mg_mpeg_audio_header_parse(data, size, &header, NULL))
    return FALSE;
  *codec = header.layer == 3 ? (guint32) MG_ANY_MP3 : (guint32) MG_TS_MP2;
  mg_writer_bytes(config, data, MG_MP3_HEADER_BYTES);
  return TRUE;
}

/*
 * The number of channels in the track's descriptors stands for mapping family 0 or 1 (RFC 7845
 * clause 5.1.1).
 */
static gboolean
make_opus(const MgTsTrack *track, MgWriter *config)
{
  static const guint8 coupled[] = { 0, 0, 1, 1, 2, 2, 2, 3, 3 };
  static const guint8 mappings[][OPUS_MOST_CHANNELS] = {
    { 0 },
    { 0 },
    { 0, 1 },
    { 0, 2, 1 },
    { 0, 1, 2, 3 },
    { 0, 4, 1, 2, 3 },
    { 0, 4, 1, 2, 3, 5 },
    { 0, 4, 1, 2, 3, 5, 6 },
    { 0, 6, 1, 2, 3, 4, 5, 7 },
  };
  MgTsDescriptors body = { NULL, 0 };
  mg_ts_descriptor_find(&track->descriptors, TAG_EXTENSION, &body);
  MgReader r = MG_READER(body.data, body.size);
  guint extension = mg_reader_u8(&r);
  guint8 channels = mg_reader_u8(&r);
  if (extension != EXTENSION_OPUS || channels == 0 || channels > OPUS_MOST_CHANNELS)
    return FALSE;
  MgOpusConfig opus = {
    .channels = channels,
    .input_rate = MG_OPUS_RATE,
    .mapping_family = channels > 2,
    .streams = channels - coupled[channels],
    .coupled = coupled[channels],
  };
  memcpy(opus.mapping, mappings[channels], channels);
  mg_opus_config_write(&opus, config);
  return TRUE;
}

static gboolean
make_config(const MgTsSound *s, const MgTsTrack *track, const guint8 *data, gsize size,
            guint32 *codec, MgWriter *config)
{
  switch (s->framing) {
  case MG_TS_FRAMING_ADTS: return make_adts(data, size, config);
  case MG_TS_FRAMING_LATM: mg_aac_config_write(&s->latm.config, config); return TRUE;
  case MG_TS_FRAMING_MPEG_AUDIO: return make_mpeg_audio(data, size, codec, config);
  case MG_TS_FRAMING_OPUS: return make_opus(track, config);
  default: return mg_any_config_make(*codec, data, size, 0, config, NULL);
  }
}

static gboolean
tell_config(MgTsSound *s, MgTsTold *told, const guint8 *data, const MgTsFrame *frame)
{
  g_auto(MgWriter) config = MG_WRITER_INIT;
  guint32 codec = told->track.codec;
  if (!make_config(s, &told->track, data, frame->size, &codec, &config))
    return FALSE;
  s->kind = frame->kind;
  mg_ts_told_config(told, codec, &config);
  return TRUE;
}

/* --- time -------------------------------------------------------------------------------------- */

/* Removes the marks up to AT. Returns the last of them, or one whose stamp is none. */
static MgTsMark
take_marks(MgTsSound *s, gsize at)
{
  MgTsMark last = { .pts = MG_TS_NONE };
  guint n = 0;
  while (n < s->n_marks && s->marks[n].at <= at)
    last = s->marks[n++];
  s->n_marks -= n;
  memmove(s->marks, s->marks + n, s->n_marks * sizeof s->marks[0]);
  return last;
}

/*
 * The stamp of the frame that begins at AT; from it on, samples count at its rate. Out of step,
 * what was passed over since a mark may be the end of one frame, but not more: the stamp was
 * another frame's then.
 */
static gint64
time_of(MgTsSound *s, gsize at, const MgTsFrame *frame)
{
  MgTsMark mark = take_marks(s, at);
  if (mark.pts != MG_TS_NONE && (s->is_in_step || at - mark.at < frame->size)) {
    s->anchor = mark.pts;
    s->n_samples = 0;
    s->has_time = TRUE;
  }
  if (!s->has_time || frame->sample_rate == 0)
    return MG_TS_NONE;
  guint64 since = s->n_samples > 0 ? s->n_samples * MG_TS_STAMP_RATE / s->rate : 0;
  gint64 pts = (s->anchor + (gint64) since) & (MG_TS_STAMP_RANGE - 1);
  if (s->rate != frame->sample_rate) {
    s->rate = frame->sample_rate;
    s->anchor = pts;
    s->n_samples = 0;
  }
  return pts;
}

static void
add_mark(MgTsSound *s, gint64 pts)
{
  if (pts == MG_TS_NONE)
    return;
  if (s->n_marks == MG_TS_MOST_MARKS)
    s->n_marks--;
  s->marks[s->n_marks].at = s->stream.size;
  s->marks[s->n_marks++].pts = pts;
}

static void
use_up(MgTsSound *s, gsize n)
{
  memmove(s->stream.data, s->stream.data + n, s->stream.size - n);
  s->stream.size -= n;
  for (guint i = 0; i < s->n_marks; i++)
    s->marks[i].at -= MIN(s->marks[i].at, n);
}

/* --- frames ------------------------------------------------------------------------------------ */

/* LATM says only now what is in a frame. */
static gboolean
read_latm(MgTsSound *s, const guint8 *data, MgTsFrame *frame, MgWriter *payload)
{
  if (!mg_latm_read(&s->latm, data, frame->size, payload))
    return FALSE;
  const MgAacConfig *c = &s->latm.config;
  frame->samples = c->core_frame_samples;
  frame->sample_rate = c->core_rate;
  frame->kind = (guint64) c->core_rate << 32 | c->output_rate << 8 | c->channel_config << 3 |
                (c->has_sbr ? 2 : 0) | 1;
  return TRUE;
}

static void
take_frame(MgTsSound *s, MgTsTold *told, gsize at, MgTsFrame *frame)
{
  g_auto(MgWriter) payload = MG_WRITER_INIT;
  const guint8 *data = s->stream.data + at;
  gboolean is_latm = s->framing == MG_TS_FRAMING_LATM;
  if (is_latm && !read_latm(s, data, frame, &payload)) {
    if (told->track.config != NULL) /* not merely joined before the first configuration */
      mg_ts_told_damage(told);
    s->has_time = FALSE;
    s->is_in_step = TRUE;
    return;
  }
  const MgTsReceived unit = { .pts = time_of(s, at, frame), .is_key = TRUE };
  s->is_in_step = TRUE;
  s->n_samples += frame->samples;
  if (frame->kind != s->kind && !tell_config(s, told, data, frame)) {
    mg_ts_told_damage(told);
    return;
  }
  if (unit.pts == MG_TS_NONE) {
    told->is_after_loss = TRUE;
    return;
  }
  MgTsReceived about = unit;
  about.dts = unit.pts;
  if (is_latm)
    mg_ts_told_copy(told, payload.data, payload.size, &about);
  else
    mg_ts_told_copy(told, data + frame->head, frame->size - frame->head, &about);
}

/*
 * Whether the bytes at AT are a frame: in step, one like the one before; else another must follow.
 */
static MgTsFrameResult
find_frame(const MgTsSound *s, gsize at, MgTsFrame *frame)
{
  MgTsFrame next;
  gsize left = s->stream.size - at;
  MgTsFrameResult result = mg_ts_frame_parse(s->framing, s->stream.data + at, left, frame);
  if (result != MG_TS_FRAME_WHOLE)
    return result;
  if (frame->size > left)
    return MG_TS_FRAME_MORE;
  gboolean is_like_before = frame->kind == s->kind || s->framing == MG_TS_FRAMING_LATM;
  if ((s->is_in_step && is_like_before) || frame->size == left)
    return MG_TS_FRAME_WHOLE;
  result =
      mg_ts_frame_parse(s->framing, s->stream.data + at + frame->size, left - frame->size, &next);
  return result == MG_TS_FRAME_WHOLE && next.kind != frame->kind ? MG_TS_FRAME_BAD : result;
}

static void
lose_step(MgTsSound *s, MgTsTold *told, gsize at)
{
  if (s->is_in_step) {
    take_marks(s, at); /* the frame that is lost had them */
    mg_ts_told_damage(told);
  }
  s->is_in_step = s->has_time = FALSE;
}

void
mg_ts_sound_take(MgTsSound *s, MgTsTold *told, const guint8 *data, gsize size, gint64 pts)
{
  MgTsFrame frame;
  gsize at = 0;
  add_mark(s, pts);
  if (!mg_ts_sink_append(told->sink, &s->stream, data, size)) {
    told->sink->counts.n_refused++;
    told->is_after_loss = TRUE;
    mg_ts_sound_break(s);
    return;
  }
  while (at < s->stream.size) {
    MgTsFrameResult result = find_frame(s, at, &frame);
    if (result == MG_TS_FRAME_MORE)
      break;
    if (result == MG_TS_FRAME_BAD) {
      lose_step(s, told, at);
      at++;
      continue;
    }
    take_frame(s, told, at, &frame);
    at += frame.size;
  }
  use_up(s, at);
}
