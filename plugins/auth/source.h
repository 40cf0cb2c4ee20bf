/*
 * Where keys come from: the pipeline file, a keys file, a database; and whether they have changed.
 *
 * May block: not on an I/O lane. One thread at a time.
 */
#pragma once

#include "auth/keys.h"

typedef struct AuthSource AuthSource;

/* Returned-owned. FIXED (of AuthKey *, a reference is taken) is what the pipeline file has; the paths may
 * be NULL. */
AuthSource *auth_source_new(GPtrArray *fixed, const char *keys_file, const char *database);
void auth_source_free(AuthSource *source); /* NULL is fine */

/* Whether there is any place that keys can come from. */
gboolean auth_source_is_empty(const AuthSource *source);

/* Returned-owned: all keys there are now; NULL and ERROR when a place cannot be read. */
AuthKeys *auth_source_load(AuthSource *source, GError **error);

/* Whether something has changed since it was loaded, or was asked for. */
gboolean auth_source_has_changed(AuthSource *source);

enum { AUTH_KEYS_FILE_BYTES = 64 << 20 };

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthSource, auth_source_free)
