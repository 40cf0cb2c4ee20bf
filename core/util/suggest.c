#include "util/suggest.h"

#include <string.h>

/* Longer words are nobody's slip of the pen, and the table below stays small. */
enum { LONGEST_WORD = 64 };

static char
folded(char c)
{
  return c == '_' ? '-' : g_ascii_tolower(c);
}

/*
 * The number of single letters to add, drop, change or swap with their neighbour to make B of A
 * (optimal string alignment). Upper case and '_' for '-' cost nothing.
 */
static guint
distance(const char *a, gsize n, const char *b, gsize m)
{
  guint d[LONGEST_WORD + 1][LONGEST_WORD + 1];
  for (gsize i = 0; i <= n; i++)
    d[i][0] = (guint) i;
  for (gsize j = 0; j <= m; j++)
    d[0][j] = (guint) j;
  for (gsize i = 1; i <= n; i++) {
    for (gsize j = 1; j <= m; j++) {
      char x = folded(a[i - 1]), y = folded(b[j - 1]);
      guint best = d[i - 1][j - 1] + (x != y);
      best = MIN(best, MIN(d[i - 1][j], d[i][j - 1]) + 1);
      if (i > 1 && j > 1 && x == folded(b[j - 2]) && folded(a[i - 2]) == y)
        best = MIN(best, d[i - 2][j - 2] + 1);
      d[i][j] = best;
    }
  }
  return d[n][m];
}

const char *
mg_suggest(const char *word, const char *const *names)
{
  const char *nearest = NULL;
  gsize n = strlen(word);
  if (n > LONGEST_WORD)
    return NULL;
  /* A third of the letters may be wrong, in short words one. */
  guint limit = (guint) MAX(n / 3, 1);
  for (gsize i = 0; names[i] != NULL; i++) {
    gsize m = strlen(names[i]);
    if (m > LONGEST_WORD || m <= 1 || m + limit < n || m > n + limit)
      continue;
    guint d = distance(word, n, names[i], m);
    if (d <= limit && d < m) {
      nearest = names[i];
      if (d == 0)
        break;
      limit = d - 1;
    }
  }
  return nearest;
}

char *
mg_suggest_hint(const char *word, const char *const *names)
{
  const char *nearest = mg_suggest(word, names);
  return nearest ? g_strdup_printf("; did you mean '%s'?", nearest) : g_strdup("");
}

char *
mg_join_words(const char *const *names, const char *conjunction)
{
  GString *text = g_string_new(NULL);
  for (gsize i = 0; names[i] != NULL; i++) {
    if (i > 0 && names[i + 1] == NULL)
      g_string_append_printf(text, " %s ", conjunction);
    else if (i > 0)
      g_string_append(text, ", ");
    g_string_append(text, names[i]);
  }
  return g_string_free(text, FALSE);
}
