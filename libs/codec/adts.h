/*
 * ADTS: AAC frames, each behind a header that says what a decoder must know (ISO/IEC 13818-7 clause
 * 6.2, 14496-3 clause 1.A.3.2). It tells the core of the codec only: SBR and PS are found by
 * decoding. Any thread.
 */
#pragma once

#include <codec/aac.h>

enum { MG_ADTS_HEADER_BYTES = 7, MG_ADTS_MOST_FRAME = 8191 };

typedef struct {
  gsize header_size; /* 7, or 9 with a checksum */
  gsize size;        /* with the header */
  guint n_blocks;    /* raw_data_block()s: 1, or the frame cannot be taken apart */
  MgAacConfig config;
} MgAdtsFrame;

/*
 * Parses the header that DATA, at least MG_ADTS_HEADER_BYTES, begins with. FALSE when it is none,
 * or one that leaves the channels to the raw data.
 */
gboolean mg_adts_parse(const guint8 *data, gsize size, MgAdtsFrame *frame);

/*
 * Whether headers can say it: a rate of the table, a channel configuration below 8, and 1024
 * samples.
 */
gboolean mg_adts_can_carry(const MgAacConfig *config);

/*
 * Appends the header of a frame of SIZE bytes, which with it is not longer than MG_ADTS_MOST_FRAME.
 */
void mg_adts_write(const MgAacConfig *config, gsize size, MgWriter *out);
