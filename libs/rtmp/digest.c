#include "rtmp/digest.h"

#include "bytes/reader.h"
#include "rtmp/handshake.h"
#include "rtmp/signature.h"

#include <string.h>

/* The digest and the public key each lie somewhere within so many bytes of one half. */
enum { PLAYER_KEY = 30, SERVER_KEY = 36, HALF = 728, KEY_HALF = 632 };

/* The well-known keys: a text each, and for answers a suffix that both share. */
static const guint8 player_key[] = "Genuine Adobe Flash Player 001";
static const guint8 server_key[] =
    "Genuine Adobe Flash Media Server 001"
    "\xf0\xee\xc2\x4a\x80\x68\xbe\xe8\x2e\x00\xd0\xd1\x02\x9e\x7e\x57"
    "\x6e\xec\x5d\x2d\x29\x80\x6f\xab\x93\xb8\xe6\x36\xcf\xeb\x31\xae";

G_STATIC_ASSERT(sizeof player_key - 1 == PLAYER_KEY);
G_STATIC_ASSERT(sizeof server_key - 1 == SERVER_KEY + 32);

/* HMAC-SHA256 over SIZE bytes without the digest that lies at HOLE (SIZE: no hole). */
static void
sign(const guint8 *key, gsize key_size, const guint8 *data, gsize size, gsize hole, guint8 *digest)
{
  gsize digest_size = MG_RTMP_DIGEST_BYTES;
  GHmac *hmac = g_hmac_new(G_CHECKSUM_SHA256, key, key_size);
  g_hmac_update(hmac, data, (gssize) hole);
  if (hole < size) {
    gsize behind = hole + MG_RTMP_DIGEST_BYTES;
    g_hmac_update(hmac, data + behind, (gssize) (size - behind));
  }
  g_hmac_get_digest(hmac, digest, &digest_size);
  g_hmac_unref(hmac);
}

static gsize
sum_of_four(const guint8 *bytes)
{
  MgReader r = MG_READER(bytes, 4);
  gsize sum = 0;
  for (guint i = 0; i < 4; i++)
    sum += mg_reader_u8(&r);
  return sum;
}

static gsize
digest_offset(const guint8 *block, MgRtmpScheme scheme)
{
  gsize pointer = scheme == MG_RTMP_SCHEME_0 ? 772 : 8;
  return pointer + 4 + sum_of_four(block + pointer) % HALF;
}

gsize
mg_rtmp_digest_key_offset(const guint8 *block, MgRtmpScheme scheme)
{
  if (scheme == MG_RTMP_SCHEME_0)
    return 8 + sum_of_four(block + 768) % KEY_HALF;
  return 772 + sum_of_four(block + 1532) % KEY_HALF;
}

gboolean
mg_rtmp_digest_find(const guint8 *c1, MgRtmpScheme *scheme, const guint8 **digest)
{
  static const MgRtmpScheme schemes[] = { MG_RTMP_SCHEME_0, MG_RTMP_SCHEME_1 };
  for (guint i = 0; i < G_N_ELEMENTS(schemes); i++) {
    guint8 expected[MG_RTMP_DIGEST_BYTES];
    gsize at = digest_offset(c1, schemes[i]);
    sign(player_key, PLAYER_KEY, c1, MG_RTMP_HANDSHAKE_BYTES, at, expected);
    if (memcmp(expected, c1 + at, sizeof expected) == 0) {
      *scheme = schemes[i];
      *digest = c1 + at;
      return TRUE;
    }
  }
  return FALSE;
}

void
mg_rtmp_digest_sign_s1(guint8 *s1, MgRtmpScheme scheme)
{
  gsize at = digest_offset(s1, scheme);
  sign(server_key, SERVER_KEY, s1, MG_RTMP_HANDSHAKE_BYTES, at, s1 + at);
}

void
mg_rtmp_digest_sign_s2(guint8 *s2, const guint8 *c1_digest, guint8 type)
{
  guint8 key[MG_RTMP_DIGEST_BYTES];
  gsize at = MG_RTMP_HANDSHAKE_BYTES - MG_RTMP_DIGEST_BYTES;
  sign(server_key, SERVER_KEY + 32, c1_digest, MG_RTMP_DIGEST_BYTES, MG_RTMP_DIGEST_BYTES, key);
  sign(key, sizeof key, s2, at, at, s2 + at);
  mg_rtmp_signature_encrypt(type, s2 + at, key);
}
