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
 * Codecs are named by FourCC, so that a plugin can carry one that the engine never heard of.
 *   avc1: config is an AVCDecoderConfigurationRecord; a packet is NAL units with four-byte lengths.
 *   mp4a: config is an AudioSpecificConfig; a packet is one raw_data_block without ADTS.
 */
typedef guint32 MgCodec;
#define MG_CODEC_NONE ((MgCodec) 0)
#define MG_CODEC_H264 MG_FOURCC('a', 'v', 'c', '1')
#define MG_CODEC_AAC  MG_FOURCC('m', 'p', '4', 'a')

typedef struct {
  guint32 num;
  guint32 den; /* 0: unknown */
} MgFraction;

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
  MgFraction sar;              /* sample aspect ratio */
  MgFraction frame_rate;       /* nominal */
  guint sample_rate, channels;
  guint bitrate;      /* bits per second, the encoder's upper bound as far as it is known */
  const char *codecs; /* chunk form: the RFC 6381 string */
  MgData *init;       /* chunk form: the CMAF header (ftyp and moov) */
  guint timescale;    /* chunk form: ticks per second of the chunks' stamps */
} MgStreamInfo;

/* Returned-owned: a stream that copies strings and references data of INFO (borrowed). */
MG_API MgStream *mg_stream_new(const MgStreamInfo *info);

MG_API MgStream *mg_stream_ref(MgStream *stream);

/* NULL is fine. */
MG_API void mg_stream_unref(MgStream *stream);

/* Borrowed: valid as long as the stream; its size is the engine's sizeof (MgStreamInfo). */
MG_API const MgStreamInfo *mg_stream_info(const MgStream *stream);

/* TRUE when a decoder set up for A can go on with B: same codec, configuration and dimensions. */
MG_API gboolean mg_stream_same_parameters(const MgStream *a, const MgStream *b);

/* Returned-owned: "H.264 1920x1080 30 fps" or "AAC 48 kHz stereo", for people. */
MG_API char *mg_stream_describe(const MgStream *stream);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgStream, mg_stream_unref)

G_END_DECLS
