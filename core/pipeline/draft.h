/*
 * A node while it is being checked: what the element says, as far as it could be understood.
 *
 * Drafts exist for elements that are wrong too, so that one mistake is told once: a node of unknown type
 * still has its id, and whoever takes from it is not told that nobody is there.
 */
#pragma once

#include "pipeline/engine-props.h"

/* One word of `from`. */
typedef struct {
  char *id;
  char *track; /* behind the dot, or NULL */
  MgPlace place;
  gint producer; /* index of the draft; -1 until it is found */
} MgWord;

typedef struct {
  MgElement *element;       /* borrowed */
  const MgNodeClass *class; /* NULL: unknown */
  char *id;
  MgPlace id_place;
  MgEngineProps engine;
  GArray *words; /* of MgWord */
  gboolean is_taken_from;
} MgDraft;

/* Returned-owned: the draft of ELEMENT. What is wrong with the element itself goes to DIAGNOSTICS. */
MgDraft *mg_draft_new(MgElement *element, MgDiagnostics *diagnostics);

/* NULL is fine. */
void mg_draft_free(MgDraft *draft);

/* Returned-owned: "segment-cmaf 'cmaf'", or the type alone when the id says the same. */
char *mg_draft_describe(const MgDraft *draft);

gboolean mg_draft_has_role(const MgDraft *draft, MgRole role);

/* Whether it can take, or give: TRUE for both while the type is unknown. */
gboolean mg_draft_takes(const MgDraft *draft);
gboolean mg_draft_gives(const MgDraft *draft);

/* The bits of MgMedia that WORD asks for. */
guint mg_word_media(const MgWord *word);

/*
 * links.c: finds the producer of every word of DRAFTS (of MgDraft *, in reading order). IS_COMPLETE: these
 * are all nodes of the pipeline.
 */
void mg_links_resolve(GPtrArray *drafts, gboolean is_complete, MgDiagnostics *diagnostics);

/* listens.c: whether two of DRAFTS (all of the file) listen on one address. */
void mg_listens_check(GPtrArray *drafts, MgDiagnostics *diagnostics);

/* outputs.c: whether two of DRAFTS (of one pipeline) would be in each other's way. */
void mg_outputs_check(GPtrArray *drafts, MgDiagnostics *diagnostics);

/* kinds.c: whether what producers give is what their consumers take. */
void mg_kinds_check(GPtrArray *drafts, MgDiagnostics *diagnostics);
