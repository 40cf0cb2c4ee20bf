#include "mpegts/track.h"

#include "mpegts/pes.h"

#include <codec/mp3.h>
#include <codec/opus.h>

#include <string.h>

enum {
  TYPE_MPEG1_AUDIO = 0x03,
  TYPE_MPEG2_AUDIO = 0x04,
  TYPE_PRIVATE = 0x06,
  TYPE_ADTS = 0x0f,
  TYPE_LATM = 0x11,
  TYPE_METADATA = 0x15,
  TYPE_H264 = 0x1b,
  TYPE_HEVC = 0x24,
  TYPE_AC3 = 0x81, /* ATSC; HLS asks for it */
  TYPE_SCTE35 = 0x86,
  TYPE_EAC3 = 0x87,
};

enum {
  TAG_REGISTRATION = 0x05,
  TAG_LANGUAGE = 0x0a,
  TAG_METADATA_POINTER = 0x25,
  TAG_METADATA = 0x26,
  TAG_TELETEXT = 0x56,
  TAG_SUBTITLING = 0x59,
  TAG_AC3 = 0x6a,
  TAG_EAC3 = 0x7a,
  TAG_EXTENSION = 0x7f,
  EXTENSION_OPUS = 0x80,
};

enum {
  REGISTERED_AC3 = 0x41432d33,  /* AC-3 */
  REGISTERED_EAC3 = 0x45414333, /* EAC3 */
  REGISTERED_HEVC = 0x48455643, /* HEVC */
  MPEG1_HIGHEST_HALF = 32000,   /* audio below this rate is MPEG-2's */
};

MgTsMedia
mg_ts_codec_media(guint32 codec)
{
  switch (codec) {
  case MG_ANY_H264:
  case MG_ANY_HEVC: return MG_TS_VIDEO;
  case MG_ANY_AAC:
  case MG_ANY_AC3:
  case MG_ANY_EAC3:
  case MG_ANY_MP3:
  case MG_ANY_OPUS:
  case MG_TS_MP2: return MG_TS_AUDIO;
  default: return MG_TS_DATA;
  }
}

/* --- reading ----------------------------------------------------------------------------------- */

/* PES packets with private data, which only descriptors tell apart. */
static guint32
private_codec(const MgTsDescriptors *descriptors)
{
  static const struct {
    guint tag;
    guint32 codec;
  } tags[] = {
    { TAG_AC3, MG_ANY_AC3 },
    { TAG_EAC3, MG_ANY_EAC3 },
    { TAG_TELETEXT, MG_TS_TELETEXT },
    { TAG_SUBTITLING, MG_TS_DVB_SUBTITLES },
  };
  MgTsDescriptors body;
  for (guint i = 0; i < G_N_ELEMENTS(tags); i++)
    if (mg_ts_descriptor_find(descriptors, tags[i].tag, &body))
      return tags[i].codec;
  switch (mg_ts_descriptor_registration(descriptors)) {
  case REGISTERED_AC3: return MG_ANY_AC3;
  case REGISTERED_EAC3: return MG_ANY_EAC3;
  case REGISTERED_HEVC: return MG_ANY_HEVC;
  case MG_ANY_OPUS: return MG_ANY_OPUS;
  case MG_TS_KLV: return MG_TS_KLV;
  default: return MG_TS_PRIVATE;
  }
}

static guint32
metadata_codec(const MgTsDescriptors *descriptors)
{
  MgTsDescriptors body;
  if (!mg_ts_descriptor_find(descriptors, TAG_METADATA, &body))
    return MG_TS_PRIVATE;
  MgReader r = MG_READER(body.data, body.size);
  return mg_reader_be16(&r) == 0xffff && mg_reader_be32(&r) == MG_TS_ID3 ? MG_TS_ID3
                                                                         : MG_TS_PRIVATE;
}

guint32
mg_ts_stream_codec(const MgTsStream *stream)
{
  switch (stream->type) {
  case TYPE_H264: return MG_ANY_H264;
  case TYPE_HEVC: return MG_ANY_HEVC;
  case TYPE_ADTS:
  case TYPE_LATM: return MG_ANY_AAC;
  case TYPE_AC3: return MG_ANY_AC3;
  case TYPE_EAC3: return MG_ANY_EAC3;
  case TYPE_MPEG1_AUDIO:
  case TYPE_MPEG2_AUDIO: return MG_ANY_MP3; /* or layer II: the first frame says */
  case TYPE_SCTE35: return MG_TS_SCTE35;
  case TYPE_METADATA: return metadata_codec(&stream->descriptors);
  case TYPE_PRIVATE: return private_codec(&stream->descriptors);
  default: return MG_TS_PRIVATE;
  }
}

void
mg_ts_stream_language(const MgTsStream *stream, char language[4])
{
  MgTsDescriptors body;
  memset(language, 0, 4);
  if (!mg_ts_descriptor_find(&stream->descriptors, TAG_LANGUAGE, &body) || body.size < 3)
    return;
  for (guint i = 0; i < 3; i++)
    if (!g_ascii_isalpha(body.data[i]))
      return;
  for (guint i = 0; i < 3; i++)
    language[i] = g_ascii_tolower(body.data[i]);
}

