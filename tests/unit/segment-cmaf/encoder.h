/*
 * Makes packets as encoders send them: an H.264 track and an AAC track whose times follow from a few
 * numbers, and whose payload says which packet it is.
 */
#pragma once

#include <mediagraph/buffer.h>

typedef struct {
  guint fps_num, fps_den;
  guint gop;      /* frames from one key frame to the next, a multiple of b_frames + 1 */
  guint b_frames; /* between two others */
  gboolean is_ms; /* stamps are rounded to milliseconds, as RTMP's */
  MgTime begin;   /* of the first frame's dts */
} VideoModel;

typedef struct {
  guint rate, frame_samples;
  gboolean is_ms;
  MgTime begin;
} AudioModel;

/* Returned-owned: packet form. IS_SMALL chooses between two configurations. */
MgStream *encoder_video(gboolean is_small);

/* Returned-owned: 44100 or 48000, or 48000 with 2048 samples per frame: HE-AAC. */
MgStream *encoder_audio(const AudioModel *model);

MgTime encoder_video_dts(const VideoModel *model, guint64 n);
MgTime encoder_video_pts(const VideoModel *model, guint64 n);
gboolean encoder_is_key(const VideoModel *model, guint64 n);
MgTime encoder_audio_pts(const AudioModel *model, guint64 n);

/*
 * Returned-owned: packet N. Its arrival is now; its last four bytes are N. Video is one NAL unit, an IDR
 * slice or another, with nothing in it.
 */
MgBuffer *encoder_video_packet(const VideoModel *model, MgStream *stream, guint64 n);
MgBuffer *encoder_audio_packet(const AudioModel *model, MgStream *stream, guint64 n);
