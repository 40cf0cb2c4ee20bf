/*
 * All keys at one time, and the text that keys files are made of.
 *
 * A keys file has a line per key, of fields (key.h) as NAME=VALUE with spaces between them; values
 * are percent-encoded where they have to be. Empty lines and those that begin with '#' mean
 * nothing.
 *
 * One thread at a time; immutable once it is in use.
 */
#pragma once

#include "auth/key.h"

typedef struct {
  GPtrArray *all;    /* of AuthKey *, in the order in which they came */
  GHashTable *by_id; /* to AuthKey *, borrowed from `all` */
} AuthKeys;

AuthKeys *auth_keys_new(void);
void auth_keys_free(AuthKeys *keys); /* NULL is fine */

/* Takes KEY. FALSE: it lacks something, or there is one of that id. */
gboolean auth_keys_add(AuthKeys *keys, AuthKey *key, GError **error);

/* Adds what TEXT, SIZE bytes of anything, says; ERROR names the line and quotes nothing. */
gboolean auth_keys_parse(AuthKeys *keys, const char *text, gsize size, GError **error);

/* Borrowed: the key of APP whose secret is SECRET; NULL: there is none. */
AuthKey *auth_keys_find(const AuthKeys *keys, const char *app, const char *secret);

/* Borrowed: the key with KEY's hash, for the same stream; NULL: it has been revoked. */
AuthKey *auth_keys_find_same(const AuthKeys *keys, const AuthKey *key);

/* Returned-owned: TEXT with a line for KEY behind it. */
char *auth_keys_text_add(const char *text, const AuthKey *key);

/* Returned-owned: TEXT without the line of ID; NULL: there is none. */
char *auth_keys_text_remove(const char *text, const char *id);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthKeys, auth_keys_free)
