/*
 * Blowfish (Schneier, 1993) as far as RTMPE needs it: blocks are encrypted, never decrypted, and each is two
 * numbers, of whichever order of bytes. Private to this library.
 */
#pragma once

#include <glib.h>

enum { MG_BLOWFISH_ROUNDS = 16, MG_BLOWFISH_WORDS = MG_BLOWFISH_ROUNDS + 2 + 4 * 256 };

typedef struct {
  guint32 words[MG_BLOWFISH_WORDS]; /* the subkeys, then four boxes of 256 */
} MgBlowfish;

/* KEY_SIZE is 1 to 56. It takes as long as encrypting 521 blocks. */
void mg_blowfish_init(MgBlowfish *blowfish, const guint8 *key, gsize key_size);

/* Encrypts a block where it is. */
void mg_blowfish_encrypt(const MgBlowfish *blowfish, guint32 block[2]);
