/*
 * Which protocol a peer speaks: RTMP is carried in several ways, and all come to one port. TLS, which
 * begins with byte 0x16, has been taken off before anything is looked at here.
 */
#pragma once

#include <glib.h>

/* Values of the attribute `protocols`. */
typedef enum {
  PROTOCOL_RTMP = 1 << 0,
  PROTOCOL_RTMPS = 1 << 1,  /* RTMP in TLS */
  PROTOCOL_RTMPE = 1 << 2,  /* RTMP in RC4 */
  PROTOCOL_RTMPT = 1 << 3,  /* RTMP in requests of HTTP */
  PROTOCOL_RTMPTS = 1 << 4, /* and those in TLS */
  PROTOCOL_RTMPTE = 1 << 5, /* RTMPE in requests of HTTP */
} Protocol;

enum { N_PROTOCOLS = 6 };

/* What bytes come in. */
typedef enum {
  CARRIER_TCP,
  CARRIER_TLS,
  CARRIER_TUNNEL, /* requests of HTTP */
  CARRIER_TLS_TUNNEL,
  N_CARRIERS,
} Carrier;

/* What may begin with byte FIRST there: protocols added up; 0: nothing that is known. */
guint protocols_of_byte(guint8 first, Carrier carrier);

/* Whether byte FIRST of a connection begins a request of HTTP. */
gboolean protocol_is_http(guint8 first);

/* "rtmpt" of RTMPT and RTMPTS: what the auth service is told, besides TLS. Of several the first. */
const char *protocol_word(guint protocols);

/* "RTMPS"; of several the first. */
const char *protocol_name(guint protocols);
