#include "hex.h"

#include "rtmp/blowfish.h"
#include "rtmp/digest.h"
#include "rtmp/signature.h"

#include <string.h>

/* Of the vectors that Blowfish was published with. */
static void
test_blowfish(void)
{
  static const struct {
    guint8 key[8];
    guint32 plain[2], encrypted[2];
  } cases[] = {
    { { 0 }, { 0, 0 }, { 0x4ef99745, 0x6198dd78 } },
    { { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
      { 0xffffffff, 0xffffffff },
      { 0x51866fd5, 0xb85ecb8a } },
    { { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef },
      { 0x11111111, 0x11111111 },
      { 0x61f9c380, 0x2281b096 } },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    MgBlowfish blowfish;
    guint32 block[2] = { cases[i].plain[0], cases[i].plain[1] };
    mg_blowfish_init(&blowfish, cases[i].key, sizeof cases[i].key);
    mg_blowfish_encrypt(&blowfish, block);
    g_assert_cmpmem(block, sizeof block, cases[i].encrypted, sizeof block);
  }
}

static void
test_xtea(void)
{
  static const guint32 key[] = { 0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f };
  static const guint32 plain[][2] = { { 0x41424344, 0x45464748 }, { 0x41414141, 0x41414141 } };
  static const guint32 encrypted[][2] = { { 0x497df3d0, 0x72612cb5 }, { 0xe78f2d13, 0x744341d8 } };
  for (guint i = 0; i < G_N_ELEMENTS(plain); i++) {
    guint32 block[2] = { plain[i][0], plain[i][1] };
    mg_xtea_encrypt(key, block);
    g_assert_cmpmem(block, sizeof block, encrypted[i], sizeof block);
  }
}

/* Made with Python, and for type 9 with OpenSSL's Blowfish; the blocks choose keys 3, 0, 12 and 9. */
static void
test_signatures(void)
{
  static const struct {
    guint8 type;
    const char *hex;
  } cases[] = {
    { 6, "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f" },
    { 8, "e720fe8fc9bbd6add1aeed23d8f6c7de10354075807f6435505e871471e80c1b" },
    { 9, "0265c41d29184f662e6dc388f1c8ab8c32bd6af705435629bbdc26238a4f4f32" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(cases); i++) {
    guint8 signature[MG_RTMP_DIGEST_BYTES], signed_with[MG_RTMP_DIGEST_BYTES];
    for (guint8 n = 0; n < MG_RTMP_DIGEST_BYTES; n++) {
      signature[n] = 0x40 + n;
      signed_with[n] = (guint8) (n * 9 + 3);
    }
    mg_rtmp_signature_encrypt(cases[i].type, signature, signed_with);
    assert_hex(signature, sizeof signature, cases[i].hex);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/signature/blowfish-is-that-of-its-author", test_blowfish);
  g_test_add_func("/rtmp/signature/xtea-is-that-of-its-authors", test_xtea);
  g_test_add_func("/rtmp/signature/types-8-and-9-hide-it", test_signatures);
  return g_test_run();
}
