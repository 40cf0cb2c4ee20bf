/*
 * The live window: the segments of a session that viewers can have now, for HLS and DASH alike.
 *
 * An output node makes a window, gives it the chunks that arrive, and renders its manifests from the
 * rows. A row is one segment number over all tracks: it is listed when every track has finished it, or
 * a second of media after the first has; a track that has nothing for it then has a gap. So all
 * renditions list the same numbers.
 *
 * The window publishes: bytes first, then the row. Segments are put into an http folder and, with a
 * `dir`, into files (temporary name, then rename), by a lane of its own. Two outputs of one session use
 * the same names for the same bytes, so that caches keep them once. A segment that leaves the list can
 * be fetched for another window's length (RFC 8216bis, 6.2.2).
 *
 * On the node's lane.
 */
#pragma once

#include <mediagraph/chunk.h>
#include <mediagraph/http.h>

G_BEGIN_DECLS

typedef struct MgWindow MgWindow;

typedef struct {
  gsize size;       /* sizeof (MgWindowOptions) */
  const char *path; /* of the http folder: "/live/studio" */
  const char *dir;  /* of files too; NULL: none */
  MgTime length;    /* media that stays listed; 0: everything (an EVENT playlist) */
} MgWindowOptions;

/* One segment of one track. */
typedef struct {
  MgStream *stream;
  guint64 number, discontinuity;
  guint flags;            /* MgChunkFlags of its first chunk */
  gint64 start, duration; /* ticks of the stream's timescale */
  gint64 epoch_utc_us;    /* UTC of tick 0 */
  gint64 period_start;    /* ticks */
  guint target_ms;
  gsize bytes;
  char *uri;         /* relative to the folder */
  char *init_uri;    /* of its track's init segment */
  GPtrArray *chunks; /* of MgBuffer *, in order */
} MgSegment;

enum { MG_WINDOW_TRACKS = 16 };

typedef struct {
  guint64 number, discontinuity;
  gboolean is_discont;                   /* another discontinuity number than the row before it */
  MgSegment *segments[MG_WINDOW_TRACKS]; /* by track; NULL: a gap, or the track was not there */
} MgSegmentRow;

/* Returned-owned, or NULL and ERROR: the node needs the http service, or DIR cannot be written. */
MG_API MgWindow *mg_window_new(MgNode *node, const MgWindowOptions *options, GError **error);

/*
 * Takes what it has published away after AFTER nanoseconds, so that viewers see how it ended, and frees
 * the window at once. NULL is fine.
 */
MG_API void mg_window_free(MgWindow *window, MgTime after);

/* Takes a chunk (taken). TRUE when a row was listed: the manifests must be rendered again. */
MG_API gboolean mg_window_push(MgWindow *window, MgBuffer *chunk);

/* No more chunks will come, or not for a while: what is finished is listed. TRUE as above. */
MG_API gboolean mg_window_flush(MgWindow *window);

/* The rows listed now, oldest first. Borrowed until the next push or flush. */
MG_API guint mg_window_n_rows(MgWindow *window);
MG_API const MgSegmentRow *mg_window_row(MgWindow *window, guint index);

/* How many rows with a changed discontinuity number have left the list since the window was made. */
MG_API guint64 mg_window_discontinuities_gone(MgWindow *window);

/* Tracks, in the order in which they came, and the stream last declared for each. Borrowed. */
MG_API guint mg_window_n_tracks(MgWindow *window);
MG_API MgStream *mg_window_track(MgWindow *window, guint index);

/* The highest bit rate of a segment of that track, and the average, so far. Bits per second. */
MG_API guint64 mg_window_peak_bitrate(MgWindow *window, guint index);
MG_API guint64 mg_window_average_bitrate(MgWindow *window, guint index);

/* Publishes a manifest under NAME; TEXT is copied. Segments it names have been published before. */
MG_API void mg_window_publish(MgWindow *window, const char *name, const char *content_type,
                              guint max_age_ms, const char *text, gsize size);

G_END_DECLS
