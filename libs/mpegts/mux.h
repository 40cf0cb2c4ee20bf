/*
 * The muxer: access units in, transport packets out, of one programme (ISO/IEC 13818-1).
 *
 * Two ways of using it. For HLS segments (RFC 8216 clause 3.2) tables come when the caller says
 * that a segment begins:
 *
 *   mux = mg_ts_mux_new(&MG_TS_MUX_SEGMENTS, tracks, n, &error);
 *   per segment: mg_ts_mux_begin(mux, FALSE); then per access unit: mg_ts_mux_write(mux, …, out, …)
 *
 * For a network (MG_TS_MUX_CONTINUOUS) they come by themselves, several times a second and before
 * each key frame. With a bit rate, the clock is what the bytes before it take, and null packets
 * fill the time between.
 *
 * Units of all tracks come in the order of their DTS, roughly: the clock runs `lead` before the
 * latest and never goes back, so one that comes later than that is too late for a decoder, and is
 * counted. A DTS more than MG_TS_MUX_JUMP away is a new beginning of time, and the clock says so.
 * Stamps may be of any size and sign; what is written wraps. Counters go on from segment to segment
 * and through changes of the tracks.
 *
 * A picture is not copied but into OUT. Nothing is held back. Any thread, one at a time.
 */
#pragma once

#include "mpegts/elementary.h"

enum {
  MG_TS_MUX_PROGRAMME = 1,
  MG_TS_MUX_MAP_PID = 0x1000,
  MG_TS_MUX_FIRST_PID = 0x100,
  MG_TS_MUX_JUMP = 10 * MG_TS_STAMP_RATE,
};

/* Times are in ticks of 90 kHz. */
typedef struct {
  guint32 lead;           /* by which units travel before they are decoded */
  guint32 clock_interval; /* the most between two PCRs: 100 ms by 2.7.2, DVB asks for 40 ms */
  guint32 table_interval; /* between two tables, DVB asks for 100 ms; 0: the caller says when */
  guint64 bitrate;        /* bits per second of all, constant; 0: as it comes */
} MgTsMuxOptions;

#define MG_TS_MUX_SEGMENTS ((MgTsMuxOptions){ .lead = 9000, .clock_interval = 3600 })
#define MG_TS_MUX_CONTINUOUS                                                                       \
  ((MgTsMuxOptions){ .lead = 27000, .clock_interval = 3600, .table_interval = 8100 })

typedef struct MgTsMux MgTsMux;

/*
 * Returned-owned, or NULL. TRACKS, at most MG_TS_MOST_STREAMS, are copied; PIDs of 0 are chosen.
 * The clock is in the first track of video, or of audio. Errors (MG_CODEC_ERROR): those of
 * mg_ts_elementary_new(); UNSUPPORTED for too many tracks, PIDs that are taken, and descriptors
 * that are too long.
 */
MgTsMux *mg_ts_mux_new(const MgTsMuxOptions *options, const MgTsTrack *tracks, guint n,
                       GError **error);

/* NULL is fine. */
void mg_ts_mux_free(MgTsMux *mux);

/*
 * Other tracks from now on, in a new version of the programme map. On FALSE nothing has changed;
 * errors are those of mg_ts_mux_new().
 */
gboolean mg_ts_mux_set_tracks(MgTsMux *mux, const MgTsTrack *tracks, guint n, GError **error);

/* The PID of track I. */
guint16 mg_ts_mux_pid(const MgTsMux *mux, guint i);

/* Before the next unit come tables and clock. Whether the clock begins anew with it. */
void mg_ts_mux_begin(MgTsMux *mux, gboolean is_discontinuous);

/*
 * Appends N units (at least one) of track I to OUT as one PES packet with the stamps of the first:
 * one picture, or frames of sound that follow each other. A unit of MG_TS_SCTE35 is a section, and
 * one of data may have no PTS (MG_TS_NONE); the DTS counts all the same. FALSE with an error and
 * nothing written: those of mg_ts_elementary_gather(); UNSUPPORTED when it is too long for a PES
 * packet that is no picture's.
 */
gboolean mg_ts_mux_write(MgTsMux *mux, guint i, const MgTsUnit *units, guint n, MgWriter *out,
                         GError **error);

/*
 * Appends what is due up to DTS when no units come: clock, tables, null packets. Error: NO_MEMORY.
 */
gboolean mg_ts_mux_fill(MgTsMux *mux, gint64 dts, MgWriter *out, GError **error);

/* How many PES packets went out, or would, after their time. */
guint64 mg_ts_mux_late(const MgTsMux *mux);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgTsMux, mg_ts_mux_free)
