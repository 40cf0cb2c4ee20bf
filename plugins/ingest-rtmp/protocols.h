/*
 * Which protocol a peer speaks: RTMP is carried in several ways, and all come to one port. TLS, which
 * begins with byte 0x16, has been taken off before anything is looked at here.
 */
#pragma once

#include <glib.h>

/* Values of the attribute `protocols`. */
typedef enum {
  PROTOCOL_RTMP = 1 << 0,
  PROTOCOL_RTMPS = 1 << 1, /* RTMP in TLS */
  PROTOCOL_RTMPE = 1 << 2, /* RTMP in RC4 */
} Protocol;

/* What begins with byte FIRST; 0: nothing that is known. */
Protocol protocol_of(guint8 first, gboolean is_secure);

/* "RTMPS" */
const char *protocol_name(Protocol protocol);
