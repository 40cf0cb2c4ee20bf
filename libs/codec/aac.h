/*
 * AAC: the AudioSpecificConfig (ISO/IEC 14496-3 clause 1.6.2.1) of AAC Main, LC, SSR and LTP, with or
 * without SBR (HE-AAC) and PS (HE-AAC v2).
 *
 * SBR and PS are seen when they are signalled: hierarchically, by an object type 5 or 29 in front, or
 * by the extension at the end that older decoders skip. Implicit signalling cannot be seen in a
 * configuration; such a stream is described at its core rate, which is lawful. Any thread.
 */
#pragma once

#include <bytes/writer.h>
#include <codec/codec.h>

typedef struct {
  guint8 object_type; /* of the core: 1 Main, 2 LC, 3 SSR, 4 LTP */
  gboolean has_sbr;
  gboolean has_ps;
  gboolean is_hierarchical;   /* SBR or PS signalled in front, not by the extension */
  guint32 core_rate;          /* in Hz */
  guint32 output_rate;        /* after SBR; core_rate without it */
  guint8 channel_config;      /* 0: a program config element says */
  guint8 core_channels;       /* coded */
  guint8 channels;            /* heard: PS makes two of one */
  guint16 core_frame_samples; /* per frame at core_rate: 1024 or 960 */
  guint16 frame_samples;      /* per frame at output_rate */
} MgAacConfig;

/*
 * Parses an AudioSpecificConfig; bytes behind it are ignored. CONFIG is undefined on failure. Errors:
 * MALFORMED; UNSUPPORTED for another object type.
 */
gboolean mg_aac_config_parse(const guint8 *asc, gsize size, MgAacConfig *config, GError **error);

/*
 * Appends the AudioSpecificConfig of CONFIG, which needs a channel_config other than 0: object_type,
 * rates, channel_config, frame length and the SBR and PS fields count, the rest follows from them.
 */
void mg_aac_config_write(const MgAacConfig *config, MgWriter *asc);

/* Whether a decoder set up for A decodes B: all fields are equal. */
gboolean mg_aac_config_equal(const MgAacConfig *a, const MgAacConfig *b);

/* "mp4a.40.2" for LC, .5 with SBR, .29 with PS (RFC 6381). Static. */
const char *mg_aac_codec_string(const MgAacConfig *config);

/* What stands for a rate (table 1.18) where it is not written out; 15 for one that has to be. */
enum { MG_AAC_OTHER_RATE = 15 };
guint mg_aac_rate_index(guint32 rate);

/* And back; 0 for an index without a rate. */
guint32 mg_aac_rate(guint index);