/* --- writing ----------------------------------------------------------------------------------- */

static guint8
mpeg_audio_type(const MgTsTrack *track)
{
  MgMp3Header header;
  gboolean is_known = mg_mpeg_audio_header_parse(track->config, track->config_size, &header, NULL);
  return is_known && header.sample_rate < MPEG1_HIGHEST_HALF ? TYPE_MPEG2_AUDIO : TYPE_MPEG1_AUDIO;
}

guint8
mg_ts_track_type(const MgTsTrack *track)
{
  switch (track->codec) {
  case MG_ANY_H264: return TYPE_H264;
  case MG_ANY_HEVC: return TYPE_HEVC;
  case MG_ANY_AAC: return TYPE_ADTS;
  case MG_ANY_AC3: return TYPE_AC3;
  case MG_ANY_EAC3: return TYPE_EAC3;
  case MG_ANY_MP3:
  case MG_TS_MP2: return mpeg_audio_type(track);
  case MG_ANY_OPUS:
  case MG_TS_KLV: return TYPE_PRIVATE;
  case MG_TS_ID3: return TYPE_METADATA;
  case MG_TS_SCTE35: return TYPE_SCTE35;
  default: return track->type;
  }
}

static void
write_registration(guint32 format, MgWriter *out)
{
  mg_writer_u8(out, TAG_REGISTRATION);
  mg_writer_u8(out, 4);
  mg_writer_be32(out, format);
}

/*
 * Opus as registered: the number of channels stands for Vorbis' order of them, which is mapping
 * family 1; the table of ETSI TS 101 154 annex H.
 */
static void
write_opus(const MgTsTrack *track, MgWriter *out)
{
  MgOpusConfig config;
  write_registration(MG_ANY_OPUS, out);
  mg_writer_u8(out, TAG_EXTENSION);
  mg_writer_u8(out, 2);
  mg_writer_u8(out, EXTENSION_OPUS);
  gboolean is_known = mg_opus_config_parse(track->config, track->config_size, &config, NULL);
  mg_writer_u8(out, is_known ? config.channels : 2);
}

/* ISO/IEC 13818-1 clause 2.6.60: ID3 says that it is, and service 0. */
static void
write_id3_format(MgWriter *out)
{
  mg_writer_be16(out, 0xffff);
  mg_writer_be32(out, MG_TS_ID3);
  mg_writer_u8(out, 0xff);
  mg_writer_be32(out, MG_TS_ID3);
  mg_writer_u8(out, 0);
}

static void
write_id3(MgWriter *out)
{
  mg_writer_u8(out, TAG_METADATA);
  mg_writer_u8(out, 13);
  write_id3_format(out);
  mg_writer_u8(out, 0x0f);
}

void
mg_ts_track_write_descriptors(const MgTsTrack *track, MgWriter *out)
{
  switch (track->codec) {
  case MG_ANY_HEVC: write_registration(REGISTERED_HEVC, out); break;
  case MG_ANY_AC3: write_registration(REGISTERED_AC3, out); break;
  case MG_ANY_EAC3: write_registration(REGISTERED_EAC3, out); break;
  case MG_ANY_OPUS: write_opus(track, out); break;
  case MG_TS_KLV: write_registration(MG_TS_KLV, out); break;
  case MG_TS_ID3: write_id3(out); break;
  case MG_TS_TELETEXT:
  case MG_TS_DVB_SUBTITLES:
  case MG_TS_PRIVATE:
    mg_writer_bytes(out, track->descriptors.data, track->descriptors.size);
    return; /* the language is among them */
  default: break;
  }
  if (track->language[0] == '\0')
    return;
  mg_writer_u8(out, TAG_LANGUAGE);
  mg_writer_u8(out, 4);
  mg_writer_bytes(out, track->language, 3);
  mg_writer_u8(out, 0); /* audio_type: undefined */
}

void
mg_ts_track_write_programme_descriptors(const MgTsTrack *track, guint16 programme, MgWriter *out)
{
  if (track->codec == MG_TS_SCTE35)
    write_registration(MG_TS_SCTE35, out);
  if (track->codec != MG_TS_ID3)
    return;
  mg_writer_u8(out, TAG_METADATA_POINTER);
  mg_writer_u8(out, 15);
  write_id3_format(out);
  mg_writer_u8(out, 0x1f);
  mg_writer_be16(out, programme);
}

guint8
mg_ts_track_stream_id(const MgTsTrack *track)
{
  switch (track->codec) {
  case MG_ANY_H264:
  case MG_ANY_HEVC: return MG_TS_PES_VIDEO;
  case MG_ANY_AAC:
  case MG_ANY_MP3:
  case MG_TS_MP2: return MG_TS_PES_AUDIO;
  case MG_TS_SCTE35: return 0;
  default: return MG_TS_PES_PRIVATE;
  }
}
