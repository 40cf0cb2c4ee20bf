#include "bytes/reader.h"
#include "rtmp/dh.h"
#include "rtmp/error.h"
#include "rtmp/handshake.h"
#include "rtmp/signature.h"

#include <string.h>

enum { BLOCK = MG_RTMP_HANDSHAKE_BYTES, DIGEST = 32 };

static const char player_key[] = "Genuine Adobe Flash Player 001";
static const char server_key[] = "Genuine Adobe Flash Media Server 001";
/* The 32 bytes that both sides' keys end with when they answer. */
static const guint8 suffix[] = {
  0xf0, 0xee, 0xc2, 0x4a, 0x80, 0x68, 0xbe, 0xe8, 0x2e, 0x00, 0xd0, 0xd1, 0x02, 0x9e, 0x7e, 0x57,
  0x6e, 0xec, 0x5d, 0x2d, 0x29, 0x80, 0x6f, 0xab, 0x93, 0xb8, 0xe6, 0x36, 0xcf, 0xeb, 0x31, 0xae,
};

static const guint8 *
random_block(void)
{
  static guint8 block[BLOCK];
  for (guint i = 0; i < BLOCK; i++)
    block[i] = (guint8) (i * 7 + i / 256);
  return block;
}

/* HMAC-SHA256 written out (RFC 2104), so that a mistake in the library does not hide itself here. */
static void
hmac(const guint8 *key, gsize key_size, const guint8 *data, gsize size, guint8 *digest)
{
  guint8 shortened[DIGEST], pad[64];
  gsize n = DIGEST;
  if (key_size > sizeof pad) {
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, key, (gssize) key_size);
    g_checksum_get_digest(sum, shortened, &n);
    key = shortened;
    key_size = n;
  }
  guint8 inner[DIGEST];
  for (guint round = 0; round < 2; round++) {
    g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
    memset(pad, round == 0 ? 0x36 : 0x5c, sizeof pad);
    for (gsize i = 0; i < key_size; i++)
      pad[i] ^= key[i];
    g_checksum_update(sum, pad, sizeof pad);
    g_checksum_update(sum, round == 0 ? data : inner, round == 0 ? (gssize) size : DIGEST);
    n = DIGEST;
    g_checksum_get_digest(sum, round == 0 ? inner : digest, &n);
  }
}

/* The HMAC over a block less the digest at AT. */
static void
hmac_around(const char *key, const guint8 *block, gsize at, guint8 *digest)
{
  guint8 joined[BLOCK - DIGEST];
  memcpy(joined, block, at);
  memcpy(joined + at, block + at + DIGEST, BLOCK - DIGEST - at);
  hmac((const guint8 *) key, strlen(key), joined, sizeof joined, digest);
}

static gsize
digest_at(const guint8 *block, guint scheme)
{
  const guint8 *p = block + (scheme == 0 ? 772 : 8);
  return (p[0] + p[1] + p[2] + p[3]) % 728 + (scheme == 0 ? 776 : 12);
}

/* C0 and C1 with a digest. */
static void
make_signed_c1(guint8 *c0c1, guint scheme, guint8 pointer_byte)
{
  c0c1[0] = 3;
  guint8 *c1 = c0c1 + 1;
  for (guint i = 0; i < BLOCK; i++)
    c1[i] = (guint8) (i * 13 + 5);
  memcpy(c1 + 4, "\x80\x00\x07\x02", 4);
  memset(c1 + (scheme == 0 ? 772 : 8), pointer_byte, 4);
  gsize at = digest_at(c1, scheme);
  hmac_around(player_key, c1, at, c1 + at);
}

/* Feeds C0, C1, C2 in pieces of SPLIT bytes and REST behind them, all of which must stay unread. */
static void
serve(const guint8 *c0c1, gsize split, MgWriter *out)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MgRtmpHandshake) h = mg_rtmp_handshake_new_server(random_block());
  guint8 all[1 + 2 * BLOCK + 3];
  memcpy(all, c0c1, 1 + BLOCK);
  memset(all + 1 + BLOCK, 0xc2, BLOCK);
  memcpy(all + 1 + 2 * BLOCK, "abc", 3);
  MgRtmpHandshakeState state = MG_RTMP_HANDSHAKE_MORE;
  gsize taken = 0;
  for (gsize at = 0; state == MG_RTMP_HANDSHAKE_MORE; at += split) {
    MgReader in = MG_READER(all + at, MIN(split, sizeof all - at));
    state = mg_rtmp_handshake_feed(h, &in, out, &error);
    g_assert_no_error(error);
    g_assert_cmpuint(out->size, ==, at + in.size < 1 + BLOCK ? 0 : 1 + 2 * BLOCK);
    taken = at + in.pos;
  }
  g_assert_cmpint(state, ==, MG_RTMP_HANDSHAKE_DONE);
  g_assert_cmpuint(taken, ==, 1 + 2 * BLOCK);
}

