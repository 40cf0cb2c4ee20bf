/*
 * A short FLV clip that is played in a loop: the media that all publishers send.
 *
 * The clip is read once and kept whole. Each track begins at zero and has the tags of one period; what
 * the file has beyond it is left out. A period in which both a whole number of video frames and of
 * audio frames fit (8 s: 240 at 30 fps, 375 of AAC at 48 kHz) makes a loop whose time has no seam.
 */
#pragma once

#include <glib.h>

typedef struct {
  guint8 type;   /* as RTMP's message types: 8 audio, 9 video, 18 data */
  guint32 at_ms; /* from the beginning of the period */
  const guint8 *data;
  gsize size;
} ClipTag;

typedef struct {
  guint32 period_ms;
  GArray *headers; /* of ClipTag: what goes once before the media, in the file's order */
  GArray *tags;    /* of ClipTag, by time; the first is a key frame */
  gchar *file;
} Clip;

/* Returned-owned, or NULL and ERROR: the file cannot be read, or is no FLV with H.264 in it. */
Clip *clip_load(const char *path, guint32 period_ms, GError **error);
void clip_free(Clip *clip);

/* Bytes of all tags. */
gsize clip_bytes(const Clip *clip);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Clip, clip_free)
