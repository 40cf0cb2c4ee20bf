/*
 * A track as those behind the demuxer are told of it; private to this folder. It knows what they
 * know: the configuration, and whether something is missing before the next unit.
 */
#pragma once

#include "mpegts/demux.h"

/* One for all tracks of a demuxer: whom to tell, and what is counted. */
typedef struct {
  const MgTsDemuxEvents *events;
  gpointer user;
  MgTsDemuxCounts counts;
  gsize held; /* bytes reserved for what is not whole yet */
} MgTsSink;

/* Begins as zeros, but for SINK, and what is known of TRACK. */
typedef struct {
  MgTsSink *sink;
  MgTsTrack track;
  MgWriter config, descriptors; /* what TRACK points to */
  gboolean is_after_loss;
} MgTsTold;

void mg_ts_told_clear(MgTsTold *told);

/* Tells of CONFIG, which is taken and left empty; not when the same has been told. */
void mg_ts_told_config(MgTsTold *told, guint32 codec, MgWriter *config);

/* Tells of UNIT, whose data is taken; TRACK and is_after_loss are filled in here. */
void mg_ts_told_unit(MgTsTold *told, MgTsReceived *unit);

/* Tells of a copy of SIZE bytes (more than 0) at DATA with the rest of UNIT. */
void mg_ts_told_copy(MgTsTold *told, const guint8 *data, gsize size, const MgTsReceived *unit);

/* An access unit came damaged, and is not told of. */
void mg_ts_told_damage(MgTsTold *told);

/*
 * Appends N bytes to BUFFER, whose room is counted in SINK. FALSE when that is too much: nothing
 * changed.
 */
gboolean mg_ts_sink_append(MgTsSink *sink, MgWriter *buffer, const guint8 *data, gsize n);

/* Frees BUFFER. */
void mg_ts_sink_release(MgTsSink *sink, MgWriter *buffer);
