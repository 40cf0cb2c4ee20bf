/*
 * What a viewer can unpack: Accept-Encoding (RFC 9110 §12.5.3), as far as gzip is concerned.
 *
 * Pure functions, any thread.
 */
#pragma once

#include "http/text.h"

/* The weights named so far, in thousandths; -1: not named. Start with MG_HTTP_ACCEPT_INIT. */
typedef struct {
  int gzip, identity, any;
} MgHttpAccept;

#define MG_HTTP_ACCEPT_INIT                                                                        \
  {                                                                                                \
    -1, -1, -1                                                                                     \
  }

/* Reads one field; several make one list. What is not understood counts as refused. */
void mg_http_accept_read(MgHttpAccept *accept, MgHttpText field);

/* Whether to answer with gzip: it is allowed, and identity is not named as better. */
gboolean mg_http_accept_wants_gzip(const MgHttpAccept *accept);
