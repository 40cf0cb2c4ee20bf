/* Packets to where they belong, and the tables that say where that is. */
#include "mpegts/demux.h"

#include "mpegts/assembly.h"

#include <string.h>

enum { NO_COUNTER = 0xff };

/* What packets of one PID have in common: their order. */
typedef struct {
  guint16 pid;
  guint8 counter; /* of the last one with payload, or NO_COUNTER */
  guint8 n_payload;
  guint8 payload[MG_TS_MOST_PAYLOAD]; /* the last one's: a packet may come twice (2.4.3.3) */
} Order;

typedef struct {
  Order order;
  MgTsAssembly *assembly;
} Track;

struct MgTsDemux {
  guint16 wanted; /* programme, 0: any */
  MgTsSink sink;
  MgTsSync sync;
  Order pat_order, pmt_order;
  MgTsCollector pat, pmt;
  guint16 programme, map_pid, clock_pid; /* programme 0: none yet */
  guint32 map_crc;                       /* of the map that is known */
  guint n_tracks;
  Track *tracks[MG_TS_MOST_STREAMS];
};

static Order
fresh_order(guint16 pid)
{
  return (Order){ .pid = pid, .counter = NO_COUNTER };
}

MgTsDemux *
mg_ts_demux_new(guint16 programme, const MgTsDemuxEvents *events, gpointer user)
{
  MgTsDemux *d = g_new0(MgTsDemux, 1);
  d->wanted = programme;
  d->sink.events = events;
  d->sink.user = user;
  d->pat_order = fresh_order(MG_TS_PAT_PID);
  d->pmt_order = fresh_order(MG_TS_NULL_PID);
  d->map_pid = d->clock_pid = MG_TS_NULL_PID;
  return d;
}

static void
track_free(Track *track)
{
  mg_ts_assembly_free(track->assembly);
  g_free(track);
}

void
mg_ts_demux_free(MgTsDemux *d)
{
  if (d == NULL)
    return;
  for (guint i = 0; i < d->n_tracks; i++)
    track_free(d->tracks[i]);
  g_free(d);
}

MgTsDemuxCounts
mg_ts_demux_counts(const MgTsDemux *d)
{
  MgTsDemuxCounts counts = d->sink.counts;
  counts.n_garbage = d->sync.n_garbage;
  return counts;
}

/* --- the programme ----------------------------------------------------------------------------- */

static Track *
find_track(const MgTsDemux *d, guint pid)
{
  for (guint i = 0; i < d->n_tracks; i++)
    if (d->tracks[i]->order.pid == pid)
      return d->tracks[i];
  return NULL;
}

static void
tell_programme(MgTsDemux *d)
{
  const MgTsTrack *tracks[MG_TS_MOST_STREAMS];
  for (guint i = 0; i < d->n_tracks; i++)
    tracks[i] = mg_ts_assembly_track(d->tracks[i]->assembly);
  d->sink.events->on_programme(tracks, d->n_tracks, d->sink.user);
}

/* Removes from the tracks, and returns, the one that STREAM goes on with; or a new one. */
static Track *
take_track(MgTsDemux *d, const MgTsStream *stream)
{
  for (guint i = 0; i < d->n_tracks; i++) {
    Track *track = d->tracks[i];
    if (!mg_ts_assembly_is_for(track->assembly, stream))
      continue;
    d->tracks[i] = d->tracks[--d->n_tracks];
    return track;
  }
  Track *track = g_new0(Track, 1);
  track->order = fresh_order(stream->pid);
  track->assembly = mg_ts_assembly_new(&d->sink, stream);
  return track;
}

static gboolean
is_usable(const MgTsDemux *d, const MgTsPmt *pmt, guint i)
{
  guint16 pid = pmt->streams[i].pid;
  for (guint j = 0; j < i; j++)
    if (pmt->streams[j].pid == pid)
      return FALSE;
  return pid >= MG_TS_FIRST_FREE_PID && pid != MG_TS_NULL_PID && pid != d->map_pid;
}

static void
drop_tracks(MgTsDemux *d)
{
  for (guint i = 0; i < d->n_tracks; i++) {
    mg_ts_assembly_flush(d->tracks[i]->assembly);
    track_free(d->tracks[i]);
  }
  d->n_tracks = 0;
}

static void
change_programme(MgTsDemux *d, const MgTsPmt *pmt)
{
  Track *next[MG_TS_MOST_STREAMS];
  guint n = 0;
  d->clock_pid = pmt->pcr_pid;
  for (guint i = 0; i < pmt->n_streams; i++)
    if (is_usable(d, pmt, i))
      next[n++] = take_track(d, &pmt->streams[i]);
  drop_tracks(d); /* that are not in it any more */
  memcpy(d->tracks, next, n * sizeof next[0]);
  d->n_tracks = n;
  tell_programme(d);
}