static const gsize splits[] = { 1, 2, 7, 1000, BLOCK, 1 + BLOCK, 1 + 2 * BLOCK, 4000 };

static void
assert_simple_answer(const guint8 *c0c1)
{
  for (guint i = 0; i < G_N_ELEMENTS(splits); i++) {
    g_auto(MgWriter) out = MG_WRITER_INIT;
    serve(c0c1, splits[i], &out);
    g_assert_cmpuint(out.data[0], ==, 3);
    g_assert_cmpmem(out.data + 1, 8, "\0\0\0\0\0\0\0\0", 8);
    g_assert_cmpmem(out.data + 9, BLOCK - 8, random_block() + 8, BLOCK - 8);
    g_assert_cmpmem(out.data + 1 + BLOCK, BLOCK, c0c1 + 1, BLOCK);
  }
}

static void
test_simple(void)
{
  guint8 c0c1[1 + BLOCK];
  memset(c0c1, 0x55, sizeof c0c1);
  c0c1[0] = 3;
  memset(c0c1 + 5, 0, 4);
  assert_simple_answer(c0c1);
}

static void
test_version_without_digest(void)
{
  guint8 c0c1[1 + BLOCK];
  memset(c0c1, 0x55, sizeof c0c1);
  c0c1[0] = 3;
  assert_simple_answer(c0c1);
}

static void
test_digest_without_version(void)
{
  guint8 c0c1[1 + BLOCK];
  make_signed_c1(c0c1, 1, 1);
  memset(c0c1 + 5, 0, 4);
  gsize at = digest_at(c0c1 + 1, 1);
  hmac_around(player_key, c0c1 + 1, at, c0c1 + 1 + at);
  assert_simple_answer(c0c1);
}

/* S2 ends with what answers C1's digest, hidden as handshakes of TYPE have it. */
static void
assert_signed_s2(guint8 type, const guint8 *s2, const guint8 *c1_digest)
{
  guint8 expected[DIGEST], key[DIGEST], full[36 + sizeof suffix];
  memcpy(full, server_key, 36);
  memcpy(full + 36, suffix, sizeof suffix);
  hmac(full, sizeof full, c1_digest, DIGEST, key);
  hmac(key, DIGEST, s2, BLOCK - DIGEST, expected);
  mg_rtmp_signature_encrypt(type, expected, key);
  g_assert_cmpmem(s2 + BLOCK - DIGEST, DIGEST, expected, DIGEST);
}

static void
assert_signed_answer(guint scheme, guint8 pointer_byte, gsize split)
{
  guint8 c0c1[1 + BLOCK], expected[DIGEST];
  g_auto(MgWriter) out = MG_WRITER_INIT;
  make_signed_c1(c0c1, scheme, pointer_byte);
  serve(c0c1, split, &out);
  const guint8 *c1 = c0c1 + 1, *s1 = out.data + 1, *s2 = s1 + BLOCK;

  gsize at = digest_at(s1, scheme);
  hmac_around(server_key, s1, at, expected);
  g_assert_cmpmem(s1 + at, DIGEST, expected, DIGEST);
  g_assert_cmpmem(s1 + 4, 4, "\x04\x05\x00\x01", 4);
  assert_signed_s2(3, s2, c1 + digest_at(c1, scheme));
}

static void
test_digests(void)
{
  for (guint scheme = 0; scheme < 2; scheme++) {
    assert_signed_answer(scheme, 1, 1);
    assert_signed_answer(scheme, 0, 4000);
    assert_signed_answer(scheme, 181, 4000); /* 724: almost as far back as it goes */
    assert_signed_answer(scheme, 182, 4000); /* 728: wraps to the front */
    assert_signed_answer(scheme, 255, 4000);
  }
}

