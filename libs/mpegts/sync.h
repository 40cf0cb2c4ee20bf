/*
 * Where packets begin in bytes of any cut: 188 bytes apart, 192 with a time code in front (M2TS),
 * or 204 with check bytes behind (DVB). What lies between packets is passed over.
 *
 *   MgReader in = MG_READER(bytes, size);
 *   while ((packet = mg_ts_sync_next(sync, &in)) != NULL)
 *     …
 *
 * Three sync bytes in a row are believed at first, and two after garbage; what is needed to see
 * them is held back. In step, packets come at once and from the input itself.
 *
 * A sync lives in its owner's memory and begins as zeros. Any thread, one at a time.
 */
#pragma once

#include "mpegts/packet.h"

enum { MG_TS_WIDEST = 204, MG_TS_SYNC_HELD = 3 * MG_TS_WIDEST };

typedef struct {
  guint stride;       /* from packet to packet; 0: not known yet */
  gboolean is_locked; /* a packet begins where the last one's stride ends */
  gboolean is_last;   /* set by the owner when nothing will come behind: less evidence must do */
  gsize skip;         /* bytes between the last packet and the next */
  gsize at, n;        /* what of HELD is not used up */
  guint64 n_garbage;  /* bytes passed over */
  guint8 held[MG_TS_SYNC_HELD];
} MgTsSync;

/* 188 bytes, borrowed until the next call, or NULL when IN is used up. */
const guint8 *mg_ts_sync_next(MgTsSync *s, MgReader *in);
