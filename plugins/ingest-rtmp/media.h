/*
 * The media of one publication: from RTMP messages to streams and buffers.
 *
 * Audio and video of classic FLV tags and of Enhanced RTMP become packets whose times have been cleaned
 * (timeline/clean.h), a stream per track. A packet's payload is the message's own memory: nothing is
 * copied, except where an encoder's form is not ours (Annex B, short lengths) or many tags share one
 * message.
 *
 * What an encoder may do, and what comes of it: repeated configurations mean nothing; a changed one is
 * a new stream on the same port, and packets up to the next key frame are dropped; a track may come
 * late or never; codecs that cannot be carried are dropped, counted and named once, and other tracks go
 * on; units without a picture (SEI alone) go in front of the next picture. The bitstream is believed,
 * metadata only where nothing else is said. Tracks of a multitrack message are named by their numbers,
 * "audio3"; further videos are taken for qualities of the first.
 *
 * There is no failure. On the session's lane; reads no clock.
 */
#pragma once

#include <mediagraph/counter.h>
#include <mediagraph/log.h>
#include <mediagraph/stream.h>
#include <mediagraph/buffer.h>
#include <rtmp/message.h>

typedef struct Media Media;

/* Where tracks go: the publication, or a test. */
typedef struct {
  gpointer (*add)(MgStream *stream, gpointer user); /* the new track's port */
  void (*change)(gpointer port, MgStream *stream, gpointer user);
  void (*push)(gpointer port, MgBuffer *buffer, gpointer user); /* BUFFER is taken */
} MediaOutput;

typedef struct {
  const MediaOutput *output; /* borrowed for ever, called with USER */
  gpointer user;
  MgTime base;       /* where time begins */
  MgNode *node;      /* for logs; may be NULL */
  const char *label; /* "live/studio", for logs; copied */
} MediaSetup;

/* The codecs that are carried; the arrays go to a MG_CODEC_NONE. */
#define MEDIA_VIDEO_CODECS                                                                         \
  MG_CODEC_H264, MG_CODEC_HEVC, MG_CODEC_VVC, MG_CODEC_AV1, MG_CODEC_VP8, MG_CODEC_VP9
#define MEDIA_AUDIO_CODECS                                                                         \
  MG_CODEC_AAC, MG_CODEC_OPUS, MG_CODEC_FLAC, MG_CODEC_AC3, MG_CODEC_EAC3, MG_CODEC_MP3
extern const MgCodec media_video_codecs[], media_audio_codecs[];

/* Since the publication began. */
typedef struct {
  guint64 bytes;    /* of packets sent on */
  guint64 unknown;  /* messages of codecs that cannot be carried */
  guint64 dropped;  /* packets that could not be used, or had no place in time */
  guint64 repaired; /* times that had to be changed */
} MediaStats;

/* The node's, over all that it has taken. */
typedef struct {
  MgCounter *bytes, *unknown, *dropped, *repaired;
} MediaCounters;

/* Returned-owned. */
Media *media_new(const MediaSetup *setup);

/* Says how much was dropped, if any. The ports stay. NULL is fine. */
void media_free(Media *media);

/* An audio, video or data message that came at ARRIVAL. Its block, an MgData or NULL, is taken. */
void media_take_audio(Media *media, MgRtmpMessage *message, MgTime arrival);
void media_take_video(Media *media, MgRtmpMessage *message, MgTime arrival);
void media_take_data(Media *media, MgRtmpMessage *message);

void media_stats(const Media *media, MediaStats *stats);

void media_counters_init(MediaCounters *counters, MgNode *node);

/* Adds to COUNTERS what has happened since COUNTED, which is brought up to date. */
void media_count(const Media *media, const MediaCounters *counters, MediaStats *counted);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Media, media_free)
