/*
 * What RTMPE encrypts with: RC4, one stream of it each way. It hides bytes from the curious and is no
 * security: both sides are who they say, and RC4 is broken.
 */
#pragma once

#include <glib.h>

typedef struct {
  guint8 state[256];
  guint8 i, j;
} MgRc4;

void mg_rc4_init(MgRc4 *rc4, const guint8 *key, gsize key_size);

/* Encrypts or decrypts SIZE bytes where they are. */
void mg_rc4_apply(MgRc4 *rc4, guint8 *bytes, gsize size);

/* A connection's two streams. */
typedef struct {
  MgRc4 in, out;
} MgRtmpCipher;

/* Of the side that has OWN as its public key, PEER's being the other's; all are of 128 bytes. */
void mg_rtmp_cipher_init(MgRtmpCipher *cipher, const guint8 *shared, const guint8 *own,
                         const guint8 *peer);
