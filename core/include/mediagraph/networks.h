/*
 * Sets of addresses, as operators write them: "10.0.0.0/8 192.0.2.7 2001:db8::/32".
 *
 * An address is numbers only; an IPv4 address that is written as an IPv6 one (::ffff:192.0.2.7) counts as IPv4.
 * Counted and immutable; any thread.
 */
#pragma once

#include <mediagraph/types.h>

G_BEGIN_DECLS

typedef struct MgNetworks MgNetworks;

/* Returned-owned: those that TEXT names, separated by spaces. NULL and ERROR name the one that is none. */
MG_API MgNetworks *mg_networks_new(const char *text, GError **error);

MG_API MgNetworks *mg_networks_ref(MgNetworks *networks);

/* NULL is fine. */
MG_API void mg_networks_unref(MgNetworks *networks);

/*
 * Whether ADDRESS belongs to one of them. It may have a port: "192.0.2.7:80", "[2001:db8::7]:80". NULL has
 * none; what is no address belongs to none.
 */
MG_API gboolean mg_networks_have(const MgNetworks *networks, const char *address);

/* Whether it is an address at all. */
MG_API gboolean mg_networks_is_address(const char *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgNetworks, mg_networks_unref)

G_END_DECLS
