/*
 * The media playlist of one track: what the window lists, row by row, and for low latency what is ahead of the
 * rows, with parts.
 */
#pragma once

#include <bytes/writer.h>
#include <manifest/hls-reload.h>
#include <mediagraph/window.h>

typedef struct {
  gboolean is_event;
  gboolean has_ended;
  gboolean
      has_parts; /* low latency; without effect when the chunks promise nothing of their length */
} MediaOptions;

/* A playlist, and what those who ask for the next one need to know of it. */
typedef struct {
  MgWriter whole, delta;  /* delta is empty: there is none but the whole */
  MgHlsProgress progress; /* of low latency */
  guint target_ms;
} MediaText;

void media_text_clear(MediaText *text);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MediaText, media_text_clear)

/* Returned-owned: the name of the playlist of the track with that id, and of that of its key frames. */
char *media_name(const char *id);
char *media_iframes_name(const char *id);

/* Writes the playlist of TRACK into TEXT (zeroed). FALSE, and nothing: none of its segments was ever listed. */
gboolean media_write(MgWindow *window, guint track, const MediaOptions *options, MediaText *text);

/*
 * Appends to W the playlist of the key frames that TRACK's segments begin with, as byte ranges of the segments: a
 * segment that begins otherwise is a gap. FALSE, and nothing: there is none.
 */
gboolean media_write_iframes(MgWindow *window, guint track, const MediaOptions *options,
                             MgWriter *w);
