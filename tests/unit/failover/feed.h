/*
 * Encoders that feed a failover node, packet by packet as the fake clock goes, and what comes out of it.
 *
 * Encoder A and B have timelines of their own: B began later, and counts from another time.
 */
#pragma once

#include "segment-cmaf/encoder.h"

#include <mediagraph/harness.h>

enum { FEED_ENCODERS = 2 };

typedef struct {
  VideoModel video_model;
  AudioModel audio_model;
  MgTime delay; /* of pts, besides the model's */
  MgTime begun; /* mg_now() when it sent its first packets; 0: not yet */
  gboolean is_sending;
  gboolean is_small, has_no_audio;
  MgStream *video, *audio;
  MgPort *video_port, *audio_port; /* NULL: not declared */
  guint64 n_video, n_audio;        /* next */
} Encoder;

/* One packet that came out. */
typedef struct {
  MgTime dts, pts, at; /* at: mg_now() */
  guint flags;
  guint number; /* the last four bytes */
  gsize size;
  MgStream *stream; /* a reference */
} Packet;

typedef struct {
  MgHarness *h;
  Encoder encoders[FEED_ENCODERS];
  GArray *video, *audio; /* of Packet: all that came out */
} Feed;

/* Returned-owned: a node with ATTRIBUTES and both inputs; nobody sends. */
Feed *feed_new(const char *attributes);
void feed_free(Feed *feed);

/* A or B sends, or is silent: what it would have sent is never sent. */
void feed_send(Feed *feed, guint encoder, gboolean sends);

/* It leaves, as a publisher does; when it sends again it declares its tracks again. */
void feed_leave(Feed *feed, guint encoder);

/* The clock goes on for DURATION; what comes out is collected. */
void feed_run(Feed *feed, MgTime duration);

const Packet *feed_video(Feed *feed, guint index);
const Packet *feed_audio(Feed *feed, guint index);
/* The last ones. */
const Packet *feed_last(GArray *packets);

/*
 * How many packets from index FROM on have FLAG; the first of them goes to FIRST (may be NULL).
 */
guint feed_count(GArray *packets, guint from, guint flag, guint *first);

/*
 * Asserts what always holds: dts grows, pts is not before it, a discontinuity begins with a key frame
 * that is shown behind all before it.
 */
void feed_check(Feed *feed);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Feed, feed_free)
