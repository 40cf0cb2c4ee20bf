#include "json.h"

#include "util/escape.h"

static void
write_quoted(Json *json, const char *text)
{
  g_autoptr(GString) quoted = g_string_new(NULL);
  mg_escape_json(quoted, text);
  fputs(quoted->str, json->out);
}

static void
begin_item(Json *json, const char *key)
{
  if (json->has_item)
    fputc(',', json->out);
  if (json->depth > 0)
    fprintf(json->out, "\n%*s", (int) json->depth * 2, "");
  if (key) {
    write_quoted(json, key);
    fputs(": ", json->out);
  }
  json->has_item = TRUE;
}

void
json_begin(Json *json, const char *key, char bracket)
{
  begin_item(json, key);
  fputc(bracket, json->out);
  json->depth++;
  json->has_item = FALSE;
}

void
json_end(Json *json, char bracket)
{
  json->depth--;
  if (json->has_item)
    fprintf(json->out, "\n%*s", (int) json->depth * 2, "");
  fputc(bracket, json->out);
  json->has_item = TRUE;
  if (json->depth == 0)
    fputc('\n', json->out);
}

void
json_text(Json *json, const char *key, const char *text)
{
  if (text == NULL)
    return;
  begin_item(json, key);
  write_quoted(json, text);
}

void
json_number(Json *json, const char *key, gint64 number)
{
  begin_item(json, key);
  fprintf(json->out, "%" G_GINT64_FORMAT, number);
}

void
json_bool(Json *json, const char *key, gboolean value)
{
  begin_item(json, key);
  fputs(value ? "true" : "false", json->out);
}
