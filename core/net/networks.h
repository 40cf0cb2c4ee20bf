/* The part of <mediagraph/networks.h> that is for socket addresses. */
#pragma once

#include "net/address.h"

#include <mediagraph/networks.h>

/* NETWORKS may be NULL: none. */
gboolean mg_networks_have_address(const MgNetworks *networks, const MgAddress *address);
