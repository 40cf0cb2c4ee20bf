#include "hex.h"

#include "rtmp/cipher.h"
#include "rtmp/dh.h"

#include <string.h>

enum { BYTES = MG_RTMP_DH_BYTES };

/* RFC 6229 2, for keys of 40 and 128 bits. */
static void
test_rc4(void)
{
  static const guint8 key[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 };
  guint8 bytes[32] = { 0 };
  MgRc4 rc4;
  mg_rc4_init(&rc4, key, 5);
  mg_rc4_apply(&rc4, bytes, 7);
  mg_rc4_apply(&rc4, bytes + 7, sizeof bytes - 7);
  assert_hex(bytes, 32, "b2396305f03dc027ccc3524a0a1118a8 6982944f18fc82d589c403a47a0d0919");
  memset(bytes, 0, sizeof bytes);
  mg_rc4_init(&rc4, key, 16);
  mg_rc4_apply(&rc4, bytes, sizeof bytes);
  assert_hex(bytes, 32, "9ac7cc9a609d1ef7b2932899cde41b97 5248c4959014126a6e8a84f11d1a9e1c");
}

static void
number(guint8 *bytes, const char *text)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  put_hex(&w, text);
  g_assert_cmpuint(w.size, ==, BYTES);
  memcpy(bytes, w.data, BYTES);
}

/* Worked out with Python's pow(). The peer's secret is 0x1234567890abcdef1234567890abcdef. */
static const char own_key[] = "457120764f3a1e6fd58103e41a4093a6c8bc1d97cb8759de41c21afdd2d3048a"
                              "5ef3d88ce24aa6ba4fe30bcfb0b0f75abf1a8aeaff3723f1bf53740c902005e1"
                              "199fabad7c538e94a7034fd585339a02f3634893f748929d2a7257643e398130"
                              "541ae64124c17d4507a97f1cbebeb7b933642b8df479eb59e36cfeffbf1671dd";
static const char peer_key[] = "7918d89680ab92ce7e10792825847ec546310372ad685a1899dc3b12381cb197"
                               "ea4b7a89984b17a85ac9bb6b1dca6038d61d275557c86f5615b55cde6b07777c"
                               "8326cef8290146ccb05c67539a3fd6ad0374f8b864283e4a9617482df646a33c"
                               "e6f5e1453c5c5a012576f43886d47d6f272508da24ca059907b8db9f288b4e3c";
static const char shared_key[] = "28b24531b071e3d3ab11c20145f3abeb5753c9e378a76df987766eb4d71bc1e6"
                                 "98bd544669ddde36726c8916b8ad02cf6cfdee08cdb426a7d3c86e4faf069bcc"
                                 "5667de345aa282fba85d8d5812cb299dd7a1c899e188a9af253a60eeb1849406"
                                 "867ecdc223145e31c63762049c86f73af09bcd37b34bae85c7e3c94d080d5c06";

static const char prime[] = "ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74"
                            "020bbea63b139b22514a08798e3404ddef9519b3cd3a431b302b0a6df25f1437"
                            "4fe1356d6d51c245e485b576625e7ec6f44c42e9a637ed6b0bff5cb6f406b7ed"
                            "ee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381ffffffffffffffff";

static void
make_secret(guint8 *secret)
{
  for (guint i = 0; i < MG_RTMP_SECRET_BYTES; i++)
    secret[i] = (guint8) (i + 1);
}

static void
test_dh(void)
{
  guint8 secret[MG_RTMP_SECRET_BYTES], own[BYTES], peer[BYTES], shared[BYTES];
  make_secret(secret);
  mg_rtmp_dh_public(secret, own);
  assert_hex(own, BYTES, own_key);
  number(peer, peer_key);
  g_assert_true(mg_rtmp_dh_shared(secret, peer, shared));
  assert_hex(shared, BYTES, shared_key);
}

/* 0, 1, 5, which is no power of 2, the prime less one, the prime, and all ones. */
static void
test_bad_keys(void)
{
  static const guint8 small[] = { 0, 1, 5 };
  guint8 secret[MG_RTMP_SECRET_BYTES], peer[BYTES], shared[BYTES];
  make_secret(secret);
  for (guint i = 0; i < G_N_ELEMENTS(small); i++) {
    memset(peer, 0, BYTES);
    peer[BYTES - 1] = small[i];
    g_assert_false(mg_rtmp_dh_shared(secret, peer, shared));
  }
  number(peer, prime);
  g_assert_false(mg_rtmp_dh_shared(secret, peer, shared));
  peer[BYTES - 1]--;
  g_assert_false(mg_rtmp_dh_shared(secret, peer, shared));
  memset(peer, 0xff, BYTES);
  g_assert_false(mg_rtmp_dh_shared(secret, peer, shared));
}

/* One side's output is the other's input. */
static void
test_streams(void)
{
  guint8 one[BYTES], other[BYTES], shared[BYTES], bytes[] = "what is said";
  MgRtmpCipher a, b;
  number(one, own_key);
  number(other, peer_key);
  number(shared, shared_key);
  mg_rtmp_cipher_init(&a, shared, one, other);
  mg_rtmp_cipher_init(&b, shared, other, one);
  mg_rc4_apply(&a.out, bytes, sizeof bytes);
  g_assert_cmpint(memcmp(bytes, "what is said", sizeof bytes), !=, 0);
  mg_rc4_apply(&b.in, bytes, sizeof bytes);
  g_assert_cmpmem(bytes, sizeof bytes, "what is said", sizeof bytes);
  g_assert_cmpint(memcmp(&a.in, &a.out, sizeof a.in), !=, 0);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/cipher/rc4-is-that-of-rfc-6229", test_rc4);
  g_test_add_func("/rtmp/cipher/keys-are-powers-of-two", test_dh);
  g_test_add_func("/rtmp/cipher/what-is-no-key-is-refused", test_bad_keys);
  g_test_add_func("/rtmp/cipher/both-sides-understand-each-other", test_streams);
  return g_test_run();
}
