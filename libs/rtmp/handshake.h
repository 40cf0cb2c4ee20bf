/*
 * The RTMP handshake (Adobe's RTMP specification 5.2), both sides, without a socket: bytes in, bytes
 * out, split anywhere.
 *
 * The server answers the simple handshake and the one with digests that Flash players and some
 * encoders insist on (HMAC-SHA256, digest scheme 0 or 1, whichever the client used). A client that
 * announces digests but sends none that fits gets the simple answer. What C2 echoes is not checked:
 * old encoders send anything. The client side does the simple handshake only.
 *
 * The server may also be allowed to agree on RTMPE (types 6, 8 and 9, whichever the client asks for): then what
 * follows the handshake is encrypted, both ways. The types differ in how the server's signature is hidden.
 *
 * Randomness comes from the caller: a block of MG_RTMP_HANDSHAKE_BYTES fresh bytes per connection.
 * Deadlines are the caller's too. Any thread, one at a time.
 */
#pragma once

#include "bytes/reader.h"
#include "bytes/writer.h"
#include "rtmp/cipher.h"

#include <glib.h>

enum { MG_RTMP_HANDSHAKE_BYTES = 1536 };

typedef struct MgRtmpHandshake MgRtmpHandshake;

typedef enum {
  MG_RTMP_HANDSHAKE_MORE, /* feed it what comes next */
  MG_RTMP_HANDSHAKE_DONE, /* the rest of the input is chunks */
  MG_RTMP_HANDSHAKE_FAILED,
} MgRtmpHandshakeState;

/* Returned-owned. RANDOM is copied. */
MgRtmpHandshake *mg_rtmp_handshake_new_server(const guint8 random[MG_RTMP_HANDSHAKE_BYTES]);

/* Returned-owned; C0 and C1 are appended to OUT at once. */
MgRtmpHandshake *mg_rtmp_handshake_new_client(const guint8 random[MG_RTMP_HANDSHAKE_BYTES],
                                              MgWriter *out);
/*
 * The server may agree on RTMPE from now on. SECRET is copied: fresh random bytes. Before the first feed.
 */
void mg_rtmp_handshake_allow_encryption(MgRtmpHandshake *h, const guint8 secret[32]);

/* After DONE: what the rest is encrypted with; borrowed, NULL: it is not. */
const MgRtmpCipher *mg_rtmp_handshake_cipher(const MgRtmpHandshake *h);

void mg_rtmp_handshake_free(MgRtmpHandshake *h);

/*
 * Takes from IN what belongs to the handshake and not a byte more, and appends to OUT what is to be
 * sent. FAILED sets ERROR (MG_RTMP_ERROR_NOT_RTMP, naming what the first byte looks like, or
 * MG_RTMP_ERROR_PROTOCOL for RTMPE without what it takes) and is final: close the connection. After DONE do not call it again.
 */
MgRtmpHandshakeState mg_rtmp_handshake_feed(MgRtmpHandshake *h, MgReader *in, MgWriter *out,
                                            GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgRtmpHandshake, mg_rtmp_handshake_free)
