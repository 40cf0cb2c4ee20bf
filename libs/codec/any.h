/*
 * Any codec by its FourCC: what a producer, a packager or a recorder asks of all of them.
 *
 * A producer adopts a configuration as a peer sent it (mg_any_config_adopt, or mg_any_config_make from
 * the first packet where there is none), learns what it says (mg_any_facts), looks at each packet
 * (mg_any_packet) and brings it into the form that everybody behind relies on (mg_any_payload).
 * <mediagraph/stream.h> defines both forms. Codecs go by the FourCC named there.
 *
 * Everything is borrowed from the input except what is said to be returned. Any thread.
 */
#pragma once

#include <bytes/writer.h>
#include <codec/av1.h>
#include <codec/codec.h>
#include <codec/nal.h>

enum {
  MG_ANY_H264 = 0x61766331, /* avc1 */
  MG_ANY_HEVC = 0x68766331, /* hvc1 */
  MG_ANY_VVC = 0x76766331,  /* vvc1 */
  MG_ANY_AV1 = 0x61763031,  /* av01 */
  MG_ANY_VP8 = 0x76703038,  /* vp08 */
  MG_ANY_VP9 = 0x76703039,  /* vp09 */
  MG_ANY_AAC = 0x6d703461,  /* mp4a */
  MG_ANY_OPUS = 0x4f707573, /* Opus */
  MG_ANY_FLAC = 0x664c6143, /* fLaC */
  MG_ANY_AC3 = 0x61632d33,  /* ac-3 */
  MG_ANY_EAC3 = 0x65632d33, /* ec-3 */
  MG_ANY_MP3 = 0x2e6d7033,  /* .mp3 */
};

/* The longest codec string, with its NUL. */
enum { MG_ANY_CODECS_ROOM = 64 };

/* What a configuration says. 0 means that it does not. */
typedef struct {
  gboolean is_video;
  char codecs[MG_ANY_CODECS_ROOM]; /* RFC 6381 */

  guint width, height; /* shown, after cropping; VP8 and VP9: only their key frames say */
  guint bit_depth;
  MgCodecRational sar;
  MgCodecRational frame_rate;
  gboolean has_fixed_frame_rate;
  MgCodecColour colour; /* unspecified when it is not said */
  MgCodecHdr hdr;
  guint nal_length_size; /* H.264, HEVC, VVC: of the packets that go with this configuration */
  guint n_layers;        /* HEVC: temporal sub-layers, at least 1 */
  MgAv1Head av1_head;    /* AV1: for mg_any_packet() */

  guint32 sample_rate;
  guint channels;
  guint frame_samples; /* of every packet; 0: they differ, and mg_any_packet() says */
} MgAnyFacts;

/*
 * Parses a configuration. FACTS is undefined on failure. Errors: MALFORMED, UNSUPPORTED, also for a
 * codec that is not in the list above, MISSING.
 */
gboolean mg_any_facts(guint32 codec, const guint8 *config, gsize size, MgAnyFacts *facts,
                      GError **error);

/*
 * Appends the configuration in the form that <mediagraph/stream.h> defines: NAL lengths of four bytes,
 * each parameter set once, no box header in front. Takes that form and what Enhanced RTMP carries.
 * Appends nothing on failure. Errors: those of mg_any_facts().
 */
gboolean mg_any_config_adopt(guint32 codec, const guint8 *config, gsize size, MgWriter *out,
                             GError **error);

/*
 * Appends the configuration that a first packet implies: AC-3, E-AC-3 and MP3 from any, H.264 and HEVC
 * from one with parameter sets (LENGTH_SIZE as in nal.h), AV1 from one with a sequence header. Appends
 * nothing on failure. Errors: MISSING when the packet implies none; those of mg_any_facts().
 */
gboolean mg_any_config_make(guint32 codec, const guint8 *packet, gsize size, guint length_size,
                            MgWriter *out, GError **error);

/* Whether a decoder set up for A decodes B. Both have been adopted or made. */
gboolean mg_any_config_equal(guint32 codec, const guint8 *a, gsize a_size, const guint8 *b,
                             gsize b_size);

/* One packet. */
typedef struct {
  gboolean has_media;     /* FALSE: no picture or sound, as in SEI alone */
  gboolean is_key;        /* decoding can begin here; always so for audio */
  gboolean is_disposable; /* nothing else needs it; FALSE where that is not known */
  gboolean has_config;    /* parameter sets or a sequence header are in it */
  guint width, height;    /* VP8 and VP9 key frames; else 0 */
  guint samples;          /* audio: how many per channel, at the sample rate of the facts */
  MgCodecHdr hdr;         /* of HEVC, VVC and AV1 key frames that say */
} MgAnyPacket;

/*
 * Looks at one packet of the stream with these FACTS (for H.264, HEVC and VVC: with lengths of its
 * nal_length_size). FALSE when the bytes are not one.
 */
gboolean mg_any_packet(guint32 codec, const MgAnyFacts *facts, const guint8 *data, gsize size,
                       MgAnyPacket *packet);

/*
 * Brings a packet into the form that <mediagraph/stream.h> defines: four-byte lengths and no parameter
 * sets for H.264, HEVC and VVC, no temporal delimiter for AV1; all others are there already. Results and
 * errors are those of mg_nal_to_length4().
 */
MgNalResult mg_any_payload(guint32 codec, guint length_size, const guint8 *data, gsize size,
                           guint8 **out, gsize *out_size, GError **error);
