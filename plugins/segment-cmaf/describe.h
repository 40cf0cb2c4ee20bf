/* From a stream of packets to the stream of chunks it becomes: codec string, init segment, timescale. */
#pragma once

#include <mediagraph/stream.h>

typedef struct {
  MgStream *stream; /* owned */
  guint32 timescale;
  guint32 frame_ticks; /* nominal; 0: not known */
} Described;

/* Fills D. FALSE and ERROR: the track cannot be carried in CMAF; the sentence names it and its codec. */
gboolean describe_stream(MgStream *stream, Described *d, GError **error);
