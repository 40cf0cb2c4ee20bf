/*
 * What a manifest says of a track's bit rate and frame rate: what its encoder declared, if that is
 * credible, else what was measured. It changes only when it has become untrue.
 */
#pragma once

#include <mediagraph/stream.h>

/* One finished segment. */
typedef struct {
  guint64 bytes;
  MgTime duration;
  guint n_samples;
  MgTime target; /* the target duration */
} MgMeasured;

enum { MG_ESTIMATE_RECENT = 8 };

/* Zeroed at first, and again when the track's parameters change. */
typedef struct {
  MgMeasured recent[MG_ESTIMATE_RECENT]; /* newest first */
  guint n_recent;
  guint64 peak; /* bits per second */
  guint64 bytes;
  MgTime duration;
  guint64 bandwidth;
  gboolean is_settled;   /* bandwidth rests on a peak, not on one short segment */
  MgFraction frame_rate; /* 0: not known */
} MgEstimate;

void mg_estimate_add(MgEstimate *estimate, const MgStreamInfo *info, MgMeasured segment);

/* Bits per second since the beginning. */
guint64 mg_estimate_average(const MgEstimate *estimate);
