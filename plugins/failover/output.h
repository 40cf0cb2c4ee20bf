/*
 * The outputs: one per id of a track, whichever input it comes from. Their times only grow. On the node's
 * lane.
 */
#pragma once

#include <mediagraph/node.h>

typedef struct {
  MgNode *node;
  MgPort *port;
  MgStream *stream;      /* a reference: as declared */
  MgBuffer *last_key;    /* video: a reference; NULL: there was none with these parameters */
  MgTime last_dts;       /* MG_TIME_NONE: nothing has been pushed */
  MgTime step;           /* from one dts to the next, about */
  MgTime pts_end;        /* of all that was pushed */
  gboolean awaits_key;   /* drops what cannot be decoded behind a switch */
  gboolean has_switched; /* what comes next comes from elsewhere */
  gboolean has_guide;    /* … behind video, whose discontinuity is enough where sound goes on */

  /* While nothing comes, see fill.h. */
  MgData *silence; /* audio; NULL: not known how */
  guint silence_samples, silence_rate;
  MgTime fill_begin; /* dts of the first of what fills */
  gint64 n_filled;
  gboolean has_complained; /* that there is no silence for it */
} Output;

/* Of Output *; free with g_ptr_array_unref(), which leaves the ports to the engine. */
GPtrArray *outputs_new(void);

/* The output called like STREAM, which it declares where that says anything new. */
Output *outputs_declare(GPtrArray *outputs, MgNode *node, MgStream *stream);

/* The output called ID, or NULL. */
Output *outputs_find(GPtrArray *outputs, const char *id);

/* Its track is over. */
void outputs_end(GPtrArray *outputs, Output *output);

gboolean output_is_video(const Output *output);

/* Declares STREAM, whatever it is called, under the output's own id. */
void output_declare_as(Output *output, MgStream *stream);

/*
 * What comes next comes from elsewhere: it begins at a key frame, and is marked as discontinuous; sound that comes
 * with video (HAS_VIDEO) only where something is missing.
 */
void output_switch(Output *output, gboolean has_video);

/* The earliest dts that its next buffer may have when its pts is DELAY later. */
MgTime output_next(const Output *output, MgTime delay);

/*
 * Pushes BUFFER (borrowed) at DTS and PTS; FALSE when it is dropped: it comes before what was pushed, or waits
 * for a key frame.
 */
gboolean output_push(Output *output, MgBuffer *buffer, MgTime dts, MgTime pts);
