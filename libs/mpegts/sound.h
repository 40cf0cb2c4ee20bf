/*
 * What PES packets of sound hold, as frames; private to this folder. Frames need not begin with PES
 * packets: the stamp of one belongs to the first frame that begins in it, the others are counted
 * from there.
 */
#pragma once

#include "mpegts/frames.h"
#include "mpegts/told.h"

#include <codec/latm.h>

enum { MG_TS_MOST_MARKS = 8 };

typedef struct {
  gsize at; /* in the elementary stream: where a PES packet began … */
  gint64 pts;
} MgTsMark;

/* Begins as zeros, but for FRAMING. */
typedef struct {
  MgTsFraming framing;
  MgWriter stream; /* elementary, what is not used up */
  guint n_marks;
  MgTsMark marks[MG_TS_MOST_MARKS];
  gboolean has_time; /* the next frame's is known: */
  gint64 anchor;     /* the stamp before, and … */
  guint64 n_samples; /* … how many have come since … */
  guint32 rate;      /* … at this rate */
  gboolean is_in_step;
  guint64 kind; /* of the frame before, for which a configuration has been made; 0: none */
  MgLatm latm;
} MgTsSound;

void mg_ts_sound_clear(MgTsSound *sound, MgTsSink *sink);

/* Takes the payload of a PES packet, of which the end may be missing. */
void mg_ts_sound_take(MgTsSound *sound, MgTsTold *told, const guint8 *data, gsize size, gint64 pts);

/* Something is missing behind what has been taken. */
void mg_ts_sound_break(MgTsSound *sound);
