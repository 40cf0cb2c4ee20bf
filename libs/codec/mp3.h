/*
 * MP3: MPEG audio layer III (ISO/IEC 11172-3 and 13818-3, and their quarter-rate relative "2.5"), and layer
 * II, which broadcasts have. All there is to know is in the four-byte header of each frame. Any thread.
 */
#pragma once

#include <bytes/writer.h>
#include <codec/codec.h>

enum { MG_MP3_HEADER_BYTES = 4 };

typedef struct {
  guint8 layer;        /* 2 or 3 */
  gboolean is_mpeg1;   /* else MPEG-2 or 2.5; their layer III has half as many samples in a frame */
  guint32 sample_rate; /* in Hz */
  guint channels;
  guint bitrate;       /* of this frame in bits per second; 0: free format */
  guint frame_samples; /* 1152 or 576 */
  guint frame_size;    /* of this frame in bytes, with its header; 0: free format */
} MgMp3Header;

/*
 * Parses the header that a frame, or a configuration, begins with. HEADER is undefined on failure.
 * Errors: MALFORMED; UNSUPPORTED for layers I and II.
 */
gboolean mg_mp3_header_parse(const guint8 *data, gsize size, MgMp3Header *header, GError **error);

/* The same for layer II as well. Errors: UNSUPPORTED for layer I. */
gboolean mg_mpeg_audio_header_parse(const guint8 *data, gsize size, MgMp3Header *header,
                                    GError **error);

/* Whether a decoder set up for A decodes B: all but the bit rate. */
gboolean mg_mp3_header_equal(const MgMp3Header *a, const MgMp3Header *b);