static void
on_map(const guint8 *section, gsize size, gpointer user)
{
  MgTsDemux *d = user;
  MgTsPmt pmt;
  if (!mg_ts_pmt_parse(section, size, &pmt) || pmt.programme != d->programme)
    return;
  guint32 crc = mg_ts_crc(section, size - 4);
  if (crc == d->map_crc)
    return;
  d->map_crc = crc;
  change_programme(d, &pmt);
}

/* Which programme is ours: the wanted one; else the one that is ours already, or the first. */
static const MgTsProgramme *
choose_programme(const MgTsDemux *d, const MgTsPat *pat)
{
  guint16 wanted = d->wanted != 0 ? d->wanted : d->programme;
  for (guint i = 0; i < pat->n_programmes; i++)
    if (pat->programmes[i].number == wanted)
      return &pat->programmes[i];
  return d->wanted == 0 && pat->n_programmes > 0 ? &pat->programmes[0] : NULL;
}

static void
on_association(const guint8 *section, gsize size, gpointer user)
{
  MgTsDemux *d = user;
  MgTsPat pat;
  if (!mg_ts_pat_parse(section, size, &pat))
    return;
  const MgTsProgramme *chosen = choose_programme(d, &pat);
  if (chosen == NULL || (chosen->number == d->programme && chosen->map_pid == d->map_pid))
    return;
  d->programme = chosen->number;
  d->map_pid = chosen->map_pid;
  d->map_crc = 0;
  d->pmt_order = fresh_order(d->map_pid);
  mg_ts_collector_reset(&d->pmt);
}

/* --- packets ----------------------------------------------------------------------------------- */

typedef enum { IN_ORDER, TWICE, AFTER_GAP } Place;

static Place
place_of(Order *order, const MgTsPacket *packet)
{
  gboolean is_first = order->counter == NO_COUNTER;
  gboolean is_next = packet->counter == ((order->counter + 1) & 15);
  if (!is_first && packet->counter == order->counter && packet->payload_size == order->n_payload &&
      memcmp(packet->payload, order->payload, order->n_payload) == 0)
    return TWICE;
  order->counter = packet->counter;
  order->n_payload = (guint8) packet->payload_size;
  memcpy(order->payload, packet->payload, packet->payload_size);
  return is_first || is_next ? IN_ORDER : AFTER_GAP;
}

static void
push_table(MgTsDemux *d, Order *order, MgTsCollector *collector, const MgTsPacket *packet,
           MgTsOnSection on_section)
{
  Place place = place_of(order, packet);
  if (place == TWICE)
    return;
  if (place == AFTER_GAP) {
    d->sink.counts.n_gaps++;
    mg_ts_collector_reset(collector);
  }
  mg_ts_collector_push(collector, packet, on_section, d);
}

static void
push_track(MgTsDemux *d, Track *track, const MgTsPacket *packet)
{
  if (packet->is_scrambled) {
    d->sink.counts.n_scrambled++;
    mg_ts_assembly_break(track->assembly);
    return;
  }
  Place place = place_of(&track->order, packet);
  if (place == TWICE)
    return;
  if (place == AFTER_GAP) {
    if (!packet->is_discontinuous)
      d->sink.counts.n_gaps++;
    mg_ts_assembly_break(track->assembly);
  }
  mg_ts_assembly_push(track->assembly, packet);
}

static void
push_packet(MgTsDemux *d, const guint8 *bytes)
{
  MgTsPacket packet;
  d->sink.counts.n_packets++;
  if (!mg_ts_packet_parse(bytes, &packet) || packet.is_broken) {
    d->sink.counts.n_broken++;
    return;
  }
  if (packet.pcr != MG_TS_NONE && packet.pid == d->clock_pid && d->sink.events->on_clock != NULL)
    d->sink.events->on_clock(packet.pcr, packet.is_discontinuous, d->sink.user);
  if (packet.payload_size == 0 || packet.pid == MG_TS_NULL_PID)
    return;
  Track *track = find_track(d, packet.pid);
  if (packet.pid == MG_TS_PAT_PID)
    push_table(d, &d->pat_order, &d->pat, &packet, on_association);
  else if (packet.pid == d->map_pid)
    push_table(d, &d->pmt_order, &d->pmt, &packet, on_map);
  else if (track != NULL)
    push_track(d, track, &packet);
}

void
mg_ts_demux_push(MgTsDemux *d, const guint8 *data, gsize size)
{
  MgReader in = MG_READER(data, size);
  const guint8 *packet;
  while ((packet = mg_ts_sync_next(&d->sync, &in)) != NULL)
    push_packet(d, packet);
}

void
mg_ts_demux_flush(MgTsDemux *d)
{
  d->sync.is_last = TRUE;
  mg_ts_demux_push(d, NULL, 0);
  d->sync = (MgTsSync){ .stride = d->sync.stride, .n_garbage = d->sync.n_garbage };
  for (guint i = 0; i < d->n_tracks; i++) {
    mg_ts_assembly_flush(d->tracks[i]->assembly);
    d->tracks[i]->order.counter = NO_COUNTER;
  }
}
