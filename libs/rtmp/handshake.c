#include "rtmp/handshake.h"

#include "rtmp/dh.h"
#include "rtmp/digest.h"
#include "rtmp/error.h"

#include <string.h>

/* Versions. The last two are RTMPE, too, with signatures that are encrypted. */
enum { PLAIN = 3, ENCRYPTED = 6, ENCRYPTED_XTEA = 8, ENCRYPTED_BLOWFISH = 9 };

typedef enum {
  READ_VERSION, /* C0 or S0 */
  READ_FIRST,   /* C1 or S1 */
  READ_SECOND,  /* C2 or S2, whatever it holds */
  OVER,
} Stage;

struct MgRtmpHandshake {
  gboolean is_server;
  Stage stage;
  guint8 version;
  gboolean may_encrypt;
  guint8 secret[MG_RTMP_SECRET_BYTES];
  MgRtmpCipher *cipher; /* NULL: none was agreed on; owned */
  gsize have;           /* bytes of the block that is being read */
  guint8 random[MG_RTMP_HANDSHAKE_BYTES];
  guint8 first[MG_RTMP_HANDSHAKE_BYTES]; /* C1 or S1 */
};

static MgRtmpHandshake *
handshake_new(gboolean is_server, const guint8 *random)
{
  MgRtmpHandshake *h = g_new0(MgRtmpHandshake, 1);
  h->is_server = is_server;
  memcpy(h->random, random, sizeof h->random);
  return h;
}

MgRtmpHandshake *
mg_rtmp_handshake_new_server(const guint8 random[MG_RTMP_HANDSHAKE_BYTES])
{
  return handshake_new(TRUE, random);
}

/* C1 and S1 of the simple handshake: a time of 0, four zeros, randomness. */
static void
write_simple(MgRtmpHandshake *h, MgWriter *out)
{
  mg_writer_zeros(out, 8);
  mg_writer_bytes(out, h->random + 8, sizeof h->random - 8);
}

MgRtmpHandshake *
mg_rtmp_handshake_new_client(const guint8 random[MG_RTMP_HANDSHAKE_BYTES], MgWriter *out)
{
  MgRtmpHandshake *h = handshake_new(FALSE, random);
  mg_writer_u8(out, PLAIN);
  write_simple(h, out);
  return h;
}

void
mg_rtmp_handshake_allow_encryption(MgRtmpHandshake *h, const guint8 secret[32])
{
  h->may_encrypt = TRUE;
  memcpy(h->secret, secret, sizeof h->secret);
}

const MgRtmpCipher *
mg_rtmp_handshake_cipher(const MgRtmpHandshake *h)
{
  return h->cipher;
}

void
mg_rtmp_handshake_free(MgRtmpHandshake *h)
{
  if (h != NULL)
    g_free(h->cipher);
  g_free(h);
}

/* What a peer that begins with this byte wants, for the operator. */
static const char *
other_protocol(guint8 first)
{
  switch (first) {
  case ENCRYPTED:
  case ENCRYPTED_XTEA:
  case ENCRYPTED_BLOWFISH: return "RTMPE, which is not taken here: use RTMPS";
  case 0x16: return "TLS, for which there is no certificate here: use rtmp:// in the encoder";
  case 'C':
  case 'D':
  case 'G':
  case 'H':
  case 'O':
  case 'P': return "HTTP: a browser, or RTMPT, which is not taken here";
  default: return "no version of RTMP";
  }
}

static gboolean
is_encrypted(guint8 version)
{
  return version == ENCRYPTED || version == ENCRYPTED_XTEA || version == ENCRYPTED_BLOWFISH;
}

static gboolean
check_version(MgRtmpHandshake *h, GError **error)
{
  guint8 version = h->version;
  if (version == PLAIN || (is_encrypted(version) && h->may_encrypt))
    return TRUE;
  g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_NOT_RTMP,
              "the connection begins with byte 0x%02x, which looks like %s", version,
              other_protocol(version));
  return FALSE;
}

/*
 * Agrees with the peer on a cipher, by the public key in its C1; OWN gets ours. Some clients drop zeros
 * at the front of what is shared, so it gets none: then the next secret is tried.
 */
