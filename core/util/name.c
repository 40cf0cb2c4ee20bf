#include "util/name.h"

#include <mediagraph/prop.h>

#include <string.h>

enum { LONGEST_NAME = 128 };

gboolean
mg_name_allows(char c)
{
  return g_ascii_isalnum(c) || c == '.' || c == '_' || c == '-';
}

gboolean
mg_name_is_valid(const char *name)
{
  if (name == NULL || name[0] == '\0' || name[0] == '.')
    return FALSE;
  gsize n = 0;
  while (name[n] != '\0') {
    if (!mg_name_allows(name[n]) || ++n > LONGEST_NAME)
      return FALSE;
  }
  return TRUE;
}

gboolean
mg_path_is_plain(const char *path)
{
  for (const char *name = path;; name++) {
    gsize size = strcspn(name, "/");
    if (size == 0 || (size == 1 && name[0] == '.') || (size == 2 && memcmp(name, "..", 2) == 0))
      return FALSE;
    name += size;
    if (*name == '\0')
      return TRUE;
  }
}
