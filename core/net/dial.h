/*
 * How an outgoing connection comes about: names, addresses, attempts. Belongs to its connection until that
 * is connected or closed.
 */
#pragma once

#include "net/private.h"

typedef struct MgDial MgDial;

/* All that was to be done has been: tells the caller that it is connected, and frees DIAL. */
void mg_dial_succeed(MgDial *dial);

/*
 * tls.c: the connection, whose socket is connected, is to be TLS with HOST. How that went is told by
 * mg_dial_succeed(), or it is closed.
 */
void mg_tls_call(MgConnection *connection, MgTlsTrust *trust, const char *host);

/* NULL is fine. On its lane. */
void mg_dial_free(MgDial *dial);
