/* A node that does nothing but keep a window, and shows what it lists. */
#pragma once

#include "doubles/fake-chunks.h"
#include "doubles/fake-http.h"

#include <mediagraph/harness.h>
#include <mediagraph/window.h>

typedef struct {
  MgHttp *http;
  gboolean owns_http;
  MgHarness *harness;
  MgStream *video_stream, *audio_stream;
  MgPort *video, *audio; /* NULL until their first chunk */
} Lister;

/* ATTRIBUTES: path, window ('0s': an event), dir. Clear it with lister_clear(). */
void lister_init(Lister *l, const char *attributes);
void lister_clear(Lister *l);

/* The same over an http service of somebody else. */
void lister_init_with(Lister *l, MgHttp *http, const char *attributes);

/* The node's class, for tests of what it refuses. */
extern const MgNodeClass lister_class;

/* One chunk of either track. */
void lister_video(Lister *l, MgFakeChunk chunk);
void lister_audio(Lister *l, MgFakeChunk chunk);

/* A whole segment of 4 s in both, number N from second 4 N on. */
void lister_both(Lister *l, guint64 n);

/*
 * Returned-owned: the rows, as in "5.1! video-0 audio-0, 6.1 video-360000 -": number, discontinuity, '!'
 * where it is new, then each track's segment or '-'.
 */
char *lister_rows(Lister *l);

MgWindow *lister_window(Lister *l);
