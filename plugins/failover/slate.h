/*
 * A slate: a fragmented MP4 that is played in a loop while there is nothing else.
 *
 * It is read on a thread of its own, whole, once per node, and then immutable. Its first video and its first
 * audio track are played.
 */
#pragma once

#include <mediagraph/lane.h>
#include <mediagraph/node.h>

typedef struct {
  MgBuffer *buffer; /* its times count from the beginning of the slate */
  gboolean is_video;
} SlateSample;

typedef struct {
  MgStream *video, *audio; /* NULL: none */
  GArray *samples;         /* of SlateSample, by dts */
  MgTime length;           /* from one loop to the next */
} Slate;

/*
 * Returned-owned: what the file BYTES (taken) holds, or NULL and ERROR: a sentence about the file. Any
 * thread.
 */
Slate *slate_parse(MgData *bytes, GError **error);

/* NULL is fine. */
void slate_free(Slate *slate);

typedef struct SlateLoad SlateLoad;

/*
 * Returned: reads the file PATH, and calls DONE on NODE's lane with the slate (taken), or with NULL and ERROR
 * (borrowed), unless slate_load_cancel() comes before. On its lane.
 */
SlateLoad *slate_load(MgNode *node, const char *path,
                      void (*done)(MgNode *node, Slate *slate, const GError *error));
/* NULL is fine. DONE is not called any more. On its lane. */
void slate_load_cancel(SlateLoad *load);
