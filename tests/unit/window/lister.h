/* A node that does nothing but keep a window, and shows what it lists. */
#pragma once

#include "doubles/stage.h"

#include <mediagraph/output.h>

/* Attributes: path, window ('0s': an event), dir. */
extern const MgNodeClass lister_class;

/* What listers ask of their windows (MgOutputAsks), from the next one on. */
extern guint lister_asks;

/* The view that listers have, from the next one on; NULL: none. */
extern const MgOutputView *lister_view;

/* What mg_window_changed() said when one published last. */
extern guint lister_changed;

/*
 * Returned-owned: the rows, as in "5.1! video-0 audio-0, 6.1 video-360000 -": number, discontinuity, '!'
 * where it is new, then each track's segment or '-'.
 */
char *lister_rows(MgStage *stage);

MgWindow *lister_window(MgStage *stage);
