#include "mpegts/mux-tracks.h"

#include "mpegts/pes.h"

enum { MOST_DESCRIPTORS = 255 /* of one track */, MOST_MAP = 900 /* bytes that vary, in a PMT */ };

static gboolean
is_free(const MgTsMuxTracks *tracks, guint16 pid)
{
  for (guint i = 0; i < tracks->n; i++)
    if (tracks->tracks[i].pid == pid)
      return FALSE;
  return pid >= MG_TS_FIRST_FREE_PID && pid < MG_TS_NULL_PID && pid != MG_TS_MUX_MAP_PID;
}

static gboolean
is_wanted_later(const MgTsTrack *from, guint n, guint16 pid)
{
  for (guint i = 0; i < n; i++)
    if (from[i].pid == pid)
      return TRUE;
  return FALSE;
}

static guint16
choose_pid(const MgTsMuxTracks *tracks, const MgTsTrack *from, guint n)
{
  guint16 pid = MG_TS_MUX_FIRST_PID;
  while (!is_free(tracks, pid) || is_wanted_later(from, n, pid))
    pid++;
  return pid;
}

static gboolean
add_track(MgTsMuxTracks *tracks, const MgTsTrack *from, guint n, const MgTsTrack *track,
          GError **error)
{
  guint16 pid = track->pid != 0 ? track->pid : choose_pid(tracks, from, n);
  if (!is_free(tracks, pid) || mg_ts_track_type(track) == 0) {
    g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                "MPEG-TS cannot carry a track of this codec or on PID %u", pid);
    return FALSE;
  }
  MgTsElementary *elementary = mg_ts_elementary_new(track, error);
  if (elementary == NULL)
    return FALSE;
  tracks->tracks[tracks->n++] = (MgTsMuxTrack){
    .pid = pid,
    .codec = track->codec,
    .stream_id = mg_ts_track_stream_id(track),
    .elementary = elementary,
  };
  return TRUE;
}

static guint16
choose_clock(const MgTsMuxTracks *tracks)
{
  for (MgTsMedia media = MG_TS_VIDEO; media <= MG_TS_AUDIO; media++)
    for (guint i = 0; i < tracks->n; i++)
      if (mg_ts_codec_media(tracks->tracks[i].codec) == media)
        return tracks->tracks[i].pid;
  return tracks->n > 0 ? tracks->tracks[0].pid : MG_TS_NULL_PID;
}

/* Descriptors go into one block, to be cut up when it is whole. */
static gboolean
write_map(MgTsMuxTracks *tracks, const MgTsTrack *from, GError **error)
{
  g_auto(MgWriter) block = MG_WRITER_INIT;
  gsize ends[MG_TS_MOST_STREAMS + 1];
  gboolean is_short =
      mg_writer_reserve(&block, MOST_MAP); /* it has an address, though it be empty */
  for (guint i = 0; i < tracks->n; i++)
    mg_ts_track_write_programme_descriptors(&from[i], MG_TS_MUX_PROGRAMME, &block);
  ends[0] = block.size;
  for (guint i = 0; i < tracks->n; i++) {
    mg_ts_track_write_descriptors(&from[i], &block);
    ends[i + 1] = block.size;
    is_short = is_short && ends[i + 1] - ends[i] <= MOST_DESCRIPTORS;
  }
  if (!is_short || block.size + 5 * tracks->n > MOST_MAP) {
    g_set_error_literal(
        error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
        "the tracks have more descriptors than an MPEG-TS programme map has room for");
    return FALSE;
  }
  MgTsPmt pmt = {
    .programme = MG_TS_MUX_PROGRAMME,
    .version = tracks->version,
    .pcr_pid = tracks->clock_pid,
    .descriptors = { block.data, ends[0] },
    .n_streams = tracks->n,
  };
  for (guint i = 0; i < tracks->n; i++)
    pmt.streams[i] = (MgTsStream){
      .type = mg_ts_track_type(&from[i]),
      .pid = tracks->tracks[i].pid,
      .descriptors = { block.data + ends[i], ends[i + 1] - ends[i] },
    };
  mg_ts_pmt_write(&pmt, &tracks->pmt);
  return TRUE;
}

gboolean
mg_ts_mux_tracks_init(MgTsMuxTracks *tracks, const MgTsTrack *from, guint n, guint8 version,
                      GError **error)
{
  tracks->version = version & 31;
  if (n > MG_TS_MOST_STREAMS) {
    g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                "%u tracks are more than an MPEG-TS programme of ours has room for", n);
    return FALSE;
  }
  for (guint i = 0; i < n; i++)
    if (!add_track(tracks, from, n, &from[i], error))
      return FALSE;
  tracks->clock_pid = choose_clock(tracks);
  const MgTsPat pat = {
    .transport_stream_id = 1,
    .n_programmes = 1,
    .programmes = { { MG_TS_MUX_PROGRAMME, MG_TS_MUX_MAP_PID } },
  };
  mg_ts_pat_write(&pat, &tracks->pat);
  return write_map(tracks, from, error);
}

void
mg_ts_mux_tracks_clear(MgTsMuxTracks *tracks)
{
  for (guint i = 0; i < tracks->n; i++)
    mg_ts_elementary_free(tracks->tracks[i].elementary);
  mg_writer_clear(&tracks->pat);
  mg_writer_clear(&tracks->pmt);
  *tracks = (MgTsMuxTracks){ 0 };
}
