/* Packets in their order, and the clock. All times inside are in ticks of the clock, 27 MHz. */
#include "mpegts/mux.h"

#include "mpegts/mux-tracks.h"
#include "mpegts/pes.h"

enum {
  PCR_AT = 10, /* the clock is right when this byte of its packet arrives (2.4.3.5) */
  MOST_PES_HEAD = 19,
  MOST_TABLE_BYTES = 2 * 6 * MG_TS_PACKET_BYTES, /* a PAT and a PMT in their packets */
};

static const gint64 jump = (gint64) MG_TS_MUX_JUMP * MG_TS_STAMP_TICKS;

struct MgTsMux {
  MgTsMuxOptions options;
  MgTsMuxTracks tracks;
  guint8 counters[MG_TS_PIDS];
  gint64 now; /* at a constant bit rate: when the byte N_BYTES was 0 */
  guint64 n_bytes;
  gint64 last_pcr, last_tables;
  gboolean has_time; /* NOW means something */
  gboolean has_pcr;  /* LAST_PCR does */
  gboolean wants_tables;
  gboolean wants_pcr;
  gboolean is_discontinuous; /* the next PCR begins anew */
  guint64 n_late;
};

MgTsMux *
mg_ts_mux_new(const MgTsMuxOptions *options, const MgTsTrack *tracks, guint n, GError **error)
{
  g_autoptr(MgTsMux) mux = g_new0(MgTsMux, 1);
  mux->options = *options;
  mux->wants_tables = mux->wants_pcr = TRUE;
  if (!mg_ts_mux_tracks_init(&mux->tracks, tracks, n, 0, error))
    return NULL;
  return g_steal_pointer(&mux);
}

void
mg_ts_mux_free(MgTsMux *mux)
{
  if (mux == NULL)
    return;
  mg_ts_mux_tracks_clear(&mux->tracks);
  g_free(mux);
}

gboolean
mg_ts_mux_set_tracks(MgTsMux *mux, const MgTsTrack *tracks, guint n, GError **error)
{
  MgTsMuxTracks next = { 0 };
  if (!mg_ts_mux_tracks_init(&next, tracks, n, mux->tracks.version + 1, error)) {
    mg_ts_mux_tracks_clear(&next);
    return FALSE;
  }
  mg_ts_mux_tracks_clear(&mux->tracks);
  mux->tracks = next;
  mux->wants_tables = mux->wants_pcr = TRUE;
  return TRUE;
}

guint16
mg_ts_mux_pid(const MgTsMux *mux, guint i)
{
  g_assert(i < mux->tracks.n);
  return mux->tracks.tracks[i].pid;
}

void
mg_ts_mux_begin(MgTsMux *mux, gboolean is_discontinuous)
{
  mux->wants_tables = mux->wants_pcr = TRUE;
  if (!is_discontinuous)
    return;
  mux->is_discontinuous = TRUE;
  mux->has_time = FALSE;
}

guint64
mg_ts_mux_late(const MgTsMux *mux)
{
  return mux->n_late;
}

/* --- the clock --------------------------------------------------------------------------------- */

/* What N bytes take at the bit rate, without overflow for years. */
static gint64
ticks_of(const MgTsMux *mux, guint64 n)
{
  guint64 rate = mux->options.bitrate;
  guint64 bits = n * 8;
  return (gint64) (bits / rate * MG_TS_CLOCK_RATE + bits % rate * MG_TS_CLOCK_RATE / rate);
}

/* When the next byte but AHEAD goes out. */
static gint64
time_of(const MgTsMux *mux, guint ahead)
{
  return mux->options.bitrate == 0 ? mux->now : mux->now + ticks_of(mux, mux->n_bytes + ahead);
}

