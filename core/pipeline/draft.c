#include "pipeline/draft.h"

#include "graph/alias.h"
#include "host/props-check.h"
#include "pipeline/class-of.h"
#include "util/suggest.h"

#include <string.h>

enum { MOST_WORDS = 64 };

static void
clear_word(gpointer data)
{
  MgWord *word = data;
  g_free(word->id);
  g_free(word->track);
}

void
mg_draft_free(MgDraft *draft)
{
  if (draft == NULL)
    return;
  mg_engine_props_clear(&draft->engine);
  g_array_unref(draft->words);
  g_free(draft->id);
  g_free(draft);
}

char *
mg_draft_describe(const MgDraft *draft)
{
  if (g_str_equal(draft->id, draft->element->name))
    return g_strdup(draft->id);
  return g_strdup_printf("%s '%s'", draft->element->name, draft->id);
}

gboolean
mg_draft_has_role(const MgDraft *draft, MgRole role)
{
  return draft->class != NULL && draft->class->role == role;
}

gboolean
mg_draft_takes(const MgDraft *draft)
{
  return draft->class == NULL || draft->class->role == MG_ROLE_FILTER ||
         draft->class->role == MG_ROLE_SINK;
}

gboolean
mg_draft_gives(const MgDraft *draft)
{
  return draft->class == NULL ||
         (draft->class->role != MG_ROLE_SINK && draft->class->role != MG_ROLE_SERVICE);
}

guint
mg_word_media(const MgWord *word)
{
  if (word->track && g_str_equal(word->track, "video"))
    return MG_MEDIA_VIDEO;
  if (word->track && g_str_equal(word->track, "audio"))
    return MG_MEDIA_AUDIO;
  return MG_MEDIA_ANY;
}

/* Making one. */

static void
read_id(MgDraft *draft, MgDiagnostics *diagnostics)
{
  const MgAttribute *attribute = mg_element_attribute(draft->element, "id");
  draft->id = g_strdup(attribute ? attribute->value : draft->element->name);
  draft->id_place = attribute ? attribute->value_place : draft->element->place;
  if (draft->engine.id && strchr(draft->engine.id, '.'))
    mg_diagnostics_error(diagnostics, &draft->id_place,
                         "\"%s\" cannot be an id: in `from`, a '.' stands between an id and one of "
                         "its tracks",
                         draft->engine.id);
}

static void
add_word(MgDraft *draft, const char *text, gsize size, MgPlace place)
{
  MgWord word = { .place = place, .producer = -1 };
  const char *dot = memchr(text, '.', size);
  gsize id_size = dot ? (gsize) (dot - text) : size;
  word.id = g_strndup(text, id_size);
  word.track = dot ? g_strndup(dot + 1, size - id_size - 1) : NULL;
  g_array_append_val(draft->words, word);
}

/* The words of `from`, each with its own place. */
static void
read_words(MgDraft *draft, MgDiagnostics *diagnostics)
{
  const MgAttribute *attribute = mg_element_attribute(draft->element, "from");
  if (attribute == NULL)
    return;
  for (const char *p = attribute->value; *p != '\0' && draft->words->len <= MOST_WORDS;) {
    gsize size = strcspn(p, " \t\r\n");
    MgPlace place = attribute->value_place;
    place.column += (guint) g_utf8_pointer_to_offset(attribute->value, p);
    if (size > 0)
      add_word(draft, p, size, place);
    p += size + (p[size] != '\0');
  }
  if (draft->words->len == 0)
    mg_diagnostics_error(diagnostics, &attribute->value_place, "'from' is empty");
  if (draft->words->len > MOST_WORDS)
    mg_diagnostics_error(diagnostics, &attribute->value_place, "'from' has more than %d words",
                         MOST_WORDS);
}

static const char *
role_word(MgRole role)
{
  static const char *const words[] = {
    [MG_ROLE_FILTER] = "filter",   [MG_ROLE_SINK] = "sink",       [MG_ROLE_SOURCE] = "source",
    [MG_ROLE_LISTENER] = "source", [MG_ROLE_SERVICE] = "service",
  };
  return words[role];
}

static void
refuse_attribute(const MgDraft *draft, const char *name, MgDiagnostics *diagnostics)
{
  const MgAttribute *attribute = mg_element_attribute(draft->element, name);
  if (attribute && !mg_engine_props_apply_to(draft->class, name))
    mg_diagnostics_error(diagnostics, &attribute->place, "%s is a %s and cannot have '%s'",
                         draft->class->name, role_word(draft->class->role), name);
}

static void
check_alias(const MgDraft *draft, MgDiagnostics *diagnostics)
{
  g_autoptr(GError) error = NULL;
  const MgAttribute *attribute = mg_element_attribute(draft->element, "as");
  if (draft->engine.as && !mg_alias_check(draft->engine.as, &error))
    mg_diagnostics_error(diagnostics, &attribute->value_place, "%s: as: %s", draft->element->name,
                         error->message);
}

/* Listeners and services run before there is a session, so they know no variables. */
static const MgVariables *
variables_of(const MgDraft *draft)
{
  static const MgVariables none;
  gboolean is_outside =
      mg_draft_has_role(draft, MG_ROLE_LISTENER) || mg_draft_has_role(draft, MG_ROLE_SERVICE);
  return is_outside ? &none : NULL;
}

static void
check_by_class(MgDraft *draft, MgDiagnostics *diagnostics)
{
  for (const MgProp *prop = mg_engine_props; prop->name != NULL; prop++) {
    g_autofree char *name = mg_prop_attribute(prop);
    refuse_attribute(draft, name, diagnostics);
  }
  check_alias(draft, diagnostics);
  mg_props_check(draft->class, draft->element, MG_PROPS_WHOLE, variables_of(draft),
                 mg_diagnostics_report, diagnostics);
}

/* A word of the file itself, misspelt or misplaced, is no unknown node type. */
static void
report_unknown(const MgDraft *draft, const GError *error, MgDiagnostics *diagnostics)
{
  const char *name = draft->element->name;
  const char *near = error->code == MG_ERROR_INVALID ? mg_file_element_suggest(name) : NULL;
  if (near && g_str_equal(near, name))
    mg_diagnostics_error(diagnostics, &draft->element->place, "<%s> cannot stand here", name);
  else if (near)
    mg_diagnostics_error(diagnostics, &draft->element->place,
                         "unknown element '%s'; did you mean '%s'?", name, near);
  else
    mg_diagnostics_error(diagnostics, &draft->element->place, "%s", error->message);
}

MgDraft *
mg_draft_new(MgElement *element, MgDiagnostics *diagnostics)
{
  g_autoptr(GError) error = NULL;
  MgDraft *draft = g_new0(MgDraft, 1);
  draft->element = element;
  draft->words = g_array_new(FALSE, FALSE, sizeof(MgWord));
  g_array_set_clear_func(draft->words, clear_word);
  draft->class = mg_class_of_element(element, &error);
  mg_engine_props_read(element, &draft->engine, diagnostics);
  read_id(draft, diagnostics);
  read_words(draft, diagnostics);
  if (draft->class)
    check_by_class(draft, diagnostics);
  else
    report_unknown(draft, error, diagnostics);
  return draft;
}
