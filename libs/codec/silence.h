/*
 * Silence: one packet that decodes to no sound at all, for gaps that something has to fill.
 *
 * AAC Main, LC, SSR and LTP of channel configurations 1 to 7, SBR and PS included, as raw_data_blocks without a
 * spectrum (ISO/IEC 14496-3 clause 4.4.2.1); Opus of any mapping, 20 ms of CELT per packet (RFC 6716). Any
 * thread.
 */
#pragma once

#include <bytes/writer.h>

/*
 * Appends one silent packet of the stream with that configuration (as codec/any.h has it). RATE gets the rate in
 * Hz in which it lasts SAMPLES. FALSE, and nothing is appended: none is known for this codec or its
 * configuration.
 */
gboolean mg_silence_write(guint32 codec, const guint8 *config, gsize size, MgWriter *packet,
                          guint *samples, guint *rate);
