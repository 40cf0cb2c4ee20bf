/*
 * Encoding and decoding whole clips with FFmpeg: on the driver, and in software to compare with.
 *
 * A clip is as many frames as asked for from frames_draw(), 25 a second.
 */
#pragma once

#include "frames.h"

typedef struct {
  guint n_frames, width, height;
  const char *options; /* of the encoder: "profile=main:bf=2:g=12"; NULL: none */
} Clip;

/*
 * Returned-owned: AVPackets, of h264_vaapi on DEVICE. An error fails the test, unless ERROR (may be NULL) is
 * there to get it; the packets so far come back then.
 */
GPtrArray *codecs_encode_on(AVBufferRef *device, const Clip *clip, int *error);

/* Returned-owned: AVPackets, of libx264. */
GPtrArray *codecs_encode(const Clip *clip);

/* Returned-owned: the MD5 of each frame of the clip itself, in order; NULL behind the last. */
GStrv codecs_md5s_of_clip(const Clip *clip);

/*
 * Returned-owned: the MD5 of each frame that decoding PACKETS gives, in order of presentation; by FFmpeg's own
 * decoder when DEVICE is NULL. Errors as above.
 */
GStrv codecs_md5s_of_packets(AVBufferRef *device, const GPtrArray *packets, int *error);

/* The parts of it, for longer chains. An array of AVPackets, returned-owned. */
GPtrArray *codecs_packets_new(void);

/* Returned-owned. SURFACES are those that frames will lie on; NULL: memory. */
AVCodecContext *codecs_open_encoder(const char *name, AVBufferRef *surfaces, const Clip *clip);

/* Moves what ENCODER has ready into PACKETS. */
void codecs_take_packets(AVCodecContext *encoder, GPtrArray *packets);

/* Returned-owned: for H.264, on DEVICE, or in software when it is NULL. */
AVCodecContext *codecs_open_decoder(AVBufferRef *device);
