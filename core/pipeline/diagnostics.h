/*
 * What is wrong with a pipeline file: all of it, each with its place, like a compiler's list.
 *
 *   live.xml:14:32: error: xcode-vaapi: video '720p': height: "72O" is not an integer
 *
 * A list belongs to one thread at a time.
 */
#pragma once

#include "host/props-check.h"
#include "util/internal.h"

typedef struct {
  MgPlace place; /* line 0: the file as a whole */
  MgSeverity severity;
  char *text;
} MgDiagnostic;

typedef struct {
  GArray *items;       /* of MgDiagnostic */
  GPtrArray *files;    /* of const char *, interned: the order files were opened in */
  guint n_left_out;    /* beyond the most that are kept */
  gboolean has_errors; /* those left out included */
} MgDiagnostics;

/* Returned-owned and empty. */
MG_INTERNAL_API MgDiagnostics *mg_diagnostics_new(void);

/* NULL is fine. */
MG_INTERNAL_API void mg_diagnostics_free(MgDiagnostics *diagnostics);

/* FILE (interned) comes next in the order of the list. */
void mg_diagnostics_add_file(MgDiagnostics *diagnostics, const char *file);

void mg_diagnostics_error(MgDiagnostics *diagnostics, const MgPlace *place, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
void mg_diagnostics_warning(MgDiagnostics *diagnostics, const MgPlace *place, const char *format,
                            ...) G_GNUC_PRINTF(3, 4);

/* For functions that report to a callback (MgPropsReport): DIAGNOSTICS is its data. */
void mg_diagnostics_report(MgSeverity severity, const MgPlace *place, const char *sentence,
                           gpointer diagnostics);

/* Whether no more are kept: nobody reads on, and what is costly to say need not be found out. */
gboolean mg_diagnostics_is_full(const MgDiagnostics *diagnostics);

/* Sorts by place, and removes what was said twice of one place. */
void mg_diagnostics_sort(MgDiagnostics *diagnostics);

/* Whether there are errors, and not only warnings. */
MG_INTERNAL_API gboolean mg_diagnostics_has_errors(const MgDiagnostics *diagnostics);

/* Returned-owned: a line for each, safe to print, and how many were left out; "" for none. */
MG_INTERNAL_API char *mg_diagnostics_to_text(const MgDiagnostics *diagnostics);

/*
 * Returned-owned: the same as lines of a log in JSON (util/log.h), each with file, line, column and
 * message; without line and column where the file as a whole is meant.
 */
MG_INTERNAL_API char *mg_diagnostics_to_json(const MgDiagnostics *diagnostics);

/* Returned-owned: "live.xml:14:32". */
MG_INTERNAL_API char *mg_place_to_text(const MgPlace *place);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgDiagnostics, mg_diagnostics_free)
