/*
 * The segments that a track's playlist lists: the window's rows from its first one on and, for low latency, what is
 * ahead of them.
 */
#pragma once

#include <manifest/hls-reload.h>
#include <mediagraph/window.h>

typedef struct {
  const MgSegment *segment; /* NULL: the track has a gap */
  const MgSegment *instead; /* for whose time this one stands */
  guint64 number, discontinuity;
  gboolean is_discont;
} Listed;

/* Returned-owned: of Listed, oldest first, valid as long as rows are. Empty: no segment of TRACK was ever listed. */
GArray *listed_new(MgWindow *window, guint track, gboolean with_ahead);

/* Where LIST, which is not empty, ends. Of the part target and the end it says nothing. */
MgHlsProgress listed_progress(const GArray *list);
