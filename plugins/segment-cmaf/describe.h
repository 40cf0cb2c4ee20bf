/* From a stream of packets to the stream of chunks it becomes: codec string, init segment, timescale. */
#pragma once

#include <mediagraph/buffer.h>
#include <mediagraph/stream.h>

typedef struct {
  MgStream *stream; /* owned */
  guint32 timescale;
  guint32 frame_ticks;  /* nominal; 0: not known */
  gboolean frames_vary; /* each packet says how long it lasts: describe_packet() */
} Described;

/* Fills D. FALSE and ERROR: the track cannot be carried in CMAF; the sentence names it and its codec. */
gboolean describe_stream(MgStream *stream, Described *d, GError **error);

/* How many ticks PACKET of the audio STREAM, whose packets vary, lasts; 0: it does not say. */
guint32 describe_packet(const MgStream *stream, const MgBuffer *packet);
