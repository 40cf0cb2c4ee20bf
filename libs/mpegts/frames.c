#include "mpegts/frames.h"

#include <codec/ac3.h>
#include <codec/adts.h>
#include <codec/latm.h>
#include <codec/mp3.h>
#include <codec/opus.h>

enum {
  TYPE_LATM = 0x11,
  OPUS_PREFIX = 0x3ff,
  OPUS_MOST = 8 * 1275, /* bytes of a packet; 48 frames at most would be more than anyone sends */
};

MgTsFraming
mg_ts_framing_of(guint32 codec, guint8 stream_type)
{
  switch (codec) {
  case MG_ANY_AAC: return stream_type == TYPE_LATM ? MG_TS_FRAMING_LATM : MG_TS_FRAMING_ADTS;
  case MG_ANY_MP3:
  case MG_TS_MP2: return MG_TS_FRAMING_MPEG_AUDIO;
  case MG_ANY_AC3: return MG_TS_FRAMING_AC3;
  case MG_ANY_EAC3: return MG_TS_FRAMING_EAC3;
  case MG_ANY_OPUS: return MG_TS_FRAMING_OPUS;
  default: return MG_TS_FRAMING_NONE;
  }
}

/* Never 0, so that no frame is of the kind that a fresh track has. */
static guint64
make_kind(guint64 rate, guint a, guint b)
{
  return rate << 32 | a << 16 | b << 8 | 1;
}

static MgTsFrameResult
parse_adts(const guint8 *data, gsize size, MgTsFrame *frame)
{
  MgAdtsFrame adts;
  if (size < MG_ADTS_HEADER_BYTES)
    return MG_TS_FRAME_MORE;
  if (!mg_adts_parse(data, size, &adts) || adts.n_blocks != 1)
    return MG_TS_FRAME_BAD;
  *frame = (MgTsFrame){
    .size = adts.size,
    .head = adts.header_size,
    .samples = adts.config.frame_samples,
    .sample_rate = adts.config.core_rate,
    .kind = make_kind(adts.config.core_rate, adts.config.object_type, adts.config.channel_config),
  };
  return MG_TS_FRAME_WHOLE;
}

static MgTsFrameResult
parse_latm(const guint8 *data, gsize size, MgTsFrame *frame)
{
  if (size < MG_LATM_HEAD_BYTES)
    return MG_TS_FRAME_MORE;
  *frame = (MgTsFrame){ .size = mg_latm_frame_size(data), .kind = 1 };
  return frame->size > 0 ? MG_TS_FRAME_WHOLE : MG_TS_FRAME_BAD;
}

static MgTsFrameResult
parse_mpeg_audio(const guint8 *data, gsize size, MgTsFrame *frame)
{
  MgMp3Header header;
  if (size < MG_MP3_HEADER_BYTES)
    return MG_TS_FRAME_MORE;
  if (!mg_mpeg_audio_header_parse(data, size, &header, NULL) ||
      header.frame_size <= MG_MP3_HEADER_BYTES)
    return MG_TS_FRAME_BAD;
  *frame = (MgTsFrame){
    .size = header.frame_size,
    .samples = header.frame_samples,
    .sample_rate = header.sample_rate,
    .kind = make_kind(header.sample_rate, header.layer, header.channels),
  };
  return MG_TS_FRAME_WHOLE;
}

static MgTsFrameResult
parse_sync_frame(const guint8 *data, gsize size, gboolean is_eac3, MgAc3Frame *ac3)
{
  if (size < MG_AC3_FRAME_HEAD)
    return MG_TS_FRAME_MORE;
  return mg_ac3_frame_parse(data, ac3) && !ac3->is_eac3 == !is_eac3 ? MG_TS_FRAME_WHOLE
                                                                    : MG_TS_FRAME_BAD;
}

