#include "auth/keys.h"

#include <string.h>

enum { MOST_KEYS = 100000, MOST_LINE_BYTES = 8192 };

/* Lines may have a key in them (its password), so no copy of one is left behind. */
typedef char *Text;
typedef char **Words;

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(Text, mg_secret_free, NULL)

static void
words_free(Words words)
{
  for (guint i = 0; words[i] != NULL; i++)
    explicit_bzero(words[i], strlen(words[i]));
  g_strfreev(words);
}

G_DEFINE_AUTO_CLEANUP_FREE_FUNC(Words, words_free, NULL)

AuthKeys *
auth_keys_new(void)
{
  AuthKeys *keys = g_new0(AuthKeys, 1);
  keys->all = g_ptr_array_new_with_free_func((GDestroyNotify) auth_key_unref);
  keys->by_id = g_hash_table_new(g_str_hash, g_str_equal);
  return keys;
}

void
auth_keys_free(AuthKeys *keys)
{
  if (keys == NULL)
    return;
  g_hash_table_unref(keys->by_id);
  g_ptr_array_unref(keys->all);
  g_free(keys);
}

static gboolean
refuse(GError **error, const char *why)
{
  g_set_error_literal(error, MG_ERROR, MG_ERROR_INVALID, why);
  return FALSE;
}

static gboolean
may_be_added(const AuthKeys *keys, const AuthKey *key, GError **error)
{
  if (!auth_key_check(key, error))
    return FALSE;
  if (keys->all->len >= MOST_KEYS)
    return refuse(error, "there are more than 100000 keys");
  if (g_hash_table_contains(keys->by_id, key->id))
    return refuse(error, "another key has that id");
  return TRUE;
}

gboolean
auth_keys_add(AuthKeys *keys, AuthKey *key, GError **error)
{
  if (!may_be_added(keys, key, error)) {
    auth_key_unref(key);
    return FALSE;
  }
  g_ptr_array_add(keys->all, key);
  if (*key->id != '\0')
    g_hash_table_insert(keys->by_id, key->id, key);
  return TRUE;
}

static gboolean
is_it(const AuthKey *key, const char *app, const char *secret)
{
  return strcmp(key->app, app) == 0 && auth_hash_matches(&key->hash, secret);
}

AuthKey *
auth_keys_find(const AuthKeys *keys, const char *app, const char *secret)
{
  g_autofree char *id = auth_secret_id(secret);
  AuthKey *named = id ? g_hash_table_lookup(keys->by_id, id) : NULL;
  if (named != NULL && is_it(named, app, secret))
    return named;
  for (guint i = 0; i < keys->all->len; i++) {
    AuthKey *key = g_ptr_array_index(keys->all, i);
    if (*key->id == '\0' && is_it(key, app, secret))
      return key;
  }
  return NULL;
}

AuthKey *
auth_keys_find_same(const AuthKeys *keys, const AuthKey *wanted)
{
  for (guint i = 0; i < keys->all->len; i++) {
    AuthKey *key = g_ptr_array_index(keys->all, i);
    if (auth_key_is_same(key, wanted))
      return key;
  }
  return NULL;
}

/* --- text -------------------------------------------------------------------------------------- */

/* One NAME=VALUE. */
static gboolean
set_field(AuthKey *key, const char *word, GError **error)
{
  const char *equals = strchr(word, '=');
  if (equals == NULL)
    return refuse(error, "fields are written NAME=VALUE");
  g_autofree char *name = g_strndup(word, (gsize) (equals - word));
  g_auto(Text) value = g_uri_unescape_string(equals + 1, NULL);
  if (value == NULL)
    return refuse(error, "a value has a broken %-code");
  return auth_key_set(key, name, value, error);
}

static gboolean
parse_line(AuthKeys *keys, const char *line, GError **error)
{
  g_auto(Words) words = g_strsplit_set(line, " \t\r", -1);
  g_autoptr(AuthKey) key = auth_key_new();
  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && !set_field(key, words[i], error))
      return FALSE;
  if (*key->id == '\0')
    return refuse(error, "id is missing");
  return auth_keys_add(keys, g_steal_pointer(&key), error);
}

static gboolean
means_nothing(const char *line)
{
  gsize blank = strspn(line, " \t\r");
  return line[blank] == '\0' || line[blank] == '#';
}

gboolean
auth_keys_parse(AuthKeys *keys, const char *text, gsize size, GError **error)
{
  const char *end = size > 0 ? text + size : text; /* nothing may be NULL */
  for (guint number = 1; text < end; number++) {
    const char *newline = memchr(text, '\n', (gsize) (end - text));
    gsize length = (gsize) ((newline ? newline : end) - text);
    g_auto(Text) line = g_strndup(text, MIN(length, MOST_LINE_BYTES));
    gboolean is_right = length <= MOST_LINE_BYTES && strlen(line) == length
                            ? means_nothing(line) || parse_line(keys, line, error)
                            : refuse(error, "it is too long, or no text");
    if (!is_right) {
      g_prefix_error(error, "line %u: ", number);
      return FALSE;
    }
    text += MIN(length + 1, (gsize) (end - text));
  }
  return TRUE;
}

static void
append_field(const char *field, const char *value, gpointer data)
{
  GString *out = data;
  g_auto(Text) escaped = g_uri_escape_string(value, ":,/+", TRUE);
  g_string_append(out, strcmp(field, "id") == 0 ? "" : " ");
  g_string_append(out, field);
  g_string_append_c(out, '=');
  g_string_append(out, escaped);
}

char *
auth_keys_text_add(const char *text, const AuthKey *key)
{
  GString *out = g_string_sized_new(strlen(text) + MOST_LINE_BYTES); /* it does not grow */
  g_string_append(out, text);
  if (out->len > 0 && out->str[out->len - 1] != '\n')
    g_string_append_c(out, '\n');
  auth_key_each_field(key, append_field, out);
  g_string_append_c(out, '\n');
  return g_string_free(out, FALSE);
}

static gboolean
is_of(const char *line, const char *id)
{
  if (means_nothing(line))
    return FALSE;
  g_autofree char *wanted = g_strdup_printf("id=%s", id);
  g_auto(Words) words = g_strsplit_set(line, " \t\r", -1);
  return g_strv_contains((const char *const *) words, wanted);
}

char *
auth_keys_text_remove(const char *text, const char *id)
{
  GString *out = g_string_sized_new(strlen(text) + 1); /* it does not grow */
  gboolean is_found = FALSE;
  g_auto(Words) lines = g_strsplit(text, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++) {
    gboolean is_last = lines[i + 1] == NULL;
    if (is_of(lines[i], id))
      is_found = TRUE;
    else
      g_string_append(g_string_append(out, lines[i]), is_last ? "" : "\n");
  }
  return g_string_free(out, !is_found);
}
