/*
 * RTMPE's key agreement: Diffie-Hellman in the second Oakley group (RFC 2409 6.2), with 2 as generator.
 * Numbers are big-endian. Nothing here takes the same time for every secret. Private to this library.
 */
#pragma once

#include <glib.h>

enum { MG_RTMP_DH_BYTES = 128, MG_RTMP_SECRET_BYTES = 32 };

/* 2 to the power of SECRET. */
void mg_rtmp_dh_public(const guint8 secret[MG_RTMP_SECRET_BYTES], guint8 own[MG_RTMP_DH_BYTES]);

/* PEER to the power of SECRET; FALSE: PEER is no public key. */
gboolean mg_rtmp_dh_shared(const guint8 secret[MG_RTMP_SECRET_BYTES],
                           const guint8 peer[MG_RTMP_DH_BYTES], guint8 shared[MG_RTMP_DH_BYTES]);
