#include "auth/secret.h"

#include <string.h>
#include <sys/random.h>

#define SCHEME "hmac-sha256"

/* What is hard to mistake for each other. */
static const char alphabet[] = "abcdefghijkmnpqrstuvwxyz23456789";
G_STATIC_ASSERT(sizeof alphabet == 32 + 1);

void
auth_random(guint8 *bytes, gsize size)
{
  if (getrandom(bytes, size, 0) != (gssize) size)
    g_error("the kernel gives no random numbers");
}

char *
auth_secret_new(void)
{
  guint8 random[AUTH_ID_CHARS + 1 + AUTH_SECRET_CHARS];
  char text[sizeof random + 1] = { 0 };
  auth_random(random, sizeof random);
  for (gsize i = 0; i < sizeof random; i++)
    text[i] = alphabet[random[i] % 32];
  text[AUTH_ID_CHARS] = '-';
  return g_strdup(text);
}

char *
auth_secret_id(const char *secret)
{
  if (strlen(secret) != AUTH_ID_CHARS + 1 + AUTH_SECRET_CHARS || secret[AUTH_ID_CHARS] != '-')
    return NULL;
  return g_strndup(secret, AUTH_ID_CHARS);
}

static void
digest(const guint8 *salt, const char *secret, guint8 *out)
{
  gsize size = AUTH_DIGEST_BYTES;
  GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, salt, AUTH_SALT_BYTES);
  g_hmac_update(hmac, (const guchar *) secret, (gssize) strlen(secret));
  g_hmac_get_digest(hmac, out, &size);
  g_hmac_unref(hmac);
}

void
auth_hash_make(AuthHash *hash, const char *secret)
{
  auth_random(hash->salt, sizeof hash->salt);
  digest(hash->salt, secret, hash->digest);
}

gboolean
auth_equal(gconstpointer a, gconstpointer b, gsize size)
{
  const guint8 *x = a, *y = b;
  guint8 difference = 0;
  for (gsize i = 0; i < size; i++)
    difference |= x[i] ^ y[i];
  return difference == 0;
}

gboolean
auth_hash_matches(const AuthHash *hash, const char *secret)
{
  guint8 got[AUTH_DIGEST_BYTES];
  digest(hash->salt, secret, got);
  return auth_equal(got, hash->digest, sizeof got);
}

gboolean
auth_hash_equal(const AuthHash *a, const AuthHash *b)
{
  return auth_equal(a, b, sizeof *a);
}

static void
append_hex(GString *out, const guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++)
    g_string_append_printf(out, "%02x", bytes[i]);
}

char *
auth_hash_write(const AuthHash *hash)
{
  GString *out = g_string_new(SCHEME ":");
  append_hex(out, hash->salt, sizeof hash->salt);
  g_string_append_c(out, ':');
  append_hex(out, hash->digest, sizeof hash->digest);
  return g_string_free(out, FALSE);
}

static gboolean
parse_hex(const char *text, guint8 *bytes, gsize size)
{
  if (strlen(text) != 2 * size)
    return FALSE;
  for (gsize i = 0; i < size; i++) {
    int high = g_ascii_xdigit_value(text[2 * i]), low = g_ascii_xdigit_value(text[2 * i + 1]);
    if (high < 0 || low < 0)
      return FALSE;
    bytes[i] = (guint8) (high << 4 | low);
  }
  return TRUE;
}

gboolean
auth_hash_parse(const char *text, AuthHash *hash)
{
  g_auto(GStrv) parts = g_strsplit(text, ":", 4);
  return g_strv_length(parts) == 3 && strcmp(parts[0], SCHEME) == 0 &&
         parse_hex(parts[1], hash->salt, sizeof hash->salt) &&
         parse_hex(parts[2], hash->digest, sizeof hash->digest);
}
