/*
 * The errors of this library. Messages are for the operator and say what the peer sent; text that
 * came from the peer is escaped in them.
 */
#pragma once

#include <glib.h>

#define MG_RTMP_ERROR (mg_rtmp_error_quark())

typedef enum {
  MG_RTMP_ERROR_NOT_RTMP, /* the peer speaks another protocol (TLS, HTTP, RTMPE) */
  MG_RTMP_ERROR_PROTOCOL, /* bytes that break the protocol: close the connection */
  MG_RTMP_ERROR_LIMIT,    /* legal, but more than we take: close the connection */
  MG_RTMP_ERROR_MEMORY,   /* no memory for what arrived */
  MG_RTMP_ERROR_NAME,     /* an app or stream name outside the grammar: refuse the publisher */
  MG_RTMP_ERROR_REFUSED,  /* the server we call will not have us */
  MG_RTMP_ERROR_ENDED,    /* the server we called has ended the stream */
} MgRtmpError;

GQuark mg_rtmp_error_quark(void);
