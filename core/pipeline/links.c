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
  gsize n_looked_at = mg_diagnostics_is_full(diagnostics) ? 0 : drafts->len;
  g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
  for (guint i = 0; i < n_looked_at; i++) {
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

/* Looks the producer up; FALSE: no such node. */
static gboolean
find_producer(GHashTable *ids, MgWord *word)
{
  word->producer = GPOINTER_TO_INT(g_hash_table_lookup(ids, word->id)) - 1;
  return word->producer >= 0;
}

static void
check_word(GPtrArray *drafts, const MgDraft *draft, guint index, MgDiagnostics *diagnostics)
{
  const MgWord *word = word_at(draft, index);
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

enum { MOST_NAMES = 10 }; /* in the drawing of a cycle */

/* The search for a way by which media comes from one node to another. */
typedef struct {
  GPtrArray *drafts;
  guint start, goal;
  gboolean *is_seen; /* per node */
  GString *text;     /* " → goal → … ": filled on the way back, without the start */
  guint n_names;
} Search;

static void
append_name(Search *search, guint index)
{
  if (search->n_names < MOST_NAMES)
    g_string_append_printf(search->text, " → %s", draft_at(search->drafts, index)->id);
  else if (search->n_names == MOST_NAMES)
    g_string_append(search->text, " → …");
  search->n_names++;
}

/* Whether node AT gets media from the goal, directly or through others. */
static gboolean
find_way(Search *search, guint at)
{
  const MgDraft *draft = draft_at(search->drafts, at);
  gboolean is_found = at == search->goal;
  if (search->is_seen[at])
    return FALSE;
  search->is_seen[at] = TRUE;
  for (guint i = 0; i < draft->words->len && !is_found; i++) {
    gint producer = word_at(draft, i)->producer;
    is_found = producer >= 0 && find_way(search, (guint) producer);
  }
  if (is_found && at != search->start)
    append_name(search, at);
  return is_found;
}

static void
report_order(GPtrArray *drafts, guint consumer, const MgWord *word, MgDiagnostics *diagnostics)
{
  g_autofree gboolean *is_seen = g_new0(gboolean, drafts->len);
  g_autoptr(GString) text = g_string_new(word->id);
  Search search = { drafts, (guint) word->producer, consumer, is_seen, text, 0 };
  if (find_way(&search, search.start))
    mg_diagnostics_error(diagnostics, &word->place, "this makes a cycle: %s → %s", text->str,
                         word->id);
  else
    mg_diagnostics_error(diagnostics, &word->place,
                         "'%s' comes later (line %u); a node stands behind those it takes from",
                         word->id, draft_at(drafts, search.start)->element->place.line);
}

static void
check_order(GPtrArray *drafts, guint consumer, const MgWord *word, MgDiagnostics *diagnostics)
{
  if (word->producer == (gint) consumer)
    mg_diagnostics_error(diagnostics, &word->place, "'%s' takes from itself", word->id);
  else if (word->producer > (gint) consumer && mg_diagnostics_is_full(diagnostics))
    mg_diagnostics_error(diagnostics, &word->place, "'%s' comes later", word->id);
  else if (word->producer > (gint) consumer)
    report_order(drafts, consumer, word, diagnostics);
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

/* Whether it is known from whom DRAFT takes: where it is not, it might be from anybody. */
static gboolean
is_resolved(const MgDraft *draft)
{
  if (!mg_draft_takes(draft))
    return TRUE;
  for (guint i = 0; i < draft->words->len; i++) {
    if (word_at(draft, i)->producer < 0)
      return FALSE;
  }
  return draft->words->len > 0;
}

/* Two nodes of one id might both be meant. */
static gboolean
are_all_resolved(GPtrArray *drafts, GHashTable *ids)
{
  for (guint i = 0; i < drafts->len; i++) {
    if (!is_resolved(draft_at(drafts, i)))
      return FALSE;
  }
  return g_hash_table_size(ids) == drafts->len;
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
mg_links_resolve(GPtrArray *drafts, gboolean is_complete, MgDiagnostics *diagnostics)
{
  g_autoptr(GHashTable) ids = index_ids(drafts);
  for (guint i = 0; i < drafts->len; i++) {
    const MgDraft *draft = draft_at(drafts, i);
    for (guint k = 0; k < draft->words->len; k++) {
      if (find_producer(ids, word_at(draft, k)))
        check_word(drafts, draft, k, diagnostics);
      else if (is_complete)
        report_dangling(drafts, word_at(draft, k), diagnostics);
    }
  }
  gboolean may_warn = is_complete && are_all_resolved(drafts, ids);
  for (guint i = 0; i < drafts->len; i++) {
    const MgDraft *draft = draft_at(drafts, i);
    for (guint k = 0; k < draft->words->len; k++)
      check_order(drafts, i, word_at(draft, k), diagnostics);
    if (draft->class && mg_draft_takes(draft) &&
        mg_element_attribute(draft->element, "from") == NULL)
      report_missing_from(drafts, i, diagnostics);
    if (may_warn)
      warn_unused(draft, diagnostics);
  }
}
