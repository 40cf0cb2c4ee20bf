/*
 * Writes JSON: commas, quotes and indentation are its business.
 *
 *   Json json = { .out = stdout };
 *   json_begin(&json, NULL, '{');
 *   json_text(&json, "name", "dvr");
 *   json_end(&json, '}');
 */
#pragma once

#include <glib.h>
#include <stdio.h>

typedef struct {
  FILE *out;
  guint depth;
  gboolean has_item; /* something stands before, on this level */
} Json;

/* KEY is NULL inside arrays and for the outermost value. BRACKET is '{' or '['. */
void json_begin(Json *json, const char *key, char bracket);
void json_end(Json *json, char bracket);

/* TEXT may be NULL: then nothing is written. */
void json_text(Json *json, const char *key, const char *text);
void json_number(Json *json, const char *key, gint64 number);
void json_bool(Json *json, const char *key, gboolean value);
