#include "pipeline/diagnostics.h"

#include "util/escape.h"
#include "util/log.h"

enum { MOST_ITEMS = 500 };

static void
clear_item(gpointer data)
{
  MgDiagnostic *item = data;
  g_free(item->text);
}

MgDiagnostics *
mg_diagnostics_new(void)
{
  MgDiagnostics *diagnostics = g_new0(MgDiagnostics, 1);
  diagnostics->items = g_array_new(FALSE, FALSE, sizeof(MgDiagnostic));
  g_array_set_clear_func(diagnostics->items, clear_item);
  diagnostics->files = g_ptr_array_new_with_free_func(g_free);
  return diagnostics;
}

void
mg_diagnostics_free(MgDiagnostics *diagnostics)
{
  if (diagnostics == NULL)
    return;
  g_array_unref(diagnostics->items);
  g_ptr_array_unref(diagnostics->files);
  g_free(diagnostics);
}

void
mg_diagnostics_add_file(MgDiagnostics *diagnostics, const char *file)
{
  g_ptr_array_add(diagnostics->files, g_strdup(file));
}

gboolean
mg_diagnostics_is_full(const MgDiagnostics *diagnostics)
{
  return diagnostics->items->len >= MOST_ITEMS;
}

static void
add(MgDiagnostics *diagnostics, const MgPlace *place, MgSeverity severity, const char *format,
    va_list args)
{
  if (severity == MG_SEVERITY_ERROR)
    diagnostics->has_errors = TRUE;
  if (mg_diagnostics_is_full(diagnostics)) {
    diagnostics->n_left_out++;
    return;
  }
  MgDiagnostic item = {
    .place = *place,
    .severity = severity,
    .text = g_strdup_vprintf(format, args),
  };
  g_array_append_val(diagnostics->items, item);
}

void
mg_diagnostics_error(MgDiagnostics *diagnostics, const MgPlace *place, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  add(diagnostics, place, MG_SEVERITY_ERROR, format, args);
  va_end(args);
}

void
mg_diagnostics_warning(MgDiagnostics *diagnostics, const MgPlace *place, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  add(diagnostics, place, MG_SEVERITY_WARNING, format, args);
  va_end(args);
}

void
mg_diagnostics_report(MgSeverity severity, const MgPlace *place, const char *sentence,
                      gpointer diagnostics)
{
  if (severity == MG_SEVERITY_ERROR)
    mg_diagnostics_error(diagnostics, place, "%s", sentence);
  else
    mg_diagnostics_warning(diagnostics, place, "%s", sentence);
}

/* Order. */

static guint
file_index(const MgDiagnostics *diagnostics, const char *file)
{
  guint index = diagnostics->files->len;
  g_ptr_array_find_with_equal_func(diagnostics->files, file, g_str_equal, &index);
  return index;
}

static gint
compare(gconstpointer a, gconstpointer b, gpointer data)
{
  const MgDiagnostic *x = a, *y = b;
  guint file_x = file_index(data, x->place.file), file_y = file_index(data, y->place.file);
  if (file_x != file_y)
    return file_x < file_y ? -1 : 1;
  if (x->place.line != y->place.line)
    return x->place.line < y->place.line ? -1 : 1;
  if (x->place.column != y->place.column)
    return x->place.column < y->place.column ? -1 : 1;
  return 0;
}

static gboolean
is_same(const MgDiagnostic *a, const MgDiagnostic *b)
{
  return g_str_equal(a->place.file, b->place.file) && a->place.line == b->place.line &&
         a->place.column == b->place.column && g_str_equal(a->text, b->text);
}

void
mg_diagnostics_sort(MgDiagnostics *diagnostics)
{
  GArray *items = diagnostics->items;
  g_array_sort_with_data(items, compare, diagnostics); /* stable */
  for (guint i = 0; i + 1 < items->len;) {
    if (is_same(&g_array_index(items, MgDiagnostic, i), &g_array_index(items, MgDiagnostic, i + 1)))
      g_array_remove_index(items, i + 1);
    else
      i++;
  }
}

/* Text. */

gboolean
mg_diagnostics_has_errors(const MgDiagnostics *diagnostics)
{
  return diagnostics->has_errors;
}

char *
mg_place_to_text(const MgPlace *place)
{
  if (place->line == 0)
    return g_strdup(place->file);
  return g_strdup_printf("%s:%u:%u", place->file, place->line, place->column);
}

char *
mg_diagnostics_to_text(const MgDiagnostics *diagnostics)
{
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < diagnostics->items->len; i++) {
    const MgDiagnostic *item = &g_array_index(diagnostics->items, MgDiagnostic, i);
    g_autofree char *place = mg_place_to_text(&item->place);
    mg_escape_text(text, place);
    g_string_append(text, item->severity == MG_SEVERITY_ERROR ? ": error: " : ": warning: ");
    mg_escape_text(text, item->text);
    g_string_append_c(text, '\n');
  }
  if (diagnostics->n_left_out > 0)
    g_string_append_printf(text, "and %u more\n", diagnostics->n_left_out);
  return g_string_free(text, FALSE);
}

static void
append_json(GString *text, const MgDiagnostic *item, gint64 utc_us)
{
  gboolean is_error = item->severity == MG_SEVERITY_ERROR;
  mg_log_append_json_head(text, utc_us, is_error ? MG_LOG_ERROR : MG_LOG_WARNING);
  g_string_append(text, "\"file\":");
  mg_escape_json(text, item->place.file);
  if (item->place.line > 0)
    g_string_append_printf(text, ",\"line\":%u,\"column\":%u", item->place.line,
                           item->place.column);
  g_string_append(text, ",\"message\":");
  mg_escape_json(text, item->text);
  g_string_append(text, "}\n");
}

char *
mg_diagnostics_to_json(const MgDiagnostics *diagnostics)
{
  GString *text = g_string_new(NULL);
  gint64 utc_us = g_get_real_time();
  for (guint i = 0; i < diagnostics->items->len; i++)
    append_json(text, &g_array_index(diagnostics->items, MgDiagnostic, i), utc_us);
  if (diagnostics->n_left_out > 0) {
    mg_log_append_json_head(text, utc_us, MG_LOG_ERROR);
    g_string_append_printf(text, "\"message\":\"and %u more\"}\n", diagnostics->n_left_out);
  }
  return g_string_free(text, FALSE);
}