static void
describe_ac3(const MgAc3Frame *ac3, MgTsFrame *frame)
{
  *frame = (MgTsFrame){
    .size = ac3->size,
    .samples = MG_AC3_FRAME_SAMPLES,
    .sample_rate = ac3->sample_rate,
    .kind = make_kind(ac3->sample_rate, ac3->mode, ac3->has_lfe ? 1 : 0),
  };
}

static MgTsFrameResult
parse_ac3(const guint8 *data, gsize size, MgTsFrame *frame)
{
  MgAc3Frame ac3;
  MgTsFrameResult result = parse_sync_frame(data, size, FALSE, &ac3);
  if (result == MG_TS_FRAME_WHOLE)
    describe_ac3(&ac3, frame);
  return result;
}

/* An independent frame and those that go with it, as far as they are there. */
static MgTsFrameResult
parse_eac3(const guint8 *data, gsize size, MgTsFrame *frame)
{
  MgAc3Frame ac3;
  MgTsFrameResult result = parse_sync_frame(data, size, TRUE, &ac3);
  if (result != MG_TS_FRAME_WHOLE)
    return result;
  if (!ac3.begins_unit)
    return MG_TS_FRAME_BAD;
  describe_ac3(&ac3, frame);
  while (frame->size < size) {
    result = parse_sync_frame(data + frame->size, size - frame->size, TRUE, &ac3);
    if (result == MG_TS_FRAME_MORE)
      return MG_TS_FRAME_MORE;
    if (result == MG_TS_FRAME_BAD || ac3.begins_unit)
      break;
    frame->size += ac3.size;
    frame->kind += make_kind(0, ac3.mode, 2);
  }
  return MG_TS_FRAME_WHOLE;
}

/* opus_control_header() (ETSI TS 101 154 annex H). */
static MgTsFrameResult
parse_opus(const guint8 *data, gsize size, MgTsFrame *frame)
{
  MgReader r = MG_READER(data, size);
  guint head = mg_reader_be16(&r);
  gsize payload = 0;
  guint byte = 255;
  while (byte == 255 && !mg_reader_failed(&r))
    payload += byte = mg_reader_u8(&r);
  if (head & 0x10) /* start_trim_flag */
    mg_reader_skip(&r, 2);
  if (head & 8) /* end_trim_flag */
    mg_reader_skip(&r, 2);
  if (head & 4) /* control_extension_flag */
    mg_reader_skip(&r, mg_reader_u8(&r));
  if ((size >= 2 && head >> 5 != OPUS_PREFIX) || payload > OPUS_MOST)
    return MG_TS_FRAME_BAD;
  if (mg_reader_failed(&r))
    return MG_TS_FRAME_MORE;
  *frame =
      (MgTsFrame){ .size = r.pos + payload, .head = r.pos, .sample_rate = MG_OPUS_RATE, .kind = 1 };
  if (payload > mg_reader_left(&r))
    return MG_TS_FRAME_WHOLE;
  frame->samples = mg_opus_packet_samples(mg_reader_peek(&r, payload), payload);
  return frame->samples > 0 ? MG_TS_FRAME_WHOLE : MG_TS_FRAME_BAD;
}

MgTsFrameResult
mg_ts_frame_parse(MgTsFraming framing, const guint8 *data, gsize size, MgTsFrame *frame)
{
  switch (framing) {
  case MG_TS_FRAMING_ADTS: return parse_adts(data, size, frame);
  case MG_TS_FRAMING_LATM: return parse_latm(data, size, frame);
  case MG_TS_FRAMING_MPEG_AUDIO: return parse_mpeg_audio(data, size, frame);
  case MG_TS_FRAMING_AC3: return parse_ac3(data, size, frame);
  case MG_TS_FRAMING_EAC3: return parse_eac3(data, size, frame);
  case MG_TS_FRAMING_OPUS: return parse_opus(data, size, frame);
  case MG_TS_FRAMING_NONE: break;
  }
  return MG_TS_FRAME_BAD;
}
