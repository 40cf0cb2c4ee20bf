/* Who takes from whom: words of `from` to nodes, and cycles. */
#include "pipeline/draft.h"

#include "host/props-check.h"
#include "util/name.h"
#include "util/suggest.h"

static MgDraft *
draft_at(GPtrArray *drafts, guint index)
{
  return g_ptr_array_index(drafts, index);
}

static MgWord *
word_at(const MgDraft *draft, guint index)
{
  return &g_array_index(draft->words, MgWord, index);
}

/* Returned-owned: id → draft's index + 1. Of two nodes with one id the first counts. */
static GHashTable *
index_ids(GPtrArray *drafts)
{
  GHashTable *ids = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = drafts->len; i-- > 0;)
    g_hash_table_replace(ids, draft_at(drafts, i)->id, GUINT_TO_POINTER(i + 1));
  return ids;
}

/* Words without a node. */

static void
report_dangling(GPtrArray *drafts, const MgWord *word, MgDiagnostics *diagnostics)
{
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  for (guint i = 0; i < drafts->len; i++) {
    if (mg_draft_gives(draft_at(drafts, i)))
      g_strv_builder_add(builder, draft_at(drafts, i)->id);
  }
  g_auto(GStrv) ids = g_strv_builder_end(builder);
  g_autofree char *hint = mg_suggest_hint(word->id, (const char *const *) ids);
  mg_diagnostics_error(diagnostics, &word->place, "there is no node '%s' in this pipeline%s",
                       word->id, hint);
}

static gboolean
overlap(const MgWord *a, const MgWord *b)
{
  if (a->producer < 0 || a->producer != b->producer)
    return FALSE;
  return a->track == NULL || b->track == NULL || g_str_equal(a->track, b->track);
}

static void
check_twice(const MgDraft *draft, guint index, MgDiagnostics *diagnostics)
{
  const MgWord *word = word_at(draft, index);
  for (guint i = 0; i < index; i++) {
    if (overlap(word_at(draft, i), word)) {
      mg_diagnostics_error(diagnostics, &word->place, "'%s' is taken twice", word->id);
      return;
    }
  }
}

static void
resolve_word(GPtrArray *drafts, GHashTable *ids, const MgDraft *draft, guint index,
             MgDiagnostics *diagnostics)
{
  MgWord *word = word_at(draft, index);
  word->producer = GPOINTER_TO_INT(g_hash_table_lookup(ids, word->id)) - 1;
  if (word->producer < 0) {
    report_dangling(drafts, word, diagnostics);
    return;
  }
  MgDraft *producer = draft_at(drafts, (guint) word->producer);
  producer->is_taken_from = TRUE;
  if (word->track && !mg_name_is_valid(word->track))
    mg_diagnostics_error(diagnostics, &word->place, "'%s' is not the name of a track", word->track);
  if (!mg_draft_gives(producer)) {
    g_autofree char *place = mg_place_to_text(&producer->element->place);
    mg_diagnostics_error(diagnostics, &word->place, "'%s' (%s) gives nothing to other nodes",
                         word->id, place);
  }
  check_twice(draft, index, diagnostics);
}

/* Cycles. */

/*
 * Appends the way by which media comes from node TO to node FROM (" → to … → from") and returns TRUE
 * when there is one. IS_SEEN has a flag for each node.
 */
static gboolean
find_way(GPtrArray *drafts, guint from, guint to, gboolean *is_seen, GString *way)
{
  if (from == to) {
    g_string_append_printf(way, " → %s", draft_at(drafts, to)->id);
    return TRUE;
  }
  if (is_seen[from])
    return FALSE;
  is_seen[from] = TRUE;
  const MgDraft *draft = draft_at(drafts, from);
  for (guint i = 0; i < draft->words->len; i++) {
    gint producer = word_at(draft, i)->producer;
    if (producer >= 0 && find_way(drafts, (guint) producer, to, is_seen, way)) {
      g_string_append_printf(way, " → %s", draft->id);
      return TRUE;
    }
  }
  return FALSE;
}

static void
check_order(GPtrArray *drafts, guint consumer, const MgWord *word, MgDiagnostics *diagnostics)
{
  if (word->producer < (gint) consumer)
    return;
  guint producer = (guint) word->producer;
  if (producer == consumer) {
    mg_diagnostics_error(diagnostics, &word->place, "'%s' takes from itself", word->id);
    return;
  }
  g_autofree gboolean *is_seen = g_new0(gboolean, drafts->len);
  g_autoptr(GString) way = g_string_new(word->id);
  if (find_way(drafts, producer, consumer, is_seen, way))
    mg_diagnostics_error(diagnostics, &word->place, "this makes a cycle: %s", way->str);
  else
    mg_diagnostics_error(diagnostics, &word->place,
                         "'%s' comes later (line %u); a node stands behind those it takes from",
                         word->id, draft_at(drafts, producer)->element->place.line);
}

/* Nodes without words. */

static void
report_missing_from(GPtrArray *drafts, guint index, MgDiagnostics *diagnostics)
{
  const MgDraft *draft = draft_at(drafts, index);
  g_autofree char *what = mg_draft_describe(draft);
  for (guint i = index; i-- > 0;) {
    if (mg_draft_gives(draft_at(drafts, i))) {
      mg_diagnostics_error(diagnostics, &draft->element->place,
                           "%s takes from nobody; add from=\"%s\"", what, draft_at(drafts, i)->id);
      return;
    }
  }
  mg_diagnostics_error(diagnostics, &draft->element->place,
                       "%s takes from nobody, and no node before it could be taken from", what);
}

static void
warn_unused(const MgDraft *draft, MgDiagnostics *diagnostics)
{
  if (draft->class == NULL || draft->is_taken_from || !mg_draft_gives(draft))
    return;
  g_autofree char *what = mg_draft_describe(draft);
  mg_diagnostics_warning(diagnostics, &draft->element->place, "no node takes from %s", what);
}

void
mg_links_resolve(GPtrArray *drafts, MgDiagnostics *diagnostics)
{
  g_autoptr(GHashTable) ids = index_ids(drafts);
  for (guint i = 0; i < drafts->len; i++) {
    const MgDraft *draft = draft_at(drafts, i);
    for (guint k = 0; k < draft->words->len; k++)
      resolve_word(drafts, ids, draft, k, diagnostics);
  }
  for (guint i = 0; i < drafts->len; i++) {
    const MgDraft *draft = draft_at(drafts, i);
    for (guint k = 0; k < draft->words->len; k++)
      check_order(drafts, i, word_at(draft, k), diagnostics);
    if (draft->class && mg_draft_takes(draft) &&
        mg_element_attribute(draft->element, "from") == NULL)
      report_missing_from(drafts, i, diagnostics);
    warn_unused(draft, diagnostics);
  }
}
