#include "auth/source.h"

#include "auth/file.h"

struct AuthSource {
  GPtrArray *fixed; /* of AuthKey * */
  char *keys_file;
  AuthFileMark mark; /* of the keys file, when it was looked at */
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
  return s;
}

void
auth_source_free(AuthSource *s)
{
  if (s == NULL)
    return;
  g_ptr_array_unref(s->fixed);
  g_free(s->keys_file);
  g_free(s);
}

gboolean
auth_source_is_empty(const AuthSource *s)
{
  return s->fixed->len == 0 && s->keys_file == NULL;
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
  auth_file_mark(s->keys_file, &s->mark);
  if (!auth_file_read(s->keys_file, AUTH_KEYS_FILE_BYTES, &text, &size, error))
    return FALSE;
  gboolean is_right = auth_keys_parse(keys, text, size, error);
  auth_secret_free(text);
  if (!is_right)
    g_prefix_error(error, "%s: ", s->keys_file);
  return is_right;
}

AuthKeys *
auth_source_load(AuthSource *s, GError **error)
{
  g_autoptr(AuthKeys) keys = auth_keys_new();
  if (add_fixed(s, keys, error) && add_file(s, keys, error))
    return g_steal_pointer(&keys);
  return NULL;
}

gboolean
auth_source_has_changed(AuthSource *s)
{
  if (s->keys_file == NULL)
    return FALSE;
  AuthFileMark before = s->mark;
  auth_file_mark(s->keys_file, &s->mark);
  return !auth_file_mark_equal(&before, &s->mark);
}