/* Whether the last PCR will be so long ago when the next packet goes out, or the one behind. */
static gboolean
pcr_is_older(const MgTsMux *mux, gint64 ticks)
{
  if (mux->wants_pcr || !mux->has_pcr)
    return TRUE;
  guint64 rate = mux->options.bitrate;
  gint64 next = rate == 0 ? 0 : ticks_of(mux, (guint64) 2 * MG_TS_PACKET_BYTES);
  return time_of(mux, PCR_AT) + next - mux->last_pcr >= ticks;
}

static gint64
clock_interval(const MgTsMux *mux)
{
  return MAX((gint64) mux->options.clock_interval * MG_TS_STAMP_TICKS, 1);
}

static gboolean
pcr_is_due(const MgTsMux *mux)
{
  return pcr_is_older(mux, clock_interval(mux));
}

/* Where a unit begins a PCR costs eight bytes, and by itself a whole packet. */
static gboolean
pcr_is_welcome(const MgTsMux *mux)
{
  return pcr_is_older(mux, clock_interval(mux) / 2);
}

static gint64
take_pcr(MgTsMux *mux)
{
  gint64 pcr = time_of(mux, PCR_AT);
  mux->last_pcr = pcr;
  mux->has_pcr = TRUE;
  mux->wants_pcr = FALSE;
  pcr %= MG_TS_CLOCK_RANGE;
  return pcr < 0 ? pcr + MG_TS_CLOCK_RANGE : pcr;
}

static void
set_time(MgTsMux *mux, gint64 now)
{
  mux->now = now;
  mux->n_bytes = 0;
  mux->has_time = TRUE;
  mux->wants_pcr = TRUE;
}

/* --- packets ----------------------------------------------------------------------------------- */

static void
count(MgTsMux *mux, const MgWriter *out, gsize from)
{
  mux->n_bytes += out->size - from;
}

/* Begins a packet of PID and returns how much of what is LEFT it takes. */
static gsize
begin_packet(MgTsMux *mux, MgTsPacket *packet, gsize left, MgWriter *out)
{
  packet->counter = mux->counters[packet->pid];
  if (left == 0)
    packet->counter = (packet->counter + 15) & 15; /* stays the last one's */
  else
    mux->counters[packet->pid] = (packet->counter + 1) & 15;
  if (packet->pcr != MG_TS_NONE) {
    packet->is_discontinuous = mux->is_discontinuous;
    mux->is_discontinuous = FALSE;
  }
  return mg_ts_packet_write(packet, left, out);
}

static void
write_clock(MgTsMux *mux, MgWriter *out)
{
  MgTsPacket packet = { .pid = mux->tracks.clock_pid, .pcr = take_pcr(mux) };
  gsize from = out->size;
  begin_packet(mux, &packet, 0, out);
  count(mux, out, from);
}

static void
write_tables(MgTsMux *mux, MgWriter *out)
{
  const MgTsMuxTracks *t = &mux->tracks;
  gsize from = out->size;
  mux->wants_tables = FALSE;
  mux->last_tables = time_of(mux, 0);
  mg_ts_section_write(t->pat.data, t->pat.size, MG_TS_PAT_PID, &mux->counters[MG_TS_PAT_PID], out);
  mg_ts_section_write(t->pmt.data, t->pmt.size, MG_TS_MUX_MAP_PID,
                      &mux->counters[MG_TS_MUX_MAP_PID], out);
  count(mux, out, from);
}

static gboolean
tables_are_due(const MgTsMux *mux)
{
  gint64 interval = (gint64) mux->options.table_interval * MG_TS_STAMP_TICKS;
  return mux->wants_tables || (interval > 0 && time_of(mux, 0) - mux->last_tables >= interval);
}

/* Tables and clock before a packet of PID; the clock goes into that packet when it is its PID's. */
static void
write_due(MgTsMux *mux, guint pid, MgWriter *out)
{
  if (tables_are_due(mux))
    write_tables(mux, out);
  if (pid != mux->tracks.clock_pid && pcr_is_due(mux))
    write_clock(mux, out);
}

/* --- time passes ------------------------------------------------------------------------------- */

