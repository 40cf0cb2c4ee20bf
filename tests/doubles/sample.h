/* The files of tests/data: a foreign fragmented MP4 of one track, taken apart. */
#pragma once

#include <cmaf/reader.h>

typedef struct {
  const guint8 *data; /* borrowed from the sample */
  gsize size;
  gint64 dts, pts; /* ticks */
  guint32 duration;
  gboolean is_sync;
} SamplePacket;

typedef struct {
  char *bytes;
  gsize size;
  MgCmafInit init;
  const MgCmafTrack *track; /* the only one */
  GArray *packets;          /* of SamplePacket */
} Sample;

/*
 * Returned-owned. NAME may be a path elsewhere. Aborts when there is no such file, or it has
 * nothing to say.
 */
Sample *sample_load(const char *name);
void sample_free(Sample *sample);

/* Borrowed: packet I. */
const SamplePacket *sample_packet(const Sample *sample, guint i);

/*
 * Returned-owned: the bytes of the first box TYPE anywhere in N bytes, found by its name and from
 * its size on. NULL when there is none.
 */
GBytes *sample_find_box(gconstpointer bytes, gsize n, const char *type);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Sample, sample_free)