static void
test_broken_digest(void)
{
  guint8 c0c1[1 + BLOCK];
  make_signed_c1(c0c1, 0, 9);
  c0c1[1 + 1535] ^= 1;
  assert_simple_answer(c0c1);
}

static void
test_other_protocols(void)
{
  static const struct {
    guint8 first;
    const char *named;
  } cases[] = {
    { 0x16, "TLS" }, { 'G', "HTTP" },     { 'P', "HTTP" },     { 6, "RTMPE" },      { 8, "RTMPE" },
    { 9, "RTMPE" },  { 0, "no version" }, { 2, "no version" }, { 4, "no version" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(MgRtmpHandshake) h = mg_rtmp_handshake_new_server(random_block());
    g_auto(MgWriter) out = MG_WRITER_INIT;
    MgReader in = MG_READER(&cases[i].first, 1);
    MgRtmpHandshakeState state = mg_rtmp_handshake_feed(h, &in, &out, &error);
    g_assert_cmpint(state, ==, MG_RTMP_HANDSHAKE_FAILED);
    g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_NOT_RTMP);
    g_assert_nonnull(strstr(error->message, cases[i].named));
    g_assert_cmpuint(out.size, ==, 0);
  }
}

/* Moves what FROM has written to H; TRUE when H is done. */
static gboolean
pass(MgRtmpHandshake *h, MgWriter *from, MgWriter *out)
{
  g_autoptr(GError) error = NULL;
  MgReader in = MG_READER(from->data, from->size);
  MgRtmpHandshakeState state = mg_rtmp_handshake_feed(h, &in, out, &error);
  g_assert_no_error(error);
  g_assert_cmpuint(mg_reader_left(&in), ==, 0);
  mg_writer_reset(from);
  return state == MG_RTMP_HANDSHAKE_DONE;
}

static void
test_client(void)
{
  g_auto(MgWriter) up = MG_WRITER_INIT;
  g_auto(MgWriter) down = MG_WRITER_INIT;
  g_autoptr(MgRtmpHandshake) client = mg_rtmp_handshake_new_client(random_block(), &up);
  g_autoptr(MgRtmpHandshake) server = mg_rtmp_handshake_new_server(random_block());
  g_assert_cmpuint(up.size, ==, 1 + BLOCK);
  g_assert_false(pass(server, &up, &down));
  g_autofree guint8 *s1 = g_memdup2(down.data + 1, BLOCK);
  g_assert_true(pass(client, &down, &up));
  g_assert_cmpmem(up.data, up.size, s1, BLOCK);
  g_assert_true(pass(server, &up, &down));
  g_assert_cmpuint(down.size, ==, 0);
}

/* --- RTMPE ------------------------------------------------------------------------------------- */

static gsize
key_at(const guint8 *block, guint scheme)
{
  const guint8 *p = block + (scheme == 0 ? 768 : 1532);
  return (p[0] + p[1] + p[2] + p[3]) % 632 + (scheme == 0 ? 8 : 772);
}

/* C0, which is TYPE, and C1 with KEY, which is of 128 bytes, and a digest. */
static void
make_encrypted_c1(guint8 *c0c1, guint8 type, guint scheme, const guint8 *key)
{
  make_signed_c1(c0c1, scheme, 77);
  c0c1[0] = type;
  guint8 *c1 = c0c1 + 1;
  memcpy(c1 + key_at(c1, scheme), key, MG_RTMP_DH_BYTES);
  gsize at = digest_at(c1, scheme);
  hmac_around(player_key, c1, at, c1 + at);
}

static MgRtmpHandshakeState
feed_encrypted(MgRtmpHandshake *h, const guint8 *bytes, gsize size, MgWriter *out, GError **error)
{
  static const guint8 secret[32] = { 4, 5, 6 };
  mg_rtmp_handshake_allow_encryption(h, secret);
  MgReader in = MG_READER(bytes, size);
  MgRtmpHandshakeState state = mg_rtmp_handshake_feed(h, &in, out, error);
  g_assert_true(state != MG_RTMP_HANDSHAKE_DONE || mg_reader_left(&in) == 3);
  return state;
}

