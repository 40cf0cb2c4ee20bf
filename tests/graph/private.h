/* What the helpers of this folder share. */
#pragma once

#include "graph/build.h"

#include "graph/leaks.h"

struct Rig {
  MgGraphSpec *spec;
  MgPipelineSpec *pipeline;
  MgGraph *graph;
  gboolean is_draining;
  gint n_done; /* atomic: how often the drain was said to be done */
  gint alive[MG_LEAKS_KINDS];
  GHashTable *fakes; /* id -> Fake *; not changed after the start */
  GMutex lock;       /* guards the journal, and got and node of all fakes */
  GPtrArray *journal;
};

typedef struct {
  Plan plan;
  GPtrArray *got; /* of Got * */
  MgNode *node;
} Fake;

/* Nodes find theirs by their id. */
extern Rig *the_rig;

Fake *fake_new(void);
void fake_free(gpointer fake);
Fake *rig_find_fake(Rig *rig, const char *id);

/* Returned-owned: "audio…" is audio, all else video. */
MgStream *rig_make_stream(const char *id, guint width);
