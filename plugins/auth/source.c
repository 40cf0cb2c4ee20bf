#include "auth/source.h"

#include "auth/database.h"
#include "auth/file.h"

struct AuthSource {
  GPtrArray *fixed;           /* of AuthKey * */
  char *keys_file, *database; /* NULL: none */
  AuthFileMark file_mark;     /* as they were when they were looked at */
  AuthDatabaseMark database_mark;
};

static char *
path_or_null(const char *path)
{
  return path != NULL && *path != '\0' ? g_strdup(path) : NULL;
}

AuthSource *
auth_source_new(GPtrArray *fixed, const char *keys_file, const char *database)
{
  AuthSource *s = g_new0(AuthSource, 1);
  s->fixed = g_ptr_array_ref(fixed);
  s->keys_file = path_or_null(keys_file);
  s->database = path_or_null(database);
  return s;
}

void
auth_source_free(AuthSource *s)
{
  if (s == NULL)
    return;
  g_ptr_array_unref(s->fixed);
  g_free(s->keys_file);
  g_free(s->database);
  g_free(s);
}

gboolean
auth_source_is_empty(const AuthSource *s)
{
  return s->fixed->len == 0 && s->keys_file == NULL && s->database == NULL;
}

static gboolean
add_fixed(const AuthSource *s, AuthKeys *keys, GError **error)
{
  for (guint i = 0; i < s->fixed->len; i++)
    if (!auth_keys_add(keys, auth_key_ref(g_ptr_array_index(s->fixed, i)), error))
      return FALSE;
  return TRUE;
}

static gboolean
add_file(AuthSource *s, AuthKeys *keys, GError **error)
{
  char *text;
  gsize size;
  if (s->keys_file == NULL)
    return TRUE;
  auth_file_mark(s->keys_file, &s->file_mark);
  if (!auth_file_read(s->keys_file, AUTH_KEYS_FILE_BYTES, &text, &size, error))
    return FALSE;
  gboolean is_right = auth_keys_parse(keys, text, size, error);
  mg_secret_free(text);
  if (!is_right)
    g_prefix_error(error, "%s: ", s->keys_file);
  return is_right;
}

static gboolean
add_database(AuthSource *s, AuthKeys *keys, GError **error)
{
  if (s->database == NULL)
    return TRUE;
  auth_database_mark(s->database, &s->database_mark);
  return auth_database_read(s->database, keys, error);
}

AuthKeys *
auth_source_load(AuthSource *s, GError **error)
{
  g_autoptr(AuthKeys) keys = auth_keys_new();
  if (add_fixed(s, keys, error) && add_file(s, keys, error) && add_database(s, keys, error))
    return g_steal_pointer(&keys);
  return NULL;
}

static gboolean
has_file_changed(AuthSource *s)
{
  AuthFileMark before = s->file_mark;
  if (s->keys_file == NULL)
    return FALSE;
  auth_file_mark(s->keys_file, &s->file_mark);
  return !auth_file_mark_equal(&before, &s->file_mark);
}

static gboolean
has_database_changed(AuthSource *s)
{
  AuthDatabaseMark before = s->database_mark;
  if (s->database == NULL)
    return FALSE;
  auth_database_mark(s->database, &s->database_mark);
  return !auth_database_mark_equal(&before, &s->database_mark);
}

gboolean
auth_source_has_changed(AuthSource *s)
{
  gboolean has_changed = has_file_changed(s);
  return has_database_changed(s) || has_changed;
}