/* Clocks in between, so that they are never further apart than they may be. */
static void
pass_freely(MgTsMux *mux, gint64 until, MgWriter *out)
{
  gint64 interval = clock_interval(mux);
  while (mux->has_pcr && !mux->wants_pcr && until - mux->last_pcr > interval) {
    mux->now = mux->last_pcr + interval;
    if (tables_are_due(mux))
      write_tables(mux, out);
    write_clock(mux, out);
  }
  mux->now = MAX(mux->now, until);
}

static void
pass_with_nulls(MgTsMux *mux, gint64 until, MgWriter *out)
{
  while (time_of(mux, MG_TS_PACKET_BYTES) <= until) {
    write_due(mux, MG_TS_NULL_PID, out);
    gsize from = out->size;
    mg_ts_packet_write_null(out);
    count(mux, out, from);
  }
}

/* Whether UNTIL is so far from now that time has begun anew. */
static gboolean
is_jump(const MgTsMux *mux, gint64 until)
{
  gint64 now = time_of(mux, 0);
  return until > now + jump || until < now - jump;
}

/* At most so much is written until then. */
static gsize
bound_until(const MgTsMux *mux, gint64 until)
{
  gint64 time = mux->has_time ? until - time_of(mux, 0) : 0;
  if (time <= 0 || is_jump(mux, until))
    return MOST_TABLE_BYTES + MG_TS_PACKET_BYTES;
  if (mux->options.bitrate > 0)
    return MOST_TABLE_BYTES + 2 * MG_TS_PACKET_BYTES +
           (gsize) ((guint64) time / 8 * (mux->options.bitrate / 1000 + 1) /
                    (MG_TS_CLOCK_RATE / 1000));
  gsize n_clocks =
      (gsize) time / MAX((gsize) mux->options.clock_interval * MG_TS_STAMP_TICKS, 1) + 2;
  return n_clocks * (MG_TS_PACKET_BYTES + MOST_TABLE_BYTES);
}

static void
pass_until(MgTsMux *mux, gint64 until, MgWriter *out)
{
  if (mux->has_time && is_jump(mux, until)) {
    mux->is_discontinuous = TRUE;
    mux->has_time = FALSE;
  }
  if (!mux->has_time)
    set_time(mux, until);
  else if (mux->options.bitrate == 0)
    pass_freely(mux, until, out);
  else
    pass_with_nulls(mux, until, out);
}

static gint64
departure(const MgTsMux *mux, gint64 dts)
{
  return (dts - (gint64) mux->options.lead) * MG_TS_STAMP_TICKS;
}

/* --- units ------------------------------------------------------------------------------------- */

static gint64
wrap_stamp(gint64 stamp)
{
  return stamp & (MG_TS_STAMP_RANGE - 1);
}

static void
write_pes_head(const MgTsMuxTrack *track, const MgTsUnit *unit, MgWriter *out)
{
  gboolean has_pts = unit->pts != MG_TS_NONE || mg_ts_codec_media(track->codec) != MG_TS_DATA;
  const MgTsPes pes = {
    .stream_id = track->stream_id,
    .pts = has_pts ? wrap_stamp(unit->pts) : MG_TS_NONE,
    .dts = has_pts && track->stream_id == MG_TS_PES_VIDEO ? wrap_stamp(unit->dts) : MG_TS_NONE,
    .payload_size = mg_ts_elementary_left(track->elementary),
  };
  mg_ts_pes_write(&pes, out);
}