static gboolean
agree(MgRtmpHandshake *h, MgRtmpScheme scheme, guint8 *own)
{
  const guint8 *peer = h->first + mg_rtmp_digest_key_offset(h->first, scheme);
  guint8 shared[MG_RTMP_DH_BYTES];
  do {
    h->secret[MG_RTMP_SECRET_BYTES - 1]++;
    if (!mg_rtmp_dh_shared(h->secret, peer, shared))
      return FALSE;
  } while (shared[0] == 0);
  mg_rtmp_dh_public(h->secret, own);
  h->cipher = g_new(MgRtmpCipher, 1);
  mg_rtmp_cipher_init(h->cipher, shared, own, peer);
  return TRUE;
}

/* S1 and S2 with digests; a version other than 0 tells the client to look for them. OWN may be NULL. */
static void
write_signed(MgRtmpHandshake *h, MgRtmpScheme scheme, const guint8 *c1_digest, const guint8 *own,
             MgWriter *out)
{
  gsize s1 = out->size;
  mg_writer_be32(out, 0);
  mg_writer_be32(out, 0x04050001);
  mg_writer_bytes(out, h->random + 8, sizeof h->random - 8);
  if (own != NULL)
    memcpy(out->data + s1 + mg_rtmp_digest_key_offset(out->data + s1, scheme), own,
           MG_RTMP_DH_BYTES);
  mg_rtmp_digest_sign_s1(out->data + s1, scheme);
  gsize s2 = out->size;
  mg_writer_bytes(out, h->random, sizeof h->random);
  mg_rtmp_digest_sign_s2(out->data + s2, c1_digest, h->version);
}

/* Both sides of RTMPE say their public keys, and sign what they say. */
static gboolean
answer_encrypted(MgRtmpHandshake *h, MgWriter *out, GError **error)
{
  MgRtmpScheme scheme;
  const guint8 *digest;
  guint8 own[MG_RTMP_DH_BYTES];
  if (!mg_rtmp_digest_find(h->first, &scheme, &digest) || !agree(h, scheme, own)) {
    g_set_error_literal(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL,
                        "RTMPE without a digest, or with no proper public key");
    return FALSE;
  }
  mg_writer_u8(out, h->version);
  write_signed(h, scheme, digest, own, out);
  return TRUE;
}

static void
answer_plain(MgRtmpHandshake *h, MgWriter *out)
{
  MgReader c1 = MG_READER(h->first, sizeof h->first);
  MgRtmpScheme scheme;
  const guint8 *digest;
  mg_reader_skip(&c1, 4);
  gboolean may_be_signed = mg_reader_be32(&c1) != 0;
  mg_writer_u8(out, PLAIN);
  if (may_be_signed && mg_rtmp_digest_find(h->first, &scheme, &digest)) {
    write_signed(h, scheme, digest, NULL, out);
    return;
  }
  write_simple(h, out);
  mg_writer_bytes(out, h->first, sizeof h->first);
}

static gboolean
answer_first(MgRtmpHandshake *h, MgWriter *out, GError **error)
{
  if (is_encrypted(h->version))
    return answer_encrypted(h, out, error);
  if (h->is_server)
    answer_plain(h, out);
  else
    mg_writer_bytes(out, h->first, sizeof h->first);
  return TRUE;
}

/* Moves bytes of a block, kept in INTO unless that is NULL; TRUE when the block is complete. */
static gboolean
read_block(MgRtmpHandshake *h, MgReader *in, guint8 *into)
{
  gsize n = MIN(mg_reader_left(in), MG_RTMP_HANDSHAKE_BYTES - h->have);
  const guint8 *bytes = mg_reader_take(in, n);
  if (into != NULL && n > 0)
    memcpy(into + h->have, bytes, n);
  h->have += n;
  if (h->have < MG_RTMP_HANDSHAKE_BYTES)
    return FALSE;
  h->have = 0;
  return TRUE;
}

MgRtmpHandshakeState
mg_rtmp_handshake_feed(MgRtmpHandshake *h, MgReader *in, MgWriter *out, GError **error)
{
  if (h->stage == READ_VERSION && mg_reader_left(in) > 0) {
    h->version = mg_reader_u8(in);
    if (!check_version(h, error))
      return MG_RTMP_HANDSHAKE_FAILED;
    h->stage = READ_FIRST;
  }
  if (h->stage == READ_FIRST && read_block(h, in, h->first)) {
    if (!answer_first(h, out, error))
      return MG_RTMP_HANDSHAKE_FAILED;
    h->stage = READ_SECOND;
  }
  if (h->stage == READ_SECOND && read_block(h, in, NULL))
    h->stage = OVER;
  return h->stage == OVER ? MG_RTMP_HANDSHAKE_DONE : MG_RTMP_HANDSHAKE_MORE;
}
