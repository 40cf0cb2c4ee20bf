#include "auth/tool.h"

#include "auth/database.h"
#include "auth/file.h"
#include "auth/source.h"

#include <string.h>

/* --- add --------------------------------------------------------------------------------------- */

static gboolean
set_time(AuthKey *key, const char *field, const char *value, GError **error)
{
  gint64 utc_us;
  if (!auth_time_parse(value, g_get_real_time(), &utc_us)) {
    g_set_error(error, MG_ERROR, MG_ERROR_INVALID,
                "%s is no time: write +7d, 2026-12-01 or 2026-12-01T18:30:00Z", field);
    return FALSE;
  }
  g_autofree char *text = auth_time_write(utc_us);
  return auth_key_set(key, field, text, error);
}

static gboolean
set_field(AuthKey *key, const char *field, const char *value, const char *secret, GError **error)
{
  if (strcmp(field, "from") == 0 || strcmp(field, "until") == 0)
    return set_time(key, field, value, error);
  if (strcmp(field, "login") == 0)
    return strcmp(value, "yes") != 0 || auth_key_set(key, "password", secret, error);
  return auth_key_set(key, field, value, error);
}

static gboolean
is_still_valid(const AuthKey *key, GError **error)
{
  if (key->until_utc_us == 0 || key->until_utc_us > g_get_real_time())
    return TRUE;
  g_set_error_literal(error, MG_ERROR, MG_ERROR_INVALID, "The key would have expired already.");
  return FALSE;
}

/* Returned-owned. */
static AuthKey *
make_key(const char *const *fields, const char *secret, GError **error)
{
  g_autoptr(AuthKey) key = auth_key_new();
  g_autofree char *id = auth_secret_id(secret);
  auth_hash_make(&key->hash, secret);
  if (!auth_key_set(key, "id", id, error))
    return NULL;
  for (gsize i = 0; fields[i] != NULL; i += 2)
    if (!set_field(key, fields[i], fields[i + 1], secret, error))
      return NULL;
  if (!auth_key_check(key, error) || !is_still_valid(key, error))
    return NULL;
  return g_steal_pointer(&key);
}

/* A broken file stays as it is. */
static char *
add_line(const char *text, gpointer key, GError **error)
{
  g_autoptr(AuthKeys) keys = auth_keys_new();
  if (!auth_keys_parse(keys, text, strlen(text), error))
    return NULL;
  return auth_keys_text_add(text, key);
}

static gboolean
store(const char *path, AuthKey *key, GError **error)
{
  if (auth_database_is_one(path))
    return auth_database_add(path, key, error);
  return auth_file_edit(path, AUTH_KEYS_FILE_BYTES, add_line, key, error);
}

static char *
add(const char *path, const char *const *fields, GError **error)
{
  char *secret = auth_secret_new();
  g_autoptr(AuthKey) key = make_key(fields, secret, error);
  if (key != NULL && store(path, key, error))
    return secret;
  mg_secret_free(secret);
  return NULL;
}

/* --- list -------------------------------------------------------------------------------------- */

static void
show_field(const char *field, const char *value, gpointer data)
{
  GPtrArray *shown = data;
  gboolean is_password = strcmp(field, "password") == 0;
  if (strcmp(field, "hash") == 0)
    return;
  g_ptr_array_add(shown, g_strdup(is_password ? "login" : field));
  g_ptr_array_add(shown, g_strdup(is_password ? "yes" : value));
}

static gboolean
list(const char *path, void (*each)(const char *const *fields, gpointer data), gpointer data,
     GError **error)
{
  g_autoptr(GPtrArray) none = g_ptr_array_new();
  gboolean is_database = auth_database_is_one(path);
  g_autoptr(AuthSource) source =
      auth_source_new(none, is_database ? NULL : path, is_database ? path : NULL);
  g_autoptr(AuthKeys) keys = auth_source_load(source, error);
  for (guint i = 0; keys != NULL && i < keys->all->len; i++) {
    g_autoptr(GPtrArray) shown = g_ptr_array_new_with_free_func(g_free);
    auth_key_each_field(g_ptr_array_index(keys->all, i), show_field, shown);
    g_ptr_array_add(shown, NULL);
    each((const char *const *) shown->pdata, data);
  }
  return keys != NULL;
}

/* --- revoke ------------------------------------------------------------------------------------ */

static char *
remove_line(const char *text, gpointer id, GError **error)
{
  char *rest = auth_keys_text_remove(text, id);
  if (rest == NULL)
    g_set_error_literal(error, MG_ERROR, MG_ERROR_INVALID, "there is no key of that id");
  return rest;
}

static gboolean
revoke_key(const char *path, const char *id, GError **error)
{
  g_autofree char *copy = g_strdup(id);
  if (auth_database_is_one(path))
    return auth_database_remove(path, id, error);
  return auth_file_check(path, error) &&
         auth_file_edit(path, AUTH_KEYS_FILE_BYTES, remove_line, copy, error);
}

const MgAuthKeysTool auth_keys_tool = {
  .size = sizeof(MgAuthKeysTool),
  .add = add,
  .list = list,
  .revoke = revoke_key,
};
