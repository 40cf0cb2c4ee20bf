/*
 * The live window: the segments of a session that viewers can have now, for HLS and DASH alike.
 *
 * An output node (output.h) has a window and renders its manifests from the rows. A row is one segment
 * number over all tracks, so that all renditions list the same numbers. It is listed when every track has
 * finished it, or two seconds of media after the first has: a track that has nothing for it then has a
 * gap, and is not waited for again until it comes back. A segment whose beginning the window has not
 * seen, as it was opened later, or of which a chunk was lost on the way, is left out. Listed rows have contiguous numbers; if numbers jump, the
 * list starts anew.
 *
 * The window publishes: bytes first, then the row. Segments are put into an http folder and, with a
 * `dir`, into files (temporary name, then rename), by a lane of its own. Two outputs of one session use
 * the same names for the same bytes, so that caches keep them once. A segment that leaves the list can
 * be fetched for the length of the longest list that had it, and its own (RFC 8216bis, 6.2.2).
 *
 * An output for low latency asks for more (output.h): *parts*, which are the chunks of the newest segments as
 * resources of their own, each the moment it has come, or *growing* segments, which can be fetched from their first
 * chunk on. What such an output lists behind the rows is *ahead* of them, track by track: segments
 * that other tracks have not finished, and the one that is open. What comes next has a name already and
 * is promised: a request for it waits. When it does not come after all, as with a discontinuity, the
 * request gets a 404. All of it refers to the same chunks in memory.
 *
 * On the node's lane.
 */
#pragma once

#include <mediagraph/chunk.h>
#include <mediagraph/http.h>

G_BEGIN_DECLS

typedef struct MgWindow MgWindow;

/* A part: one chunk of a segment as a resource of its own (RFC 8216bis, 4.4.4.9). */
typedef struct {
  const MgChunk *chunk; /* when it is, how long, and whether it is independent */
  char *uri;            /* relative to the folder */
} MgPart;

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
  char *init_uri;    /* of its track's init segment; NULL where a view needs none (output.h) */

  /*
   * What is known of its track up to it, container included. `bandwidth` is what the encoder declared, if
   * that is credible, or what was measured, with headroom; it only changes when it has become untrue.
   */
  guint64 bandwidth, average_bandwidth; /* bits per second */
  MgFraction frame_rate;                /* 0: it varies, or too little was seen */

  gboolean is_open; /* more chunks may come: duration, n_samples and bytes are those until now */
  GArray *parts; /* of MgPart, in order; NULL: it is too old for that, or nobody asked for parts */
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

/*
 * What TRACK has behind the rows, oldest first: segments that it has finished and others have not, then the open
 * one. Their numbers go on from the newest row's without a gap; there is none before a row is listed.
 * Borrowed like rows.
 */
MG_API guint mg_window_n_ahead(MgWindow *window, guint track);
MG_API const MgSegment *mg_window_ahead(MgWindow *window, guint track, guint index);

/*
 * The name of TRACK's next part, which is promised; it begins where the newest part ends, in the open segment or in the
 * next. NULL: none is known to come, as the track has ended or paused, or nobody asked for parts.
 * Borrowed like rows.
 */
MG_API const char *mg_window_next_part(MgWindow *window, guint track);

/*
 * Tracks of which something has changed since `publish` was called last, one bit each: a part, a segment, the list. All
 * bits the first time. For outputs that write one manifest per track.
 */
MG_API guint mg_window_changed(MgWindow *window);

/*
 * No part that is listed is longer, in microseconds, and none but the last of a segment is shorter than 85 % of
 * it, as long as nothing has changed with a discontinuity. 0: the newest chunks promise nothing, and cannot be
 * listed as parts.
 */
MG_API guint mg_window_part_target_us(MgWindow *window);

/*
 * Where the window puts things, for outputs that answer requests by routes of their own. The folder's lane is any; names
 * of segments, parts and init segments are the window's. Borrowed until the output closes.
 */
MG_API const MgHttpInterface *mg_window_http(MgWindow *window, gpointer *impl);
MG_API MgHttpFolder *mg_window_folder(MgWindow *window);

/* The row that a track's list begins with: it was not there before. The number of rows: it never was. */
MG_API guint mg_window_first_row(MgWindow *window, guint track);

G_END_DECLS
