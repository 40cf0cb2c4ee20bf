/*
 * What is put into a window (see <mediagraph/window.h>), and its life. On the node's lane.
 */
#pragma once

#include <mediagraph/output.h>

typedef struct {
  const char *path; /* of the http folder: "/live/studio" */
  const char *name; /* of the manifest that viewers open, which is announced: "index.m3u8" */
  const char *dir;  /* of files too; NULL: none */
  MgTime length;    /* media that stays listed; 0: everything (an EVENT playlist) */
  guint asks;       /* MgOutputAsks */
  const MgOutputView *view;
} MgWindowOptions;

/*
 * Returned-owned, or NULL and ERROR: the node needs the http service, another one has the path, or DIR
 * cannot be written. PATH and NAME are right.
 */
MgWindow *mg_window_new(MgNode *node, const MgWindowOptions *options, GError **error);

/*
 * Takes what it has published away after AFTER nanoseconds, so that viewers see how it ended, and frees
 * the window at once; files stay. NULL is fine.
 */
void mg_window_free(MgWindow *window, MgTime after);

/*
 * Takes a chunk (taken), which mg_buffer_check_chunk() has found right. TRUE when the manifests must be rendered
 * again: a row was listed, or there is more ahead of the rows that was asked for.
 */
gboolean mg_window_push(MgWindow *window, MgBuffer *chunk);

/* No more chunks of that track will come: nothing waits for it. TRUE as above. */
gboolean mg_window_end_track(MgWindow *window, MgStream *stream);

/* No more chunks will come, or not for a while: what is finished is listed. TRUE as above. */
gboolean mg_window_flush(MgWindow *window);

/* Publishes a manifest under NAME; TEXT is copied. Segments it names have been published before. */
void mg_window_put(MgWindow *window, const char *name, const char *content_type, guint max_age_ms,
                   const char *text, gsize size);

/* The manifests say all of mg_window_changed(). */
void mg_window_forget_changes(MgWindow *window);
