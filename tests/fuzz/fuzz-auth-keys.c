/* A keys file of any bytes: read, written again, read again. */
#include "auth/keys.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
check_round_trip(AuthKey *key)
{
  g_autoptr(AuthKeys) again = auth_keys_new();
  g_autofree char *text = auth_keys_text_add("", key);
  if (!auth_keys_parse(again, text, strlen(text), NULL))
    g_error("cannot be read again: %s", text);
  g_autofree char *rest = auth_keys_text_remove(text, key->id);
  if (rest == NULL || *rest != '\0')
    g_error("cannot be removed: %s", text);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  g_autoptr(AuthKeys) keys = auth_keys_new();
  g_autoptr(GError) error = NULL;
  gboolean is_right = auth_keys_parse(keys, (const char *) data, size, &error);
  g_assert_true(is_right == (error == NULL));
  for (guint i = 0; i < keys->all->len; i++)
    check_round_trip(g_ptr_array_index(keys->all, i));
  auth_keys_find(keys, "live", "sekrit");
  return 0;
}
