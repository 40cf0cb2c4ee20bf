/*
 * mp4a: AAC and MP3. An elementary stream descriptor (ISO/IEC 14496-14 clause 5.6) says which, and has
 * AAC's configuration; MP3 has none.
 */
#include "cmaf/entry.h"
#include "codec/aac.h"

enum {
  TAG_ES = 3,
  TAG_DECODER_CONFIG = 4,
  TAG_DECODER_SPECIFIC = 5,
  TAG_SL_CONFIG = 6,
  OBJECT_MPEG4_AUDIO = 0x40, /* objectTypeIndication: ISO/IEC 14496-1 table 5 */
  OBJECT_MPEG2_LAYERS = 0x69,
  OBJECT_MPEG1_LAYERS = 0x6b,
  LOWEST_MPEG1_RATE = 32000,
  DESCRIPTOR_HEAD = 5, /* tag and a size of four bytes */
  DECODER_CONFIG_BYTES = 13,
  MOST_CONFIG_BYTES = 1024,
};

/* The size in its four-byte form (ISO/IEC 14496-1 clause 8.3.3), which every reader takes. */
static void
write_descriptor_head(MgWriter *out, guint8 tag, gsize size)
{
  mg_writer_u8(out, tag);
  for (guint shift = 21; shift > 0; shift -= 7)
    mg_writer_u8(out, (guint8) (0x80 | (size >> shift & 0x7f)));
  mg_writer_u8(out, size & 0x7f);
}

/* SPECIFIC_SIZE is 0 for MP3, whose decoder needs nothing but the frames. */
static void
write_esds(MgWriter *out, const MgCmafTrack *track, guint8 object, gsize specific_size)
{
  gsize specific = specific_size > 0 ? DESCRIPTOR_HEAD + specific_size : 0;
  gsize decoder = DESCRIPTOR_HEAD + DECODER_CONFIG_BYTES + specific;
  gsize esds = mg_full_box_begin(out, "esds", 0, 0);
  write_descriptor_head(out, TAG_ES, 3 + decoder + DESCRIPTOR_HEAD + 1);
  mg_writer_be16(out, 0); /* ES_ID */
  mg_writer_u8(out, 0);
  write_descriptor_head(out, TAG_DECODER_CONFIG, DECODER_CONFIG_BYTES + specific);
  mg_writer_u8(out, object);
  mg_writer_u8(out, 0x15); /* streamType audio, reserved bit */
  mg_writer_be24(out, 0);  /* bufferSizeDB: not known */
  mg_writer_be32(out, track->bitrate);
  mg_writer_be32(out, track->bitrate);
  if (specific_size > 0) {
    write_descriptor_head(out, TAG_DECODER_SPECIFIC, specific_size);
    mg_writer_bytes(out, track->config, specific_size);
  }
  write_descriptor_head(out, TAG_SL_CONFIG, 1);
  mg_writer_u8(out, 2); /* predefined: MP4 */
  mg_box_end(out, esds);
}

static gboolean
write_aac(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error)
{
  MgAacConfig config;
  if (track->config_size > MOST_CONFIG_BYTES) {
    g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                "AAC configuration of %" G_GSIZE_FORMAT " bytes", track->config_size);
    return FALSE;
  }
  if (!mg_aac_config_parse(track->config, track->config_size, &config, error))
    return FALSE;
  if (track->sample_rate == 0)
    track->sample_rate = config.output_rate;
  if (track->channels == 0)
    track->channels = config.channels;
  gboolean is_core = config.object_type == 2 && config.channels <= 2 && config.output_rate <= 48000;
  *brand = is_core ? "caac" : NULL;
  gsize entry = mg_cmaf_audio_begin(out, "mp4a", track, 16);
  write_esds(out, track, OBJECT_MPEG4_AUDIO, track->config_size);
  mg_cmaf_audio_end(out, entry, track);
  return TRUE;
}

static gboolean
write_mp3(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error)
{
  MgAnyFacts facts;
  gboolean is_described = track->sample_rate > 0 && track->channels > 0;
  if ((track->config_size > 0 || !is_described) && !mg_cmaf_audio_fill(track, &facts, error))
    return FALSE;
  gboolean is_mpeg1 = track->sample_rate >= LOWEST_MPEG1_RATE;
  gsize entry = mg_cmaf_audio_begin(out, "mp4a", track, 16);
  write_esds(out, track, is_mpeg1 ? OBJECT_MPEG1_LAYERS : OBJECT_MPEG2_LAYERS, 0);
  mg_cmaf_audio_end(out, entry, track);
  return TRUE;
}

/* Enters a descriptor of this tag; a failed reader if it is another. */
static MgReader
open_descriptor(MgReader *r, guint8 tag)
{
  gsize size = 0;
  guint8 byte = 0x80;
  if (mg_reader_u8(r) != tag)
    mg_reader_fail(r);
  for (guint i = 0; i < 4 && byte & 0x80; i++) {
    byte = mg_reader_u8(r);
    size = size << 7 | (byte & 0x7f);
  }
  return mg_reader_sub(r, size);
}

static void
skip_es_head(MgReader *es)
{
  mg_reader_skip(es, 2);
  guint8 flags = mg_reader_u8(es);
  if (flags & 0x80) /* streamDependenceFlag */
    mg_reader_skip(es, 2);
  if (flags & 0x40) /* URL_Flag */
    mg_reader_skip(es, mg_reader_u8(es));
  if (flags & 0x20) /* OCRstreamFlag */
    mg_reader_skip(es, 2);
}

static gboolean
read_mp4a(MgReader *body, MgCmafTrack *track)
{
  MgBox esds;
  if (!mg_cmaf_audio_read(body, track) || !mg_box_find(body, "esds", &esds))
    return FALSE;
  mg_reader_skip(&esds.body, 4);
  MgReader es = open_descriptor(&esds.body, TAG_ES);
  skip_es_head(&es);
  MgReader decoder = open_descriptor(&es, TAG_DECODER_CONFIG);
  guint8 object = mg_reader_u8(&decoder);
  mg_reader_skip(&decoder, 1 + 3);
  track->bitrate = mg_reader_be32(&decoder);
  mg_reader_skip(&decoder, 4);
  if (object == OBJECT_MPEG1_LAYERS || object == OBJECT_MPEG2_LAYERS) {
    track->codec = MG_CMAF_MP3;
    return !mg_reader_failed(&decoder);
  }
  MgReader specific = open_descriptor(&decoder, TAG_DECODER_SPECIFIC);
  track->config_size = mg_reader_left(&specific);
  track->config = mg_reader_take(&specific, track->config_size);
  return object == OBJECT_MPEG4_AUDIO && !mg_reader_failed(&specific);
}

const MgCmafEntry mg_cmaf_entry_aac = {
  .codec = MG_CMAF_AAC,
  .is_video = FALSE,
  .write = write_aac,
  .read = read_mp4a,
};

/* What QuickTime names '.mp3' is read, too: it has no descriptor. */
const MgCmafEntry mg_cmaf_entry_mp3 = {
  .codec = MG_CMAF_MP3,
  .is_video = FALSE,
  .write = write_mp3,
  .read = mg_cmaf_audio_read,
};
