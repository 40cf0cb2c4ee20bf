/*
 * segment-cmaf in the harness, with an encoder in front and everything it makes behind.
 *
 * Init, set the models, run, look, clear. The fake clock runs with the media. Each run, and the end,
 * checks everything that has to hold for any chunk (verify.h).
 */
#pragma once

#include "encoder.h"

#include <mediagraph/chunk.h>
#include <mediagraph/harness.h>

typedef struct {
  char *state_dir; /* NULL: none */
  MgHarness *harness;
  MgTime clock;   /* of media: how far it has come, and the fake clock with it */
  gint drift_ppm; /* how much faster the fake clock runs */

  VideoModel video_model;
  AudioModel audio_model; /* rate 0: no audio */
  gboolean has_no_video;
  MgStream *video_stream, *audio_stream;
  MgPort *video, *audio;
  guint64 next_frame, next_audio;
  guint discont;          /* MgMedia: their next packets are marked */
  gboolean has_restarted; /* so a segment may be without its end */
  gboolean is_drained;

  GPtrArray *video_chunks, *audio_chunks; /* of MgBuffer * */
} Cutter;

/* 25 fps, a key frame each second, no B-frames; AAC at 48 kHz. With a state folder of its own. */
void cutter_init(Cutter *c, const char *attributes);
/* STATE_DIR is taken; it goes with the cutter. */
void cutter_init_with_state(Cutter *c, char *state_dir, const char *attributes);
void cutter_init_without_state(Cutter *c, const char *attributes);
void cutter_clear(Cutter *c);

/* Sends all packets before UNTIL seconds of media time, in the order of their times. */
void cutter_run(Cutter *c, gdouble until);

/* The packets up to UNTIL are lost: nothing is sent, and time passes. */
void cutter_skip(Cutter *c, gdouble until);
void cutter_skip_video(Cutter *c, gdouble until);
void cutter_skip_audio(Cutter *c, gdouble until);

/* The publisher leaves; the next one begins AFTER seconds later, with a discontinuity. */
void cutter_reconnect(Cutter *c, gdouble after);

/* The process ends without a word, and begins again. */
void cutter_restart(Cutter *c);

/* Everything that is still held back comes out. */
void cutter_drain(Cutter *c);

/*
 * Returned-owned: the segments of one track, in seconds: "0: 0.000 4.000, 1!: 4.000 2.000". Number, start,
 * duration; '!' where the discontinuity number is new, '~' where it was cut without a key frame, '…'
 * where the end is missing.
 */
char *cutter_segments(Cutter *c, MgMedia media);

#define cutter_assert_segments(c, media, wanted)                                                   \
  G_STMT_START                                                                                     \
  {                                                                                                \
    g_autofree char *segments_ = cutter_segments(c, media);                                        \
    g_assert_cmpstr(segments_, ==, wanted);                                                        \
  }                                                                                                \
  G_STMT_END
