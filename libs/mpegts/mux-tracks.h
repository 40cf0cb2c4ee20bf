/* The tracks of a muxer and the tables that tell of them; private to this folder. */
#pragma once

#include "mpegts/mux.h"

typedef struct {
  guint16 pid;
  guint32 codec;
  guint8 stream_id; /* 0: it travels in sections */
  MgTsElementary *elementary;
} MgTsMuxTrack;

typedef struct {
  guint n;
  guint16 clock_pid;
  guint8 version; /* of the PMT */
  MgTsMuxTrack tracks[MG_TS_MOST_STREAMS];
  MgWriter pat, pmt; /* sections */
} MgTsMuxTracks;

/* Fills in TRACKS, which are zeros. On FALSE they need to be cleared all the same. */
gboolean mg_ts_mux_tracks_init(MgTsMuxTracks *tracks, const MgTsTrack *from, guint n,
                               guint8 version, GError **error);
void mg_ts_mux_tracks_clear(MgTsMuxTracks *tracks);
