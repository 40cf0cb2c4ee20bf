/*
 * A sink for chunks in the harness, with an http service that remembers, one video and one audio track.
 *
 * Init, use, clear; all from one thread. A track is declared with its first chunk, and again when its
 * stream has been exchanged.
 */
#pragma once

#include "doubles/fake-chunks.h"
#include "doubles/fake-http.h"

#include <mediagraph/harness.h>

typedef struct {
  MgHttp *http;
  gboolean owns_http;
  MgHarness *harness;
  MgStream *video_stream, *audio_stream;
  MgPort *video, *audio; /* NULL until their first chunk */
} MgStage;

void mg_stage_init(MgStage *stage, const MgNodeClass *node_class, const char *attributes);
void mg_stage_clear(MgStage *stage);

/* The same over an http service of somebody else. */
void mg_stage_init_with(MgStage *stage, MgHttp *http, const MgNodeClass *node_class,
                        const char *attributes);

/* The next chunks have a stream that EDIT has changed. STREAM is one of the stage's two. */
void mg_stage_edit(MgStream **stream, void (*edit)(MgStreamInfo *info));

/* One chunk of either track, or of a further one. */
void mg_stage_video(MgStage *stage, MgFakeChunk chunk);
void mg_stage_audio(MgStage *stage, MgFakeChunk chunk);
void mg_stage_push(MgStage *stage, MgPort **port, MgStream *stream, const MgFakeChunk *chunk);

/* A whole segment in both tracks, each in two chunks, in turns. */
void mg_stage_both(MgStage *stage, MgFakeChunk segment);

/* The same: 4 s of number N, from second 4 N on. */
void mg_stage_nth(MgStage *stage, guint64 n);

/*
 * Scenes. A second of both tracks, a pause, then N whole segments of the next discontinuity number, the first
 * of which begins at START_MS.
 */
void mg_stage_pause_and_resume(MgStage *stage, gint64 start_ms, guint n);

/* Segments 0 to 2, of which audio has no 1: its VIDEO_MS are a gap. */
void mg_stage_gap(MgStage *stage, gint64 video_ms);

/* Segment 0, in two chunks, of both tracks and of N more (taken), all begun before any is finished. */
void mg_stage_with_more(MgStage *stage, MgStream **more, guint n);

/* Returned-owned: what is served under NAME in /live/test; NULL: nothing. */
char *mg_stage_get(MgStage *stage, const char *name);
gboolean mg_stage_has(MgStage *stage, const char *name);
