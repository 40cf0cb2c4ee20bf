/*
 * What RTMPE's types 8 and 9 add to type 6: the signature at the end of S2 and C2 is encrypted, in blocks of
 * eight bytes, by well-known keys. Private to this library.
 */
#pragma once

#include <glib.h>

/* XTEA (Needham and Wheeler, 1997) with 64 rounds, on a block of two numbers, where it is. */
void mg_xtea_encrypt(const guint32 key[4], guint32 block[2]);

/*
 * Encrypts SIGNATURE, of MG_RTMP_DIGEST_BYTES, for handshakes of TYPE: 8 by XTEA, 9 by Blowfish; for
 * others it stays. SIGNED_WITH, of as many, is the key of the HMAC that it is: it chooses a key for each
 * block.
 */
void mg_rtmp_signature_encrypt(guint8 type, guint8 *signature, const guint8 *signed_with);
