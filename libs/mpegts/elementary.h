/*
 * Access units as they look inside PES packets, as a list of pieces: nothing of a picture is copied
 * on the way from its buffers to transport packets.
 *
 * H.264 and HEVC: Annex B, each unit behind a delimiter, a key frame with its parameter sets
 * (ISO/IEC 13818-1 clauses 2.14.1 and 2.17.1). AAC: ADTS. Opus: a control header in front of each
 * packet (ETSI TS 101 154 annex H). Everything else as it is.
 *
 * One belongs to one track, and is used again for each PES packet. Any thread, one at a time.
 */
#pragma once

#include "mpegts/track.h"

/* Bytes in a row, borrowed. */
typedef struct {
  const guint8 *data;
  gsize size;
} MgTsPiece;

/* An access unit in one or more pieces, cut anywhere. */
typedef struct {
  const MgTsPiece *pieces;
  guint n_pieces;
  gint64 pts, dts; /* 90 kHz, of which 33 bits are written */
  gboolean is_key; /* decoding can begin here */
} MgTsUnit;

enum { MG_TS_MOST_NALS = 4096 }; /* of an access unit */

typedef struct MgTsElementary MgTsElementary;

/*
 * Returned-owned, or NULL. TRACK is borrowed during the call. Errors (MG_CODEC_ERROR): those of the
 * codec's configuration; UNSUPPORTED when a transport stream cannot carry it.
 */
MgTsElementary *mg_ts_elementary_new(const MgTsTrack *track, GError **error);

/* NULL is fine. */
void mg_ts_elementary_free(MgTsElementary *e);

/*
 * Gathers the pieces of N access units, in the place of those before. Returns FALSE with an error:
 * MALFORMED, UNSUPPORTED when one is too large, NO_MEMORY. They are borrowed until the next call.
 */
gboolean mg_ts_elementary_gather(MgTsElementary *e, const MgTsUnit *units, guint n, GError **error);

/* How many bytes are gathered and not yet written. */
gsize mg_ts_elementary_left(const MgTsElementary *e);

/* Appends the next N of them to OUT. */
void mg_ts_elementary_write(MgTsElementary *e, gsize n, MgWriter *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgTsElementary, mg_ts_elementary_free)
