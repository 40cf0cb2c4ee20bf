/*
 * What an elementary stream of a programme is: a track, as a muxer is given it and a demuxer finds
 * it.
 *
 * Codecs go by the FourCC of <mediagraph/stream.h> (codec/any.h has them as numbers), with the
 * configuration and the access units that are defined there. What is in transport streams only has
 * its FourCC here. How a programme map says it: ISO/IEC 13818-1 table 2-34, ATSC A/52 annex A for
 * AC-3, ETSI TS 101 154 and EN 300 468 for DVB's, and what is registered with SMPTE RA.
 *
 * Any thread.
 */
#pragma once

#include "mpegts/psi.h"

#include <codec/any.h>

enum {
  MG_TS_MP2 = 0x2e6d7032,           /* .mp2: MPEG audio of layer II, as .mp3 */
  MG_TS_ID3 = 0x49443320,           /* timed metadata: one ID3 tag */
  MG_TS_SCTE35 = 0x43554549,        /* CUEI: one splice_info_section; it has no stamps of its own */
  MG_TS_KLV = 0x4b4c5641,           /* KLVA: SMPTE 336 metadata, asynchronous */
  MG_TS_TELETEXT = 0x74747874,      /* ttxt: one PES payload of EN 300 472 */
  MG_TS_DVB_SUBTITLES = 0x64766273, /* dvbs: one PES payload of EN 300 743 */
  MG_TS_PRIVATE = 0,                /* anything else: one PES payload */
};

typedef enum { MG_TS_VIDEO, MG_TS_AUDIO, MG_TS_DATA } MgTsMedia;

typedef struct {
  guint16 pid;
  guint32 codec;
  const guint8 *config; /* borrowed; NULL: the codec has none */
  gsize config_size;
  char language[4]; /* ISO 639-2, or empty */

  /* What the programme map says. A muxer looks at it for MG_TS_TELETEXT and below only. */
  guint8 type; /* stream_type */
  MgTsDescriptors descriptors;
} MgTsTrack;

MgTsMedia mg_ts_codec_media(guint32 codec);

/*
 * What STREAM is; MG_TS_PRIVATE when it is not known here, other codecs of video and audio
 * included.
 */
guint32 mg_ts_stream_codec(const MgTsStream *stream);

/* The language that STREAM's descriptors tell, as MgTsTrack has it. */
void mg_ts_stream_language(const MgTsStream *stream, char language[4]);

/* stream_type of a track, and its descriptors, appended to OUT. */
guint8 mg_ts_track_type(const MgTsTrack *track);
void mg_ts_track_write_descriptors(const MgTsTrack *track, MgWriter *out);

/* Appends the descriptors that a programme has on behalf of a track in it. */
void mg_ts_track_write_programme_descriptors(const MgTsTrack *track, guint16 programme,
                                             MgWriter *out);

/* The stream_id of a track's PES packets; 0 for one that travels in sections. */
guint8 mg_ts_track_stream_id(const MgTsTrack *track);
