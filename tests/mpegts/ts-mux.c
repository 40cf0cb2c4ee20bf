/*
 * ts-mux [OPTION=VALUE...] SAMPLE...: the muxer as a command, for tests. Each sample is a
 * fragmented MP4 of one track; their units go in the order of their DTS to standard output.
 *
 *   repeat=N    each sample N times in a row
 *   segment=MS  tables and clock when the caller says so: at the first key frame after so long
 *   bitrate=N   constant
 *   pieces=N    units come in pieces of N bytes
 *   together=N  so many units of sound in one PES packet
 *   offset=N    added to all stamps, in 90 kHz
 */
#include "doubles/sample.h"

#include <mpegts/mux.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
  guint repeat, segment_ms, pieces, together;
  guint64 bitrate;
  gint64 offset;
} options = { .repeat = 1, .together = 1 };

typedef struct {
  Sample *sample;
  guint at;      /* of all packets, repetitions counted */
  gint64 length; /* of one repetition, in 90 kHz */
} Source;

static gint64
to_90k(gint64 ticks, guint timescale)
{
  return (ticks * MG_TS_STAMP_RATE + timescale / 2) / timescale;
}

static const SamplePacket *
packet_at(const Source *s, guint at)
{
  return sample_packet(s->sample, at % s->sample->packets->len);
}

static gboolean
is_over(const Source *s)
{
  return s->at >= s->sample->packets->len * options.repeat;
}

static gint64
stamp(const Source *s, guint at, gint64 ticks)
{
  gint64 first = sample_packet(s->sample, 0)->dts;
  gint64 rounds = at / s->sample->packets->len;
  return options.offset + rounds * s->length + to_90k(ticks - first, s->sample->track->timescale);
}

static GArray *
cut_up(const SamplePacket *p)
{
  GArray *pieces = g_array_new(FALSE, FALSE, sizeof(MgTsPiece));
  gsize most = options.pieces > 0 ? options.pieces : p->size;
  for (gsize at = 0; at < p->size; at += most) {
    const MgTsPiece piece = { p->data + at, MIN(most, p->size - at) };
    g_array_append_val(pieces, piece);
  }
  return pieces;
}

static void
write_units(MgTsMux *mux, Source *s, guint track, MgWriter *out)
{
  MgTsUnit units[16];
  GArray *pieces[16];
  guint n = 0, most = mg_ts_codec_media(s->sample->track->codec) == MG_TS_VIDEO
                          ? 1
                          : MIN(options.together, 16);
  for (; n < most && !is_over(s); n++, s->at++) {
    const SamplePacket *p = packet_at(s, s->at);
    pieces[n] = cut_up(p);
    units[n] = (MgTsUnit){
      .pieces = (const MgTsPiece *) (gpointer) pieces[n]->data,
      .n_pieces = pieces[n]->len,
      .pts = stamp(s, s->at, p->pts),
      .dts = stamp(s, s->at, p->dts),
      .is_key = p->is_sync,
    };
  }
  g_autoptr(GError) error = NULL;
  if (!mg_ts_mux_write(mux, track, units, n, out, &error))
    g_error("%s", error->message);
  for (guint i = 0; i < n; i++)
    g_array_unref(pieces[i]);
}

static Source *
next_source(GArray *sources, guint *index)
{
  Source *next = NULL;
  gint64 least = G_MAXINT64;
  for (guint i = 0; i < sources->len; i++) {
    Source *s = &g_array_index(sources, Source, i);
    gint64 dts = is_over(s) ? G_MAXINT64 : stamp(s, s->at, packet_at(s, s->at)->dts);
    if (dts < least) {
      least = dts;
      next = s;
      *index = i;
    }
  }
  return next;
}

static void
mux_all(MgTsMux *mux, GArray *sources)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  Source *s;
  guint index = 0;
  gint64 segment_end = options.offset;
  while ((s = next_source(sources, &index)) != NULL) {
    const SamplePacket *p = packet_at(s, s->at);
    gint64 dts = stamp(s, s->at, p->dts);
    if (options.segment_ms > 0 && index == 0 && p->is_sync && dts >= segment_end) {
      mg_ts_mux_begin(mux, FALSE);
      segment_end = dts + options.segment_ms * 90;
    }
    write_units(mux, s, index, &out);
    fwrite(out.data, 1, out.size, stdout);
    mg_writer_reset(&out);
  }
  fprintf(stderr, "late %" G_GUINT64_FORMAT "\n", mg_ts_mux_late(mux));
}

static Source
open_source(const char *path)
{
  Source s = { .sample = sample_load(path) };
  const SamplePacket *last = sample_packet(s.sample, s.sample->packets->len - 1);
  s.length = to_90k(last->dts + last->duration - sample_packet(s.sample, 0)->dts,
                    s.sample->track->timescale);
  return s;
}

static gboolean
take_option(const char *arg)
{
  const char *equals = strchr(arg, '=');
  if (equals == NULL)
    return FALSE;
  gint64 value = g_ascii_strtoll(equals + 1, NULL, 10);
  switch (arg[0]) {
  case 'r': options.repeat = (guint) value; break;
  case 's': options.segment_ms = (guint) value; break;
  case 'b': options.bitrate = (guint64) value; break;
  case 'p': options.pieces = (guint) value; break;
  case 't': options.together = (guint) value; break;
  case 'o': options.offset = value; break;
  default: g_error("unknown option %s", arg);
  }
  return TRUE;
}

static MgTsTrack
track_of(const Sample *sample)
{
  const MgCmafTrack *t = sample->track;
  return (MgTsTrack){ .codec = t->codec, .config = t->config, .config_size = t->config_size };
}

int
main(int argc, char **argv)
{
  g_autoptr(GArray) sources = g_array_new(FALSE, FALSE, sizeof(Source));
  MgTsTrack tracks[MG_TS_MOST_STREAMS];
  for (int i = 1; i < argc; i++) {
    if (take_option(argv[i]))
      continue;
    Source s = open_source(argv[i]);
    tracks[sources->len] = track_of(s.sample);
    g_array_append_val(sources, s);
  }
  g_autoptr(GError) error = NULL;
  MgTsMuxOptions mux_options = options.segment_ms > 0 ? MG_TS_MUX_SEGMENTS : MG_TS_MUX_CONTINUOUS;
  mux_options.bitrate = options.bitrate;
  g_autoptr(MgTsMux) mux = mg_ts_mux_new(&mux_options, tracks, sources->len, &error);
  if (mux == NULL)
    g_error("%s", error->message);
  mux_all(mux, sources);
  for (guint i = 0; i < sources->len; i++)
    sample_free(g_array_index(sources, Source, i).sample);
  return 0;
}
