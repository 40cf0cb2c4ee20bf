/*
 * Delivery directives: what a player asks of a media playlist in its URL's query, `_HLS_msn`, `_HLS_part`
 * and `_HLS_skip` (RFC 8216bis, 6.2.5), and whether the playlist as it is answers it.
 *
 * Pure: the same question is asked again whenever the playlist has changed, until the answer is another one.
 * How long that may take is the caller's business.
 */
#pragma once

#include <glib.h>

typedef struct {
  gboolean has_msn, has_part;
  guint64 msn, part;
  gboolean wants_skip; /* a delta update will do */
} MgHlsDirectives;

/*
 * Reads the directives of QUERY (raw, without '?'; borrowed). FALSE, for which 400 is the answer: a number is
 * none, or does not fit 64 bits, a directive is there twice, or `_HLS_part` is without `_HLS_msn`. Whatever
 * else is in the query is not looked at, nor is what `_HLS_skip` means if it is neither YES nor v2.
 */
gboolean mg_hls_directives_read(const char *query, MgHlsDirectives *directives);

/* How far a playlist has come. */
typedef struct {
  guint64 next_msn;       /* of the segment that will be listed next */
  guint n_parts;          /* of it, listed already */
  guint n_last_parts;     /* of the segment before it */
  guint32 part_target_ms; /* 0: there are no parts */
  gboolean has_ended;
} MgHlsProgress;

typedef enum {
  MG_HLS_RELOAD_NOW,    /* the playlist has what is asked for */
  MG_HLS_RELOAD_WAIT,   /* it will */
  MG_HLS_RELOAD_REFUSE, /* 400: that is further ahead than a player can know of */
} MgHlsReload;

/*
 * Directives that ask for the same as these at PROGRESS: a part behind the last one of a finished segment is the
 * next segment's first. What they ask to wait for is one of few.
 */
void mg_hls_directives_settle(MgHlsDirectives *directives, const MgHlsProgress *progress);

/*
 * Whether a playlist at PROGRESS answers DIRECTIVES. Without a part, `_HLS_msn` asks for the whole segment.
 */
MgHlsReload mg_hls_reload_decide(const MgHlsDirectives *directives, const MgHlsProgress *progress);
