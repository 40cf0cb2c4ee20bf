#include "rtmp/blowfish.h"

#include "rtmp/blowfish-pi.h"

#include <string.h>

enum { SUBKEYS = MG_BLOWFISH_ROUNDS + 2 };

static guint32
scramble(const guint32 *boxes, guint32 half)
{
  guint32 sum = boxes[half >> 24] + boxes[256 + (half >> 16 & 0xff)];
  return (sum ^ boxes[512 + (half >> 8 & 0xff)]) + boxes[768 + (half & 0xff)];
}

/* Two rounds at a time, so that the halves change places by themselves. */
void
mg_blowfish_encrypt(const MgBlowfish *blowfish, guint32 block[2])
{
  const guint32 *subkeys = blowfish->words, *boxes = subkeys + SUBKEYS;
  guint32 left = block[0], right = block[1];
  for (guint round = 0; round < MG_BLOWFISH_ROUNDS; round += 2) {
    left ^= subkeys[round];
    right ^= scramble(boxes, left) ^ subkeys[round + 1];
    left ^= scramble(boxes, right);
  }
  block[0] = right ^ subkeys[MG_BLOWFISH_ROUNDS + 1];
  block[1] = left ^ subkeys[MG_BLOWFISH_ROUNDS];
}

/* The four bytes of the key from *AT on, which begins again at its end. */
static guint32
next_word(const guint8 *key, gsize size, gsize *at)
{
  guint32 word = 0;
  for (guint i = 0; i < 4; i++, *at = (*at + 1) % size)
    word = word << 8 | key[*at];
  return word;
}

void
mg_blowfish_init(MgBlowfish *blowfish, const guint8 *key, gsize key_size)
{
  guint32 block[2] = { 0, 0 };
  gsize at = 0;
  memcpy(blowfish->words, pi, sizeof pi);
  for (guint i = 0; i < SUBKEYS; i++)
    blowfish->words[i] ^= next_word(key, key_size, &at);
  for (guint i = 0; i < MG_BLOWFISH_WORDS; i += 2) {
    mg_blowfish_encrypt(blowfish, block);
    memcpy(blowfish->words + i, block, sizeof block);
  }
}
