/*
 * The multivariant playlist: one variant per video track, with the audio tracks as renditions beside
 * them; without video, one variant per audio track.
 *
 * Audio tracks that are qualities of one source go into groups of their own, and each video track is
 * offered with each group.
 */
#pragma once

#include <bytes/writer.h>
#include <mediagraph/window.h>

typedef struct {
  gboolean is_independent; /* every segment listed so far began with a key frame */
  gboolean has_averages;   /* write AVERAGE-BANDWIDTH, which never stands still */
  gboolean has_audio_only; /* also a variant without video, where there is video */
  guint iframes;           /* tracks that have a playlist of key frames, one bit each */
  gboolean is_muxed;       /* segments of video have the first audio in them, as TS */
} MultivariantOptions;

/* Appends the playlist of all tracks that have a listed segment to W. */
void multivariant_write(MgWindow *window, const MultivariantOptions *options, MgWriter *w);
