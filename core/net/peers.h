/*
 * How many connections each peer has: what keeps one host from taking all places. Any thread.
 */
#pragma once

#include "net/address.h"

typedef struct MgPeers MgPeers;

/* Returned-owned: allows MOST connections per peer. */
MgPeers *mg_peers_new(guint most);

/* NULL is fine. */
void mg_peers_free(MgPeers *peers);

/* Counts one more connection of KEY; FALSE when it has its share. */
gboolean mg_peers_take(MgPeers *peers, MgPeerKey key);

/* One that was taken has ended. */
void mg_peers_give(MgPeers *peers, MgPeerKey key);
