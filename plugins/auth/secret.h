/*
 * Secrets: how a key is made, and what is kept of it.
 *
 * A key that is made here is "ID-SECRET": eight characters by which it is found, listed and
 * revoked, and 26 random ones (130 bits). Of any key only a salted hash is kept: HMAC-SHA256 with a
 * random salt of its own. The functions that slow guessing down (PBKDF2, scrypt) are for words that
 * people think up; 130 random bits cannot be guessed at any speed, and a publisher's decision is
 * made in microseconds.
 *
 * Pure functions but for the kernel's random numbers; any thread.
 */
#pragma once

#include <mediagraph/secret.h>

enum { AUTH_ID_CHARS = 8, AUTH_SECRET_CHARS = 26, AUTH_SALT_BYTES = 16, AUTH_DIGEST_BYTES = 32 };

typedef struct {
  guint8 salt[AUTH_SALT_BYTES];
  guint8 digest[AUTH_DIGEST_BYTES];
} AuthHash;

/* Fills BYTES with random ones; the process ends when the kernel has none. */
void auth_random(guint8 *bytes, gsize size);

/* Returned-owned: a new key, of characters that stream names may have. */
char *auth_secret_new(void);

/* Returned-owned: the id a key begins with; NULL when it was not made by auth_secret_new(). */
char *auth_secret_id(const char *secret);

/* The hash of SECRET with a new salt. */
void auth_hash_make(AuthHash *hash, const char *secret);

/* Whether it is SECRET's: takes the same time for every secret of one length. */
gboolean auth_hash_matches(const AuthHash *hash, const char *secret);

gboolean auth_hash_equal(const AuthHash *a, const AuthHash *b);

/* "hmac-sha256:SALT:DIGEST", in hexadecimal. Returned-owned; FALSE: TEXT is none. */
char *auth_hash_write(const AuthHash *hash);
gboolean auth_hash_parse(const char *text, AuthHash *hash);

/* Whether SIZE bytes are the same, in a time that does not depend on them. */
gboolean auth_equal(gconstpointer a, gconstpointer b, gsize size);
