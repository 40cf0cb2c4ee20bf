/* The media playlist of one track: what the window lists, row by row. */
#pragma once

#include <bytes/writer.h>
#include <mediagraph/window.h>

typedef struct {
  gboolean is_event;
  gboolean has_ended;
} MediaOptions;

/* Returned-owned: the name of the playlist of the track with that id. */
char *media_name(const char *id);

/* Appends the playlist of TRACK to W. FALSE, and nothing: none of its segments was ever listed. */
gboolean media_write(MgWindow *window, guint track, const MediaOptions *options, MgWriter *w);
