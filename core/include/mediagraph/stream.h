/*
 * The declaration of one track: what its buffers are.
 *
 * A producer declares a stream before the first buffer of it; a consumer accepts or refuses it with a
 * sentence. There is no negotiation. A stream never changes: new parameters are a new MgStream on the
 * same port. It is counted, immutable, and may be read on any thread.
 */
#pragma once

#include <mediagraph/data.h>

G_BEGIN_DECLS

typedef enum {
  MG_MEDIA_VIDEO = 1 << 0,
  MG_MEDIA_AUDIO = 1 << 1,
  MG_MEDIA_DATA = 1 << 2,
  MG_MEDIA_ANY = 7,
} MgMedia;

typedef enum {
  MG_FORM_PACKET = 1 << 0, /* one coded access unit per buffer */
  MG_FORM_FRAME = 1 << 1,  /* one raw picture or block of samples per buffer */
  MG_FORM_CHUNK = 1 << 2,  /* one CMAF chunk per buffer (chunk.h) */
  MG_FORM_ANY = 7,
} MgForm;

#define MG_FOURCC(a, b, c, d) ((guint32) (a) << 24 | (b) << 16 | (c) << 8 | (d))

/*
 * Codecs are named by FourCC, so that a plugin can carry one that the engine never heard of. What a
 * stream's config is, and what one packet:
 *   avc1: an AVCDecoderConfigurationRecord; NAL units with four-byte lengths.
 *   hvc1: an HEVCDecoderConfigurationRecord with VPS, SPS and PPS; NAL units with four-byte lengths.
 *   vvc1: a VvcDecoderConfigurationRecord; NAL units with four-byte lengths.
 *   av01: an AV1CodecConfigurationRecord with the sequence header OBU; a temporal unit of OBUs that
 *         have size fields, without temporal delimiter.
 *   vp08, vp09: a VPCodecConfigurationRecord (vpcC without version and flags); a frame or superframe.
 *         The record has no picture size: width and height of the stream must be given.
 *   mp4a: an AudioSpecificConfig; one raw_data_block without ADTS.
 *   Opus: an identification header, from "OpusHead" on (RFC 7845 clause 5.1); one packet of RFC 6716.
 *   fLaC: "fLaC" and the metadata blocks, STREAMINFO first; one frame.
 *   ac-3: an AC3SpecificBox's body (ETSI TS 102 366 annex F); one sync frame.
 *   ec-3: an EC3SpecificBox's body; the sync frames of one access unit: all substreams, six blocks.
 *   .mp3: the four-byte header of the first frame; one frame of MPEG audio layer III with its header.
 * AC-3, E-AC-3 and MP3 have no configuration on the wire: the producer takes it from the first packet.
 */
typedef guint32 MgCodec;
#define MG_CODEC_NONE ((MgCodec) 0)
#define MG_CODEC_H264 MG_FOURCC('a', 'v', 'c', '1')
#define MG_CODEC_HEVC MG_FOURCC('h', 'v', 'c', '1')
#define MG_CODEC_VVC  MG_FOURCC('v', 'v', 'c', '1')
#define MG_CODEC_AV1  MG_FOURCC('a', 'v', '0', '1')
#define MG_CODEC_VP8  MG_FOURCC('v', 'p', '0', '8')
#define MG_CODEC_VP9  MG_FOURCC('v', 'p', '0', '9')
#define MG_CODEC_AAC  MG_FOURCC('m', 'p', '4', 'a')
#define MG_CODEC_OPUS MG_FOURCC('O', 'p', 'u', 's')
#define MG_CODEC_FLAC MG_FOURCC('f', 'L', 'a', 'C')
#define MG_CODEC_AC3  MG_FOURCC('a', 'c', '-', '3')
#define MG_CODEC_EAC3 MG_FOURCC('e', 'c', '-', '3')
#define MG_CODEC_MP3  MG_FOURCC('.', 'm', 'p', '3')

