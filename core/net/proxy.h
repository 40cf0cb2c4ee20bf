/*
 * The PROXY protocol, versions 1 and 2: what a proxy that passes bytes on says before them, about who called
 * it. Pure functions, any thread.
 */
#pragma once

#include "net/address.h"

enum { MG_PROXY_MOST = 4096 }; /* bytes of a header; with what may follow the addresses */

typedef enum {
  MG_PROXY_NONE, /* it does not begin with one */
  MG_PROXY_MORE, /* it may be one, or is, and goes on */
  MG_PROXY_BAD,  /* it breaks the rules */
  MG_PROXY_DONE,
} MgProxyResult;

/*
 * Reads the header at the beginning of what has come, all SIZE bytes of it. DONE: USED is its size, and PEER who
 * called, if it says so; else PEER is as it was.
 */
MgProxyResult mg_proxy_parse(const guint8 *bytes, gsize size, gsize *used, MgAddress *peer);
