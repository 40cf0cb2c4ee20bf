/*
 * A transport stream from a stranger. The first byte says how it comes:
 *   0 to 127: as it is, in pieces of so many bytes (0: in one)
 *   from 128 on: what follows is payload of one track, of a type of the table below; each piece of it
 *   begins with its length and with flags (1 start, 2 random access, 4 a gap before it), and is packed
 *   here, so that mutations reach what is behind counters and checksums
 */
#include "mpegts/demux.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

enum { MAP_PID = 0x20, TRACK_PID = 0x21 };

static const struct {
  guint8 type;
  const char *descriptors;
  gsize size;
} types[] = {
  { 0x1b, "", 0 },       { 0x24, "", 0 }, { 0x0f, "", 0 },
  { 0x11, "", 0 },       { 0x03, "", 0 }, { 0x81, "", 0 },
  { 0x87, "", 0 },       { 0x86, "", 0 }, { 0x06, "\x05\x04Opus\x7f\x02\x80\x02", 10 },
  { 0x06, "\x56\0", 2 },
};

typedef struct {
  GHashTable *configured; /* PIDs */
  guint64 n_bytes;
} Seen;

static void
on_programme(const MgTsTrack *const *tracks, guint n, gpointer user)
{
  Seen *seen = user;
  g_assert(n <= MG_TS_MOST_STREAMS);
  g_hash_table_remove_all(seen->configured);
  for (guint i = 0; i < n; i++)
    if (tracks[i]->config != NULL)
      g_hash_table_add(seen->configured, GUINT_TO_POINTER(tracks[i]->pid));
}

static void
on_track(const MgTsTrack *track, gpointer user)
{
  Seen *seen = user;
  MgAnyFacts facts;
  g_assert(mg_ts_codec_media(track->codec) != MG_TS_DATA);
  g_assert(track->codec == MG_TS_MP2 ||
           mg_any_facts(track->codec, track->config, track->config_size, &facts, NULL));
  g_hash_table_add(seen->configured, GUINT_TO_POINTER(track->pid));
}

static void
on_unit(MgTsReceived *unit, gpointer user)
{
  Seen *seen = user;
  g_assert(unit->size > 0 && unit->pts < MG_TS_STAMP_RANGE && unit->dts < MG_TS_STAMP_RANGE);
  g_assert(mg_ts_codec_media(unit->track->codec) == MG_TS_DATA ||
           g_hash_table_contains(seen->configured, GUINT_TO_POINTER(unit->track->pid)));
  seen->n_bytes += unit->data[0] + unit->data[unit->size - 1];
  if (seen->n_bytes & 1)
    g_free(g_steal_pointer(&unit->data));
}

static void
on_clock(gint64 pcr, gboolean is_discontinuous, gpointer user)
{
  g_assert(pcr >= 0 && pcr < MG_TS_CLOCK_RANGE);
}

static void
push_pieces(MgTsDemux *demux, const guint8 *data, gsize size, gsize most)
{
  for (gsize at = 0; at < size; at += most)
    mg_ts_demux_push(demux, data + at, MIN(most, size - at));
}

static void
write_tables(guint choice, MgWriter *out)
{
  g_auto(MgWriter) section = MG_WRITER_INIT;
  guint8 counter = 0;
  const MgTsPat pat = { .n_programmes = 1, .programmes = { { 1, MAP_PID } } };
  const MgTsPmt pmt = {
    .programme = 1,
    .pcr_pid = TRACK_PID,
    .n_streams = 1,
    .streams = { { types[choice].type,
                   TRACK_PID,
                   { (const guint8 *) types[choice].descriptors, types[choice].size } } },
  };
  mg_ts_pat_write(&pat, &section);
  mg_ts_section_write(section.data, section.size, MG_TS_PAT_PID, &counter, out);
  mg_writer_reset(&section);
  counter = 0;
  mg_ts_pmt_write(&pmt, &section);
  mg_ts_section_write(section.data, section.size, MAP_PID, &counter, out);
}

static void
pack(MgReader *in, guint choice, MgWriter *out)
{
  guint8 counter = 0;
  write_tables(choice, out);
  while (mg_reader_left(in) > 2) {
    gsize n = mg_reader_u8(in);
    guint flags = mg_reader_u8(in);
    n = MIN(MIN(n, MG_TS_MOST_PAYLOAD - 8u), mg_reader_left(in));
    if (n == 0)
      continue;
    counter += flags & 4 ? 3 : 1;
    const MgTsPacket packet = {
      .pid = TRACK_PID,
      .counter = counter,
      .is_start = (flags & 1) != 0,
      .is_random_access = (flags & 2) != 0,
      .pcr = MG_TS_NONE,
    };
    mg_ts_packet_write(&packet, n, out);
    mg_writer_bytes(out, mg_reader_take(in, n), n);
  }
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  static const MgTsDemuxEvents events = { on_programme, on_track, on_unit, on_clock };
  g_auto(MgWriter) packed = MG_WRITER_INIT;
  g_autoptr(GHashTable) configured = g_hash_table_new(NULL, NULL);
  Seen seen = { .configured = configured };
  if (size == 0)
    return 0;
  MgReader in = MG_READER(data, size);
  guint how = mg_reader_u8(&in);
  gsize left = mg_reader_left(&in);
  g_autoptr(MgTsDemux) demux = mg_ts_demux_new(0, &events, &seen);
  if (how >= 128) {
    pack(&in, (how - 128) % G_N_ELEMENTS(types), &packed);
    mg_ts_demux_push(demux, packed.data, packed.size);
  } else {
    push_pieces(demux, mg_reader_take(&in, left), left, how > 0 ? how : MAX(left, 1));
  }
  mg_ts_demux_flush(demux);
  return 0;
}