/* Returned-owned: "H.264", or the FourCC of a codec that has no other name here. For people. */
MG_API char *mg_codec_name(MgCodec codec);

typedef struct {
  guint32 num;
  guint32 den; /* 0: unknown */
} MgFraction;

/* Code points of ISO/IEC 23091-2 (H.273). 2 is "unspecified"; with primaries 0, nothing is known. */
typedef struct {
  guint8 primaries, transfer, matrix;
  gboolean is_full_range;
} MgColour;

/* The display that the pictures were mastered on (SMPTE ST 2086). max_luminance 0: not known. */
typedef struct {
  guint16 red[2], green[2], blue[2], white[2]; /* x and y, in steps of 0.00002 */
  guint32 max_luminance, min_luminance;        /* in steps of 0.0001 cd/m² */
} MgMastering;

/* How light the content gets (CTA-861.3), in cd/m². max_content 0: not known. */
typedef struct {
  guint16 max_content;       /* the brightest pixel, MaxCLL */
  guint16 max_frame_average; /* the brightest frame, MaxFALL */
} MgLight;

enum { MG_MOST_SPEAKERS = 24 };

/*
 * Which loudspeaker each channel is for, in the order they are coded in: an OutputChannelPosition of ISO/IEC
 * 23091-3, such as 0 (left), 2 (centre) or 3 (low frequencies); 127 is none in particular. n 0: not known
 * better than the codec's configuration has it.
 */
typedef struct {
  guint n;
  guint8 position[MG_MOST_SPEAKERS];
} MgSpeakers;

/* What a stream says. Zero or NULL always means "unknown" or "does not apply". */
typedef struct {
  gsize size;     /* sizeof (MgStreamInfo) of whoever fills it in */
  const char *id; /* unique among a node's outputs: "video", "audio", "1080p" */
  MgMedia media;  /* exactly one bit */
  MgForm form;    /* exactly one bit */
  MgCodec codec;
  MgData *config;           /* the decoder configuration, see MgCodec */
  const char *language;     /* BCP 47 */
  const char *rendition_of; /* id of the source track this is another quality of */
  guint width, height;      /* pixels shown, after cropping */
  MgFraction sar;           /* sample aspect ratio */
  MgFraction frame_rate;    /* nominal */
  guint sample_rate, channels;
  guint bitrate;      /* bits per second, the encoder's upper bound as far as it is known */
  const char *codecs; /* chunk form: the RFC 6381 string */
  MgData *init;       /* chunk form: the CMAF header (ftyp and moov) */
  guint timescale;    /* chunk form: ticks per second of the chunks' stamps */
  guint bit_depth;    /* of video's samples, luma */
  MgColour colour;    /* what config or bitstream say, unless the publisher knows better */
  MgMastering mastering;
  MgLight light;
  MgSpeakers speakers; /* of audio */
} MgStreamInfo;

/* Returned-owned: a stream that copies strings and references data of INFO (borrowed). */
MG_API MgStream *mg_stream_new(const MgStreamInfo *info);

MG_API MgStream *mg_stream_ref(MgStream *stream);

/* NULL is fine. */
MG_API void mg_stream_unref(MgStream *stream);

/* Borrowed: valid as long as the stream; its size is the engine's sizeof (MgStreamInfo). */
MG_API const MgStreamInfo *mg_stream_info(const MgStream *stream);

/* The id of the source track: streams of one media with one source are qualities to choose from. */
MG_API const char *mg_stream_source(const MgStream *stream);

/* TRUE when a decoder set up for A can go on with B: same codec, configuration and dimensions. */
MG_API gboolean mg_stream_same_parameters(const MgStream *a, const MgStream *b);

/* Returned-owned: "H.264 1920x1080 30 fps" or "AAC 48 kHz stereo", for people. */
MG_API char *mg_stream_describe(const MgStream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgStream, mg_stream_unref)

G_END_DECLS
