#include "auth/json.h"

#include <math.h>
#include <string.h>

enum { DEEPEST = 16, LONGEST_NUMBER = 64 };

typedef struct {
  const char *at, *end;
  guint depth;
} Reader;

static gboolean read_value(Reader *r, AuthJsonValue *value, GString *text);

static void
skip_space(Reader *r)
{
  while (r->at < r->end && strchr(" \t\r\n", *r->at) != NULL && *r->at != '\0')
    r->at++;
}

static gboolean
take(Reader *r, char c)
{
  skip_space(r);
  if (r->at == r->end || *r->at != c)
    return FALSE;
  r->at++;
  return TRUE;
}

static gboolean
take_word(Reader *r, const char *word)
{
  gsize size = strlen(word);
  if ((gsize) (r->end - r->at) < size || memcmp(r->at, word, size) != 0)
    return FALSE;
  r->at += size;
  return TRUE;
}

/* --- strings ----------------------------------------------------------------------------------- */

static gboolean
read_hex(Reader *r, gunichar *code)
{
  *code = 0;
  if (r->end - r->at < 4)
    return FALSE;
  for (guint i = 0; i < 4; i++) {
    int digit = g_ascii_xdigit_value(*r->at++);
    if (digit < 0)
      return FALSE;
    *code = *code << 4 | (gunichar) digit;
  }
  return TRUE;
}

/* Behind \u: a code, or two that are one. NUL is refused: our strings end with it. */
static gboolean
read_unicode(Reader *r, GString *out)
{
  gunichar code, low;
  if (!read_hex(r, &code))
    return FALSE;
  if (code >= 0xd800 && code < 0xdc00) {
    if (!take_word(r, "\\u") || !read_hex(r, &low) || low < 0xdc00 || low > 0xdfff)
      return FALSE;
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  if (code == 0 || !g_unichar_validate(code))
    return FALSE;
  g_string_append_unichar(out, code);
  return TRUE;
}

static gboolean
read_escape(Reader *r, GString *out)
{
  static const char names[] = "\"\\/bfnrt", values[] = "\"\\/\b\f\n\r\t";
  char c = r->at < r->end ? *r->at++ : '\0';
  const char *name = c != '\0' ? strchr(names, c) : NULL;
  if (c == 'u')
    return read_unicode(r, out);
  if (name != NULL)
    g_string_append_c(out, values[name - names]);
  return name != NULL;
}

static gboolean
read_string(Reader *r, GString *out)
{
  g_string_truncate(out, 0);
  if (!take(r, '"'))
    return FALSE;
  while (r->at < r->end && *r->at != '"') {
    char c = *r->at++;
    if ((guint8) c < 0x20 || (c == '\\' && !read_escape(r, out)))
      return FALSE;
    if (c != '\\')
      g_string_append_c(out, c);
  }
  return take(r, '"') && g_utf8_validate_len(out->str, out->len, NULL);
}

/* --- values ------------------------------------------------------------------------------------ */

static gboolean
has_number_form(const char *text)
{
  const char *c = text + (*text == '-');
  if (*c == '0' && g_ascii_isdigit(c[1]))
    return FALSE;
  if (!g_ascii_isdigit(*c))
    return FALSE;
  c += strspn(c, "0123456789");
  if (*c == '.' && !g_ascii_isdigit(*++c))
    return FALSE;
  c += strspn(c, "0123456789");
  if (*c == 'e' || *c == 'E') {
    c += c[1] == '+' || c[1] == '-' ? 2 : 1;
    if (!g_ascii_isdigit(*c))
      return FALSE;
    c += strspn(c, "0123456789");
  }
  return *c == '\0';
}

static gboolean
read_number(Reader *r, AuthJsonValue *value)
{
  char text[LONGEST_NUMBER + 1] = { 0 };
  gsize n = 0;
  while (r->at < r->end && *r->at != '\0' && strchr("+-.0123456789eE", *r->at) != NULL) {
    if (n == LONGEST_NUMBER)
      return FALSE;
    text[n++] = *r->at++;
  }
  value->kind = AUTH_JSON_NUMBER;
  value->number = has_number_form(text) ? g_ascii_strtod(text, NULL) : INFINITY;
  return isfinite(value->number);
}

/* Members or elements up to CLOSE; what they are is thrown away. */
static gboolean
skip_some(Reader *r, char close, gboolean have_names)
{
  g_autoptr(GString) text = g_string_new(NULL);
  AuthJsonValue value;
  if (take(r, close))
    return TRUE;
  do {
    if (have_names && (!read_string(r, text) || !take(r, ':')))
      return FALSE;
    if (!read_value(r, &value, text))
      return FALSE;
  } while (take(r, ','));
  return take(r, close);
}

static gboolean
skip_items(Reader *r, char close, gboolean have_names)
{
  if (r->depth == DEEPEST)
    return FALSE;
  r->depth++;
  gboolean is_right = skip_some(r, close, have_names);
  r->depth--;
  return is_right;
}

static gboolean
read_word(Reader *r, AuthJsonValue *value)
{
  value->kind = AUTH_JSON_BOOL;
  value->truth = take_word(r, "true");
  if (value->truth || take_word(r, "false"))
    return TRUE;
  value->kind = AUTH_JSON_NULL;
  return take_word(r, "null");
}

static gboolean
read_value(Reader *r, AuthJsonValue *value, GString *text)
{
  *value = (AuthJsonValue){ .kind = AUTH_JSON_OTHER };
  skip_space(r);
  char c = r->at < r->end ? *r->at : '\0';
  if (c == '{' || c == '[') {
    r->at++;
    return skip_items(r, c == '{' ? '}' : ']', c == '{');
  }
  if (c == '"') {
    value->kind = AUTH_JSON_STRING;
    gboolean is_right = read_string(r, text);
    value->text = text->str;
    return is_right;
  }
  return c == '-' || g_ascii_isdigit(c) ? read_number(r, value) : read_word(r, value);
}

static gboolean
read_members(Reader *r, void (*each)(const char *name, const AuthJsonValue *value, gpointer data),
             gpointer data)
{
  g_autoptr(GString) name = g_string_new(NULL);
  g_autoptr(GString) text = g_string_new(NULL);
  AuthJsonValue value;
  if (take(r, '}'))
    return TRUE;
  do {
    if (!read_string(r, name) || !take(r, ':') || !read_value(r, &value, text))
      return FALSE;
    each(name->str, &value, data);
  } while (take(r, ','));
  return take(r, '}');
}

gboolean
auth_json_read(const char *text, gsize size,
               void (*each)(const char *name, const AuthJsonValue *value, gpointer data),
               gpointer data)
{
  Reader r = { text, text + size, 0 };
  if (!take(&r, '{') || !read_members(&r, each, data))
    return FALSE;
  skip_space(&r);
  return r.at == r.end;
}

void
auth_json_write(GString *out, const char *text)
{
  g_autofree char *valid = g_utf8_make_valid(text, -1);
  g_string_append_c(out, '"');
  for (const char *c = valid; *c != '\0'; c++) {
    if (*c == '"' || *c == '\\')
      g_string_append_printf(out, "\\%c", *c);
    else if ((guint8) *c < 0x20 || *c == 0x7f)
      g_string_append_printf(out, "\\u%04x", (guint8) *c);
    else
      g_string_append_c(out, *c);
  }
  g_string_append_c(out, '"');
}