static void
write_pes(MgTsMux *mux, const MgTsMuxTrack *track, const MgTsUnit *unit, MgWriter *out)
{
  guint8 bytes[MOST_PES_HEAD];
  MgWriter head = { .data = bytes, .room = sizeof bytes }; /* never grows */
  write_pes_head(track, unit, &head);
  gboolean is_first = TRUE;
  do {
    write_due(mux, track->pid, out);
    gboolean has_clock = track->pid == mux->tracks.clock_pid &&
                         (pcr_is_due(mux) || (is_first && pcr_is_welcome(mux)));
    MgTsPacket packet = {
      .pid = track->pid,
      .is_start = is_first,
      .is_random_access = is_first && unit->is_key && track->stream_id == MG_TS_PES_VIDEO,
      .pcr = has_clock ? take_pcr(mux) : MG_TS_NONE,
    };
    gsize from = out->size;
    gsize head_size = is_first ? head.size : 0;
    gsize n = begin_packet(mux, &packet, head_size + mg_ts_elementary_left(track->elementary), out);
    mg_writer_bytes(out, bytes, head_size);
    mg_ts_elementary_write(track->elementary, n - head_size, out);
    count(mux, out, from);
    is_first = FALSE;
  } while (mg_ts_elementary_left(track->elementary) > 0);
}

/* A section that came whole. */
static void
write_section(MgTsMux *mux, const MgTsMuxTrack *track, MgWriter *out)
{
  g_auto(MgWriter) section = MG_WRITER_INIT;
  mg_ts_elementary_write(track->elementary, mg_ts_elementary_left(track->elementary), &section);
  write_due(mux, track->pid, out);
  gsize from = out->size;
  mg_ts_section_write(section.data, section.size, track->pid, &mux->counters[track->pid], out);
  count(mux, out, from);
}

static gboolean
reserve(MgWriter *out, gsize n, GError **error)
{
  if (mg_writer_reserve(out, n))
    return TRUE;
  g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_NO_MEMORY,
                      "no memory for transport packets");
  return FALSE;
}

/* In how many bytes of packets so much payload fits, with a clock in or before each of them. */
static gsize
bound_payload(gsize size)
{
  gsize n = size / (MG_TS_MOST_PAYLOAD - 8) + 2;
  return (n * 2 + 1) * MG_TS_PACKET_BYTES + (n / 16 + 2) * MOST_TABLE_BYTES;
}

static gboolean
has_room(MgTsMux *mux, const MgTsMuxTrack *track, gint64 until, MgWriter *out, GError **error)
{
  gsize size = mg_ts_elementary_left(track->elementary);
  gsize most = track->stream_id == 0 ? MG_TS_MOST_SECTION : G_MAXUINT16 - MOST_PES_HEAD;
  if (size > most && track->stream_id != MG_TS_PES_VIDEO) {
    g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                "%" G_GSIZE_FORMAT " bytes of a track that is no video do not fit a PES packet",
                size);
    return FALSE;
  }
  return reserve(out, bound_until(mux, until) + bound_payload(size), error);
}

gboolean
mg_ts_mux_write(MgTsMux *mux, guint i, const MgTsUnit *units, guint n, MgWriter *out,
                GError **error)
{
  g_assert(i < mux->tracks.n && n > 0);
  const MgTsMuxTrack *track = &mux->tracks.tracks[i];
  gint64 until = departure(mux, units[0].dts);
  if (!mg_ts_elementary_gather(track->elementary, units, n, error) ||
      !has_room(mux, track, until, out, error))
    return FALSE;
  pass_until(mux, until, out);
  if (time_of(mux, 0) > units[0].dts * MG_TS_STAMP_TICKS)
    mux->n_late++;
  gboolean is_entry = units[0].is_key && track->stream_id == MG_TS_PES_VIDEO;
  if (is_entry && mux->options.table_interval > 0)
    mux->wants_tables = TRUE;
  if (is_entry)
    mux->wants_pcr = TRUE;
  if (track->stream_id == 0)
    write_section(mux, track, out);
  else
    write_pes(mux, track, &units[0], out);
  return TRUE;
}

gboolean
mg_ts_mux_fill(MgTsMux *mux, gint64 dts, MgWriter *out, GError **error)
{
  gint64 until = departure(mux, dts);
  if (!reserve(out, bound_until(mux, until), error))
    return FALSE;
  pass_until(mux, until, out);
  return TRUE;
}
