/*
 * Where frames of sound begin and end in an elementary stream; private to this folder. One parser
 * for each way of framing: ADTS, LATM, MPEG audio, AC-3, E-AC-3, and Opus' control headers.
 *
 * Nothing is kept. Any thread.
 */
#pragma once

#include "mpegts/track.h"

typedef enum {
  MG_TS_FRAMING_NONE,
  MG_TS_FRAMING_ADTS,
  MG_TS_FRAMING_LATM,
  MG_TS_FRAMING_MPEG_AUDIO,
  MG_TS_FRAMING_AC3,
  MG_TS_FRAMING_EAC3,
  MG_TS_FRAMING_OPUS,
} MgTsFraming;

/* How a track of this codec and stream_type is framed; NONE when it is no sound. */
MgTsFraming mg_ts_framing_of(guint32 codec, guint8 stream_type);

typedef struct {
  gsize size; /* of all, up to the next */
  gsize head; /* bytes in front that are no part of the access unit */
  guint samples;
  guint32 sample_rate;
  guint64 kind; /* the same for all frames that one configuration describes */
} MgTsFrame;

typedef enum {
  MG_TS_FRAME_WHOLE, /* the head is here; SIZE may be more than there is */
  MG_TS_FRAME_MORE,  /* the head is not whole */
  MG_TS_FRAME_BAD,
} MgTsFrameResult;

/*
 * Looks at what begins at DATA, at least one byte. LATM tells neither samples, nor rate, nor kind.
 */
MgTsFrameResult mg_ts_frame_parse(MgTsFraming framing, const guint8 *data, gsize size,
                                  MgTsFrame *frame);
