/*
 * onMetaData: what an encoder says about its stream. Hints for people and for rate control; what is
 * in the bitstream is always right against it.
 *
 * Encoders send it late, repeatedly, in part, or never. Numbers are moved into sane ranges; 0 or ""
 * means not said.
 */
#pragma once

#include "rtmp/message.h"

#include <glib.h>

enum { MG_RTMP_METADATA_TRACKS = 16 };

/* What the maps of Enhanced RTMP say of one track, and for number 0 what is said without them. */
typedef struct {
  gdouble kbps;
  gdouble framerate; /* of video */
  char language[16]; /* a BCP 47 tag, or "" */
} MgRtmpTrackMetadata;

typedef struct {
  guint width;
  guint height;
  guint audio_sample_rate;
  guint audio_channels;
  char encoder[128];             /* printable ASCII */
  gboolean has_video, has_audio; /* one is announced: it may still never come */
  /* By a track's number; one more, which says nothing, for all numbers beyond. */
  MgRtmpTrackMetadata video[MG_RTMP_METADATA_TRACKS + 1];
  MgRtmpTrackMetadata audio[MG_RTMP_METADATA_TRACKS + 1];
} MgRtmpMetadata;

typedef enum {
  MG_RTMP_METADATA_UPDATED,
  MG_RTMP_METADATA_OTHER,  /* a data message of another kind: ignore, or pass on */
  MG_RTMP_METADATA_BROKEN, /* ERROR is set; the stream may go on without */
} MgRtmpMetadataState;

/*
 * Merges a data message (type 18, or 15 behind its format byte) into METADATA: @setDataFrame with
 * onMetaData, or onMetaData alone. What it does not mention stays.
 */
MgRtmpMetadataState mg_rtmp_metadata_merge(MgRtmpMetadata *metadata, const MgRtmpMessage *message,
                                           GError **error);
