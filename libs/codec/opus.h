/*
 * Opus: the identification header (RFC 7845 clause 5.1), the dOps box of MP4 (Encapsulation of Opus in
 * ISO Base Media File Format, clause 4.3.2), and how long a packet lasts (RFC 6716 clause 3.1).
 *
 * Opus counts time in samples of 48 kHz whatever it encodes. Any thread.
 */
#pragma once

#include <bytes/writer.h>
#include <codec/codec.h>

enum { MG_OPUS_RATE = 48000, MG_OPUS_MOST_CHANNELS = 255 };

typedef struct {
  guint8 channels;
  guint16 pre_skip;   /* samples at 48 kHz that a decoder drops at the start */
  guint32 input_rate; /* before encoding, in Hz; 0: not said */
  gint16 gain;        /* in 1/256 dB */
  guint8 mapping_family;
  guint8 streams; /* family other than 0: how many there are, and how many of them are stereo */
  guint8 coupled;
  guint8 mapping[MG_OPUS_MOST_CHANNELS];
} MgOpusConfig;

/*
 * Parses an identification header, or the body of a dOps box. CONFIG is undefined on failure. Errors:
 * MALFORMED.
 */
gboolean mg_opus_config_parse(const guint8 *head, gsize size, MgOpusConfig *config, GError **error);

/* Appends the identification header, from "OpusHead" on. */
void mg_opus_config_write(const MgOpusConfig *config, MgWriter *head);

/* Appends the body of a dOps box. */
void mg_opus_box_write(const MgOpusConfig *config, MgWriter *dops);

gboolean mg_opus_config_equal(const MgOpusConfig *a, const MgOpusConfig *b);

/* Samples at 48 kHz of a packet; 0 when it is not one, or lasts longer than the lawful 120 ms. */
guint mg_opus_packet_samples(const guint8 *data, gsize size);
