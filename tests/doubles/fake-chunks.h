/*
 * Streams and chunks as a segmenter makes them, except that their bytes are only letters: for tests of
 * what lists, serves or records them.
 */
#pragma once

#include <mediagraph/chunk.h>

/* What UTC is at tick 0: 2026-01-01 00:00:00, which is also where a harness's clock starts. */
#define MG_FAKE_EPOCH_US (G_GINT64_CONSTANT(1767225600) * G_USEC_PER_SEC)

/* Returned-owned: 90000 ticks per second, 640x360, "avc1.64001e", nothing said of rates. */
MgStream *mg_fake_video(const char *id);

/* Returned-owned: 48000 ticks per second, stereo, "mp4a.40.2". */
MgStream *mg_fake_audio(const char *id);

/* Returned-owned: the same as STREAM, but for what EDIT changes in its info. */
MgStream *mg_fake_stream_like(MgStream *stream, void (*edit)(MgStreamInfo *info));

/* A chunk; times in milliseconds. */
typedef struct {
  guint64 number, discontinuity;
  gint64 start_ms, duration_ms;
  gint64 period_start_ms;
  guint flags;       /* MgChunkFlags; 0: starts and ends a segment, is independent */
  guint n_samples;   /* 0: as many as 25 per second */
  gsize bytes;       /* 0: as many as make 1 Mb/s */
  guint first_bytes; /* of the first sample; 0: not told. The header has ten */
  guint part_ms;     /* what is promised of the length of chunks; 0: nothing */
} MgFakeChunk;

/* Returned-owned: of target duration 4 s. */
MgBuffer *mg_fake_chunk(MgStream *stream, const MgFakeChunk *chunk);