/* What the client with SECRET works out from S1 is what the server has worked out. */
static void
assert_agreement(guint8 type, guint scheme, const guint8 secret[MG_RTMP_SECRET_BYTES])
{
  guint8 all[1 + 2 * BLOCK + 3] = { 0 }, own[MG_RTMP_DH_BYTES], shared[MG_RTMP_DH_BYTES];
  guint8 text[] = "encrypted";
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autoptr(MgRtmpHandshake) h = mg_rtmp_handshake_new_server(random_block());
  mg_rtmp_dh_public(secret, own);
  make_encrypted_c1(all, type, scheme, own);
  g_assert_cmpint(feed_encrypted(h, all, sizeof all, &out, NULL), ==, MG_RTMP_HANDSHAKE_DONE);
  g_assert_cmpuint(out.size, ==, 1 + 2 * BLOCK);
  g_assert_cmpuint(out.data[0], ==, type);
  const guint8 *s1 = out.data + 1, *peer = s1 + key_at(s1, scheme);
  guint8 expected[DIGEST];
  hmac_around(server_key, s1, digest_at(s1, scheme), expected);
  g_assert_cmpmem(s1 + digest_at(s1, scheme), DIGEST, expected, DIGEST);
  assert_signed_s2(type, s1 + BLOCK, all + 1 + digest_at(all + 1, scheme));
  g_assert_true(mg_rtmp_dh_shared(secret, peer, shared));
  g_assert_cmpuint(shared[0], !=, 0);
  MgRtmpCipher ours, theirs = *mg_rtmp_handshake_cipher(h);
  mg_rtmp_cipher_init(&ours, shared, own, peer);
  mg_rc4_apply(&ours.out, text, sizeof text);
  mg_rc4_apply(&theirs.in, text, sizeof text);
  g_assert_cmpmem(text, sizeof text, "encrypted", sizeof text);
}

static void
test_encrypted(void)
{
  static const guint8 secret[MG_RTMP_SECRET_BYTES] = { 1, 2, 3 };
  static const guint8 types[] = { 6, 8, 9 };
  for (guint i = 0; i < G_N_ELEMENTS(types); i++) {
    assert_agreement(types[i], 0, secret);
    assert_agreement(types[i], 1, secret);
  }
}

/* With this secret and the server's first one, what is shared would begin with a zero. */
static void
test_no_zero_in_front(void)
{
  static const guint8 secret[MG_RTMP_SECRET_BYTES] = { 1, 2, [30] = 0x01, [31] = 0x61 };
  assert_agreement(6, 0, secret);
}

static void
test_encrypted_without_key(void)
{
  guint8 c0c1[1 + BLOCK], key[MG_RTMP_DH_BYTES] = { 0 };
  for (guint i = 0; i < 2; i++) {
    g_autoptr(GError) error = NULL;
    g_auto(MgWriter) out = MG_WRITER_INIT;
    g_autoptr(MgRtmpHandshake) h = mg_rtmp_handshake_new_server(random_block());
    make_encrypted_c1(c0c1, 6, 0, key);
    c0c1[1 + digest_at(c0c1 + 1, 0)] ^= i; /* a wrong key, then a wrong digest */
    g_assert_cmpint(feed_encrypted(h, c0c1, sizeof c0c1, &out, &error), ==,
                    MG_RTMP_HANDSHAKE_FAILED);
    g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL);
    g_assert_cmpuint(out.size, ==, 0);
    g_assert_null(mg_rtmp_handshake_cipher(h));
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/handshake/simple-echoes-c1-in-any-split", test_simple);
  g_test_add_func("/rtmp/handshake/a-version-without-digest-falls-back-to-simple",
                  test_version_without_digest);
  g_test_add_func("/rtmp/handshake/version-zero-is-simple-even-with-a-digest",
                  test_digest_without_version);
  g_test_add_func("/rtmp/handshake/digests-of-both-schemes-are-answered", test_digests);
  g_test_add_func("/rtmp/handshake/a-broken-digest-falls-back-to-simple", test_broken_digest);
  g_test_add_func("/rtmp/handshake/other-protocols-are-named", test_other_protocols);
  g_test_add_func("/rtmp/handshake/client-and-server-agree", test_client);
  g_test_add_func("/rtmp/handshake/both-sides-agree-on-a-cipher-in-each-type", test_encrypted);
  g_test_add_func("/rtmp/handshake/what-is-shared-begins-with-no-zero", test_no_zero_in_front);
  g_test_add_func("/rtmp/handshake/no-cipher-without-key-and-digest", test_encrypted_without_key);
  return g_test_run();
}
