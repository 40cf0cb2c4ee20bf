/*
 * The demuxer: bytes in any cut in, access units of one programme out (ISO/IEC 13818-1).
 *
 *   demux = mg_ts_demux_new(0, &events, user);
 *   per read:  mg_ts_demux_push(demux, bytes, size);
 *   at the end: mg_ts_demux_flush(demux);
 *
 * Everything is told by calls from inside push and flush: the tracks that the programme map names
 * (on_programme), a track's configuration when it is known and when it changes (on_track), the
 * access units behind it (on_unit), in the form that <mediagraph/stream.h> defines, and the clock.
 * Of tracks that need a configuration nothing comes before it. A callback must not push, flush or
 * free.
 *
 * An access unit comes when it is known to be whole: with the next one of its track where lengths
 * are left open, as video's mostly are. Loss (a step in a counter, a packet marked broken) costs
 * the access units that are hit; the next one of the track says so. Frames of sound get stamps of
 * their own, counted in samples from the last stamp that came; those whose time is not known are
 * dropped. Pictures behind the first of a PES packet get stamps when their frame rate and order are
 * known, else MG_TS_NONE. Stamps are the 33 bits that were sent: libs/timeline unwraps them, and
 * cleans steps.
 *
 * Nothing a peer sends makes a push fail. Memory is limited: MG_TS_MOST_PES bytes of an access
 * unit, and MG_TS_MOST_HELD of all tracks together; what is longer is dropped and counted.
 *
 * Any thread, one at a time.
 */
#pragma once

#include "mpegts/sync.h"
#include "mpegts/track.h"

enum {
  MG_TS_MOST_PES = 8 * 1024 * 1024,
  MG_TS_MOST_HELD = 16 * 1024 * 1024,
};

/* One access unit, or what a PES packet or section of data holds. */
typedef struct {
  const MgTsTrack *track; /* borrowed */
  gint64 pts, dts;        /* 33 bits of 90 kHz, or MG_TS_NONE */
  gboolean is_key;        /* as codec/any.h has it */
  gboolean is_entry;      /* the sender says that decoding can begin here, as with an open GOP */
  gboolean is_disposable;
  gboolean is_after_loss; /* something of the track is missing before it */
  guint8 *data;           /* for g_free(); taken when it is set to NULL */
  gsize size;             /* never 0 */
} MgTsReceived;

typedef struct {
  /*
   * The programme's map has changed: these are its tracks, of some of which nothing else is known
   * yet.
   */
  void (*on_programme)(const MgTsTrack *const *tracks, guint n, gpointer user);
  /* The track has a configuration from now on, or another one. Data has none, and is not told. */
  void (*on_track)(const MgTsTrack *track, gpointer user);
  void (*on_unit)(MgTsReceived *unit, gpointer user);
  /* In ticks of 27 MHz; whether the sender says that it begins anew. May be NULL. */
  void (*on_clock)(gint64 pcr, gboolean is_discontinuous, gpointer user);
} MgTsDemuxEvents;

typedef struct {
  guint64 n_packets;
  guint64 n_garbage; /* bytes between packets */
  guint64 n_gaps;    /* steps in counters of tracks and tables of the programme */
  guint64 n_broken;  /* packets marked so, or without sense */
  guint64 n_scrambled;
  guint64 n_damaged; /* access units that came, but not whole, or did not add up */
  guint64 n_refused; /* those for which there was no memory, or too long */
} MgTsDemuxCounts;

typedef struct MgTsDemux MgTsDemux;

/*
 * Returned-owned. PROGRAMME is a number, or 0: the first that there is. EVENTS is borrowed for its
 * life.
 */
MgTsDemux *mg_ts_demux_new(guint16 programme, const MgTsDemuxEvents *events, gpointer user);

/* NULL is fine. Tells of nothing any more. */
void mg_ts_demux_free(MgTsDemux *demux);

void mg_ts_demux_push(MgTsDemux *demux, const guint8 *data, gsize size);

/* Nothing comes behind: tells what is held back. More may be pushed then, as after a loss. */
void mg_ts_demux_flush(MgTsDemux *demux);

MgTsDemuxCounts mg_ts_demux_counts(const MgTsDemux *demux);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgTsDemux, mg_ts_demux_free)
