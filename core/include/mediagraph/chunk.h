/*
 * What a CMAF chunk says about itself, so that HLS, DASH and recordings agree without talking.
 *
 * A segmenter pushes buffers of chunk form: the payload is moof and mdat, the track's header (ftyp and
 * moov) is the stream's `init`. A segment is the chunks with one `segment` number, in order. All
 * tracks of a session share segment numbers and discontinuity numbers.
 *
 * One mapping from media to wall-clock time serves all outputs: a stamp of T ticks was captured at
 * epoch_utc_us + T / timescale seconds. The epoch never changes over the life of a stream, restarts
 * included: it is DASH's availabilityStartTime, and HLS's program date-time follows from it.
 */
#pragma once

#include <mediagraph/buffer.h>

G_BEGIN_DECLS

typedef enum {
  MG_CHUNK_STARTS_SEGMENT = 1 << 0,
  MG_CHUNK_ENDS_SEGMENT = 1 << 1,
  MG_CHUNK_INDEPENDENT = 1 << 2, /* starts with a key frame */
  MG_CHUNK_DISCONT = 1 << 3,     /* the first of a new discontinuity number */
  MG_CHUNK_FORCED_CUT = 1 << 4,  /* starts a segment without a key frame: the GOP was too long */
} MgChunkFlags;

struct MgChunk {
  guint flags;           /* MgChunkFlags */
  guint part;            /* index in its segment */
  guint64 segment;       /* media sequence number */
  guint64 discontinuity; /* discontinuity sequence number */
  gint64 start;          /* ticks of the stream's timescale: tfdt */
  gint64 duration;       /* ticks */
  gint64 epoch_utc_us;   /* UTC of tick 0 */
  gint64 period_start;   /* ticks: where this discontinuity number begins, for all tracks */
  guint target_ms;       /* the longest a segment can be: fixed by configuration */
  guint reorder;         /* ticks: how much later decode times are than the encoder's */
  guint header_size; /* bytes of payload before the first sample: everything up to mdat's data */
  guint n_samples;
  /*
   * No chunk of the session's tracks is longer than this, unless a single sample is, and none but the last of a
   * segment is shorter than 85 % of it (RFC 8216bis, 4.4.3.7): a part of low latency. It stays what it is,
   * or changes with the discontinuity number. 0: nothing is promised.
   */
  guint part_target_us;
  guint
      first_size; /* bytes of the first sample: of a key frame, for players that only want those. 0: not told */
};

/* Returned: the (zeroed) chunk of an unshared BUFFER, made if it has none; the buffer owns it. */
MG_API MgChunk *mg_buffer_make_chunk(MgBuffer *buffer);

/*
 * For those who take chunks, from whatever segmenter: FALSE and ERROR when BUFFER is none, which is a mistake
 * of the node that pushed it. The stream has a timescale, and the header lies in the first slice.
 */
MG_API gboolean mg_buffer_check_chunk(const MgBuffer *buffer, GError **error);

/* Whether A and B are in one segment. */
static inline gboolean
mg_chunk_same_segment(const MgChunk *a, const MgChunk *b)
{
  return a->segment == b->segment && a->discontinuity == b->discontinuity;
}

G_END_DECLS
