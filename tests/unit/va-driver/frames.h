/*
 * FFmpeg on the driver: its device, frames to compare, and graphs of filters.
 *
 * Frames are NV12 in memory; what a frame shows depends on its number only.
 */
#pragma once

#include <glib.h>
#include <libavcodec/avcodec.h>
#include <libavutil/hwcontext.h>

/* FFmpeg's own device on /dev/null; device_prepare() comes first. Returned-owned: av_buffer_unref(). */
AVBufferRef *frames_open_device(void);

/* Frame N of a moving pattern, pts = N. Returned-owned. */
AVFrame *frames_draw(guint n, guint width, guint height);

/* The checksum of a frame's visible pixels, the same as NV12 and as planes. Returned-owned. */
char *frames_md5(const AVFrame *frame);

/*
 * What comes out of `FILTERS` on DEVICE for one frame in memory: a graph like
 * "hwupload,scale_vaapi=w=64:h=32,hwdownload,format=nv12". Returned-owned.
 */
AVFrame *frames_filter(AVBufferRef *device, const char *filters, const AVFrame *frame);
