/*
 * The fields of an answer's head as HTTP/2 wants them: apart, and their names in lower case.
 *
 * Made once with what is served, and used by all its answers, which may hold them for longer than that. Counted and
 * immutable; any thread.
 */
#pragma once

#include "http/text.h"

typedef struct {
  gint ref_count;
  guint n;
  struct {
    MgHttpText name, value;
  } lines[];
} MgHttpLines;

/* Returned-owned: those of HEAD, whose lines end with CRLF; the first one is a status and left out. */
MgHttpLines *mg_http_lines_new(const char *head);

MgHttpLines *mg_http_lines_ref(MgHttpLines *lines);

/* NULL is fine. */
void mg_http_lines_unref(MgHttpLines *lines);
