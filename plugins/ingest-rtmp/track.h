/* What media.c, audio.c and video.c share: tracks, and the way of a packet out of them. */
#pragma once

#include "media.h"

#include <codec/aac.h>
#include <codec/h264.h>
#include <rtmp/metadata.h>
#include <timeline/clean.h>
#include <timeline/unwrap.h>

typedef struct {
  Media *media;
  const char *id;   /* "audio", "video" */
  guint clock;      /* its number in the timeline */
  MgStream *stream; /* NULL: not declared yet */
  gpointer port;
  MgTime frame;           /* nominal duration of a packet, or 0 */
  gboolean wants_discont; /* the next key packet is marked */
  char unknown[48];       /* the last codec that could not be carried */
  guint64 n_unknown;
  guint n_said; /* changes logged: a peer that changes all the time does not fill the log */
  gboolean has_complained; /* about broken input: once is enough */
} Track;

typedef struct {
  Track track;
  MgAacConfig config; /* once there is a stream */
} Audio;

typedef struct {
  Track track;
  guint length_size;   /* of the NAL units that come */
  MgH264Config config; /* once there is a stream; borrows from its configuration */
  gboolean waits_for_key;
  guint n_waited; /* pictures dropped meanwhile */
  MgSlice held;   /* units without a picture, to go in front of the next one; data may be NULL */
} Video;

struct Media {
  const MediaOutput *output;
  gpointer user;
  MgNode *node;
  char *label;
  MgTimeline *timeline;
  MgUnwrap unwrap;
  MgRtmpMetadata metadata;
  Audio audio;
  Video video;
  MediaStats stats;
  MgTime begun; /* arrival of the first packet; 0: none yet */
  gboolean has_said;
};

/* A packet with all but its stream. Slices that have data are taken. */
typedef struct {
  MgSlice before, payload;
  guint flags;
  guint32 timestamp_ms;
  gint32 composition_ms;
  MgTime arrival;
} Packet;

/* Declares INFO, whose id, media and form are filled in here; its config is borrowed. */
void track_declare(Track *track, MgStreamInfo *info);

void track_push(Track *track, Packet *packet);

/* Counts a message of CODEC, and says once that it is not carried. */
void track_count_unknown(Track *track, const char *codec);

/* Counts a packet that cannot be used; WHY (may be NULL) is logged the first time. */
void track_drop(Track *track, const char *why);

/* SIZE bytes of MESSAGE from OFFSET on: in its own memory, or a copy. No data: no memory. */
MgSlice track_payload(const MgRtmpMessage *message, gsize offset, gsize size);

/* Metadata's frame rate, if it can be one; the usual fractions of 1001 are recognised. */
MgFraction track_frame_rate(gdouble fps);
