/*
 * Digests in the handshake: an HMAC-SHA256 over C1 or S1 at a place that other bytes of it point to,
 * and one at the end of S2. Private to this library.
 */
#pragma once

#include <glib.h>

enum { MG_RTMP_DIGEST_BYTES = 32 };

/* How the block is laid out: which four bytes point to the digest, and into which half. */
typedef enum {
  MG_RTMP_SCHEME_0, /* pointer at 772, digest in the second half */
  MG_RTMP_SCHEME_1, /* pointer at 8, digest in the first half */
} MgRtmpScheme;

/* TRUE when C1 (1536 bytes) carries a client's digest; SCHEME and DIGEST (borrowed from C1) say. */
gboolean mg_rtmp_digest_find(const guint8 *c1, MgRtmpScheme *scheme, const guint8 **digest);

/* Where the public key of RTMPE lies in C1 or S1 (1536 bytes). */
gsize mg_rtmp_digest_key_offset(const guint8 *block, MgRtmpScheme scheme);

/* Puts the server's digest into S1 (1536 bytes). */
void mg_rtmp_digest_sign_s1(guint8 *s1, MgRtmpScheme scheme);

/* Puts the answer to C1_DIGEST at the end of S2 (1536 bytes), encrypted if handshakes of TYPE have it so. */
void mg_rtmp_digest_sign_s2(guint8 *s2, const guint8 *c1_digest, guint8 type);
