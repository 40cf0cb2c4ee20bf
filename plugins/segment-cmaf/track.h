/*
 * One track: collects samples until a chunk is full, writes its moof, and pushes it.
 *
 * A sample is complete when the next one arrives, because its duration is the distance to that. Decode
 * times are the encoder's, moved by a constant so that a key frame's decode and presentation time are
 * one (signed composition offsets, no edit list); audio counts samples instead of trusting
 * milliseconds. On the node's lane.
 */
#pragma once

#include "cuts.h"

#include <cmaf/chunk.h>
#include <mediagraph/chunk.h>
#include <mediagraph/node.h>

typedef struct {
  MgNode *node;
  const Cuts *cuts;
  gint64 epoch_utc_us;
  MgTime part; /* longest chunk */
} TrackSetup;

typedef struct Track {
  const TrackSetup *setup;
  MgPort *out;           /* NULL until the first chunk of its first segment may go */
  MgStream *stream;      /* what `out` declares or will declare: chunk form */
  MgStream *next_stream; /* from the next discontinuity on; NULL: no change */
  guint32 next_timescale, next_frame_ticks;
  gboolean is_video;
  guint32 timescale;
  guint32 frame_ticks; /* audio: samples of one frame; video: of the last sample */
  GQueue waiting;      /* of MgBuffer *: until the reference track has passed them */
  MgTime newest;       /* engine time of the newest sample taken: dts of video, pts of audio */

  guint64 next_cut;  /* number of the first cut not passed */
  Cut cut;           /* the one passed last */
  gboolean is_begun; /* has passed a cut, and its segment has not been finished by a pause */
  gboolean skips_to_discont;

  GArray *samples;    /* of MgCmafSample: of the chunk being collected */
  GPtrArray *buffers; /* of MgBuffer *, one per sample */
  gint64 chunk_start; /* ticks */
  gint64 last_dts;    /* ticks of the last sample, while */
  gboolean has_clock; /* … there is one since the last discontinuity */
  MgTime reorder;     /* video: pts - dts of the first key frame */
  MgTime sent_end;    /* published time up to which chunks have been sent */
  guint part;         /* of the chunk being collected */
  guint32 sequence;   /* of moofs */
  gboolean starts_segment;
  gboolean starts_discont;
} Track;

/* Returned-owned: a track for STREAM (packet form, borrowed), or NULL and ERROR: it cannot be carried. */
Track *track_new(const TrackSetup *setup, MgStream *stream, GError **error);

/* NULL is fine. The output port stays. */
void track_free(Track *track);

/* New parameters: what is collected goes out, the next sample begins a discontinuity. FALSE and ERROR:
 * they cannot be carried; nothing has changed. */
gboolean track_set_stream(Track *track, MgStream *stream, GError **error);

/* The time by which BUFFER is compared with cuts. */
MgTime track_time_of(const Track *track, const MgBuffer *buffer);

/* Nominal length of one sample. */
MgTime track_frame(const Track *track);

/* Takes BUFFER (taken), past all cuts that lie before it. */
void track_take(Track *track, MgBuffer *buffer);

/* Sends all that is collected and ends the segment: the publisher is gone, or the session ends. */
void track_finish(Track *track);

/* Published time up to which the track has sent or collected media since its last pause. */
MgTime track_published_end(const Track *track);
