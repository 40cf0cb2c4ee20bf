/*
 * ts-demux [programme=N] [piece=N]: the demuxer as a command, for tests. It reads standard input in
 * pieces of at most N bytes, and prints a line for all that it is told:
 *
 *   programme PID:TYPE:CODEC:LANGUAGE…
 *   track PID CODEC CONFIG
 *   unit PID PTS DTS FLAGS SIZE MD5      k key, e entry, d disposable, l after loss
 *   clock PCR
 *   counts PACKETS GARBAGE GAPS BROKEN SCRAMBLED DAMAGED REFUSED
 */
#include <mpegts/demux.h>

#include <stdio.h>
#include <string.h>

static void
print_codec(guint32 codec)
{
  for (int shift = 24; shift >= 0; shift -= 8) {
    char c = (char) (codec >> shift);
    putchar(g_ascii_isgraph(c) ? c : '_');
  }
}

static void
on_programme(const MgTsTrack *const *tracks, guint n, gpointer user)
{
  printf("programme");
  for (guint i = 0; i < n; i++) {
    printf(" %u:%u:", tracks[i]->pid, tracks[i]->type);
    print_codec(tracks[i]->codec);
    printf(":%s", tracks[i]->language);
  }
  printf("\n");
}

static void
on_track(const MgTsTrack *track, gpointer user)
{
  printf("track %u ", track->pid);
  print_codec(track->codec);
  putchar(' ');
  for (gsize i = 0; i < track->config_size; i++)
    printf("%02x", track->config[i]);
  printf("\n");
}

static void
on_unit(MgTsReceived *unit, gpointer user)
{
  g_autofree char *md5 = g_compute_checksum_for_data(G_CHECKSUM_MD5, unit->data, unit->size);
  printf("unit %u %" G_GINT64_FORMAT " %" G_GINT64_FORMAT " -%s%s%s%s %" G_GSIZE_FORMAT " %s\n",
         unit->track->pid, unit->pts, unit->dts, unit->is_key ? "k" : "", unit->is_entry ? "e" : "",
         unit->is_disposable ? "d" : "", unit->is_after_loss ? "l" : "", unit->size, md5);
}

static void
on_clock(gint64 pcr, gboolean is_discontinuous, gpointer user)
{
  printf("clock %" G_GINT64_FORMAT "%s\n", pcr, is_discontinuous ? " anew" : "");
}

int
main(int argc, char **argv)
{
  static const MgTsDemuxEvents events = { on_programme, on_track, on_unit, on_clock };
  static guint8 bytes[65536];
  guint64 programme = 0, piece = sizeof bytes;
  for (int i = 1; i < argc; i++) {
    if (g_str_has_prefix(argv[i], "programme="))
      programme = g_ascii_strtoull(strchr(argv[i], '=') + 1, NULL, 10);
    else if (g_str_has_prefix(argv[i], "piece="))
      piece = CLAMP(g_ascii_strtoull(strchr(argv[i], '=') + 1, NULL, 10), 1, sizeof bytes);
  }
  g_autoptr(MgTsDemux) demux = mg_ts_demux_new((guint16) programme, &events, NULL);
  gsize n;
  while ((n = fread(bytes, 1, piece, stdin)) > 0)
    mg_ts_demux_push(demux, bytes, n);
  mg_ts_demux_flush(demux);
  MgTsDemuxCounts c = mg_ts_demux_counts(demux);
  printf("counts %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
         " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT " %" G_GUINT64_FORMAT
         "\n",
         c.n_packets, c.n_garbage, c.n_gaps, c.n_broken, c.n_scrambled, c.n_damaged, c.n_refused);
  return 0;
}
