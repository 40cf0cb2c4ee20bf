/*
 * The live window: the segments of a session that viewers can have now, for HLS and DASH alike.
 *
 * An output node (output.h) has a window and renders its manifests from the rows. A row is one segment
 * number over all tracks, so that all renditions list the same numbers. It is listed when every track has
 * finished it, or two seconds of media after the first has: a track that has nothing for it then has a
 * gap, and is not waited for again until it comes back. A segment whose beginning the window has not
 * seen, as it was opened later, is left out. Listed rows have contiguous numbers; if numbers jump, the
 * list starts anew.
 *
 * The window publishes: bytes first, then the row. Segments are put into an http folder and, with a
 * `dir`, into files (temporary name, then rename), by a lane of its own. Two outputs of one session use
 * the same names for the same bytes, so that caches keep them once. A segment that leaves the list can
 * be fetched for the length of the longest list that had it, and its own (RFC 8216bis, 6.2.2).
 *
 * On the node's lane.
 */
#pragma once

#include <mediagraph/chunk.h>
#include <mediagraph/http.h>

G_BEGIN_DECLS

typedef struct MgWindow MgWindow;

/* One segment of one track. */
typedef struct {
  MgStream *stream;
  guint64 number, discontinuity;
  guint flags;            /* MgChunkFlags of its first chunk */
  gint64 start, duration; /* ticks of the stream's timescale */
  gint64 epoch_utc_us;    /* UTC of tick 0 */
  gint64 period_start;    /* ticks */
  guint target_ms;
  guint n_samples;
  gsize bytes;
  GPtrArray *chunks; /* of MgBuffer *, in order */
  char *uri;         /* relative to the folder */
  char *init_uri;    /* of its track's init segment */

  /*
   * What is known of its track up to it, container included. `bandwidth` is what the encoder declared, if
   * that is credible, or what was measured, with headroom; it only changes when it has become untrue.
   */
  guint64 bandwidth, average_bandwidth; /* bits per second */
  MgFraction frame_rate;                /* 0: it varies, or too little was seen */
} MgSegment;

enum { MG_WINDOW_TRACKS = 16 };

typedef struct {
  guint64 number, discontinuity;
  gboolean is_discont;                   /* another discontinuity number than the row before it */
  MgSegment *segments[MG_WINDOW_TRACKS]; /* by track; NULL: a gap, or the track was not there */
} MgSegmentRow;

/* The rows listed now, oldest first. Borrowed until the next push or flush. */
MG_API guint mg_window_n_rows(MgWindow *window);
MG_API const MgSegmentRow *mg_window_row(MgWindow *window, guint index);

/* What stands for the row's time where a track has a gap: the segment of the first track that has one. */
MG_API const MgSegment *mg_window_row_segment(MgWindow *window, guint index);

/* Media that is listed at least, once there was so much: `length`, or three target durations. */
MG_API MgTime mg_window_length(MgWindow *window);

/* Bytes of all segments that are listed. */
MG_API gsize mg_window_bytes(MgWindow *window);

/* All MgChunkFlags of segments that were ever listed: whether any began without a key frame, say. */
MG_API guint mg_window_flags(MgWindow *window);

/* Tracks, in the order in which they came. */
MG_API guint mg_window_n_tracks(MgWindow *window);
MG_API const char *mg_window_track_id(MgWindow *window, guint track);

/* The newest listed segment of a track, borrowed like rows; NULL: it has none in the list. */
MG_API const MgSegment *mg_window_newest(MgWindow *window, guint track);

/* The row that a track's list begins with: it was not there before. The number of rows: it never was. */
MG_API guint mg_window_first_row(MgWindow *window, guint track);

G_END_DECLS
