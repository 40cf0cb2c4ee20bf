#include "rtmp/cipher.h"

#include "rtmp/dh.h"

#include <string.h>

/* Of each stream, passed over before the first byte: as many as the handshake's blocks have. */
enum { KEY = 16, SKIPPED = 1536, DIGEST = 32 };

static void
swap(guint8 *a, guint8 *b)
{
  guint8 kept = *a;
  *a = *b;
  *b = kept;
}

void
mg_rc4_init(MgRc4 *rc4, const guint8 *key, gsize key_size)
{
  guint8 j = 0;
  rc4->i = rc4->j = 0;
  for (guint i = 0; i < 256; i++)
    rc4->state[i] = (guint8) i;
  for (guint i = 0; i < 256; i++) {
    j = (guint8) (j + rc4->state[i] + key[i % key_size]);
    swap(&rc4->state[i], &rc4->state[j]);
  }
}

static inline guint8
next(MgRc4 *rc4)
{
  guint8 *s = rc4->state;
  rc4->i++;
  rc4->j = (guint8) (rc4->j + s[rc4->i]);
  swap(&s[rc4->i], &s[rc4->j]);
  return s[(guint8) (s[rc4->i] + s[rc4->j])];
}

void
mg_rc4_apply(MgRc4 *rc4, guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++)
    bytes[i] ^= next(rc4);
}

/* The stream of the side that sends to whoever has the public key TO. */
static void
init_stream(MgRc4 *rc4, const guint8 *shared, const guint8 *to)
{
  guint8 digest[DIGEST];
  gsize size = sizeof digest;
  GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, shared, MG_RTMP_DH_BYTES);
  g_hmac_update(hmac, to, MG_RTMP_DH_BYTES);
  g_hmac_get_digest(hmac, digest, &size);
  g_hmac_unref(hmac);
  mg_rc4_init(rc4, digest, KEY);
  for (guint i = 0; i < SKIPPED; i++)
    next(rc4);
}

void
mg_rtmp_cipher_init(MgRtmpCipher *cipher, const guint8 *shared, const guint8 *own,
                    const guint8 *peer)
{
  init_stream(&cipher->in, shared, own);
  init_stream(&cipher->out, shared, peer);
}
