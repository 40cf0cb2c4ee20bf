/*
 * Who asks, behind proxies: X-Forwarded-For, or Forwarded (RFC 7239) where there is none.
 *
 * Each proxy puts behind the list who called it. So it is read from its end, for as long as who called is a
 * proxy itself; what stands before that anybody can have written. Pure functions, any thread.
 */
#pragma once

#include "http/text.h"

#include <mediagraph/networks.h>

/*
 * Returned-owned: who asks, when PEER, who is connected ("192.0.2.7:50311"), is one of PROXIES (NULL: none); NULL:
 * PEER does. The fields are absent when they were not sent.
 */
char *mg_http_forwarded_peer(const MgNetworks *proxies, const char *peer,
                             MgHttpText x_forwarded_for, MgHttpText forwarded);
