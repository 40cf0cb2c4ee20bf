/*
 * "Did you mean": the nearest of the words that would have been right.
 *
 * Lists end with NULL. Pure functions, any thread.
 */
#pragma once

#include "util/internal.h"

#include <glib.h>

/*
 * The one of NAMES that WORD is most likely a slip of: few letters missing, added, wrong or swapped.
 * Borrowed; NULL when none is near.
 */
MG_INTERNAL_API const char *mg_suggest(const char *word, const char *const *names);

/* Returned-owned: "; did you mean 'segment'?", or "" when none is near. Ends a sentence. */
MG_INTERNAL_API char *mg_suggest_hint(const char *word, const char *const *names);

/* Returned-owned: "a, b or c" for NAMES and CONJUNCTION "or". */
MG_INTERNAL_API char *mg_join_words(const char *const *names, const char *conjunction);
