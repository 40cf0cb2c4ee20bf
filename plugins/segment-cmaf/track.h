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
#include "parts.h"

#include <cmaf/chunk.h>
#include <mediagraph/chunk.h>
#include <mediagraph/node.h>

typedef struct {
  MgNode *node;
  const Cuts *cuts;
  gint64 epoch_utc_us;
  Parts *parts;
  const GPtrArray *tracks; /* of Track *: all there are */
} TrackSetup;

struct Track {
  const TrackSetup *setup;
  MgPort *out;           /* NULL until the first chunk of its first segment may go */
  MgStream *stream;      /* what `out` declares or will declare: chunk form */
  MgStream *next_stream; /* from the next discontinuity on; NULL: no change */
  guint32 next_timescale, next_frame_ticks;
  gboolean next_frames_vary;
  gboolean is_video;
  guint32 timescale;
  guint32 frame_ticks;  /* audio: samples of the last frame; video: about the distance of two */
  gboolean frames_vary; /* audio: each packet says how long it lasts */
  GQueue waiting;       /* of MgBuffer *: until the reference track has passed them */
  MgTime newest;        /* engine time of the newest sample taken: dts of video, pts of audio */

  guint64 next_cut;  /* number of the first cut not passed */
  Cut cut;           /* the one passed last */
  gboolean is_begun; /* has passed a cut, and its segment has not been finished by a pause */
  gboolean is_away;  /* its segment was finished, and nothing has come since */
  gboolean skips_to_discont;

  GArray *samples;            /* of MgCmafSample: of the chunk being collected */
  GPtrArray *buffers;         /* of MgBuffer *, one per sample */
  gint64 chunk_start;         /* ticks */
  gint64 last_dts;            /* ticks of the last sample */
  gint64 end;                 /* ticks: where the last complete sample ends, or the first begins */
  gint64 slew;                /* ticks by which the cut being passed moves what follows */
  gboolean is_early;          /* the last sample begins before its stamp: there was a hole */
  MgTime reorder;             /* video: pts - dts of the first key frame */
  MgTime sent_end;            /* published time up to which chunks have been sent */
  guint part;                 /* of the chunk being collected */
  MgTime part_target;         /* 0: not chosen yet */
  guint64 part_discontinuity; /* that it was chosen for */
  guint32 sequence;           /* of moofs */
  gboolean starts_segment;
  gboolean starts_discont; /* … and another discontinuity number */
  gboolean starts_anew;    /* … and something is missing before it */
};

/* Returned-owned: a track for STREAM (packet form, borrowed), or NULL and ERROR: it cannot be carried. */
Track *track_new(const TrackSetup *setup, MgStream *stream, GError **error);

/* NULL is fine. The output port stays. */
void track_free(Track *track);

/*
 * New parameters, from the next discontinuity on; until then `next_stream` is set and what comes is
 * dropped. Those that it has already change nothing. FALSE and ERROR: they cannot be carried.
 */
gboolean track_set_stream(Track *track, MgStream *stream, GError **error);

/* The time that BUFFER's stamp says: by it the deciding track cuts. */
MgTime track_time_of(const Track *track, const MgBuffer *buffer);

/* The time at which BUFFER will be played as the next sample: audio is not where its stamp says. By it it follows. */
MgTime track_placed_at(const Track *track, const MgBuffer *buffer);

/* Published ticks of an engine time, by the cut that was passed last. */
gint64 track_ticks(const Track *track, MgTime engine_time);

/* Nominal length of one sample. */
MgTime track_frame(const Track *track);

/* Takes BUFFER (taken), past all cuts that lie before it. */
void track_take(Track *track, MgBuffer *buffer);

/* Takes what waits, undecided. */
void track_flush(Track *track);

/* Sends all that has been taken and ends the segment. What waits stays, for the next one. */
void track_stop(Track *track);

/* The publisher is gone, or the session ends: takes what waits, and stops. */
void track_finish(Track *track);

/*
 * Nothing comes any more, and the others are past the next cut: ends the segment there. The last sample
 * lasts until then, so that the segment is as long as the others'.
 */
void track_leave(Track *track);

/* BUFFER comes again, to begin with a discontinuity. TRUE when there is none in time for it yet. */
gboolean track_return(Track *track, const MgBuffer *buffer);

/* Published time up to which it has taken media; MG_TIME_NONE when it is not within a segment. */
MgTime track_published_end(const Track *track);
