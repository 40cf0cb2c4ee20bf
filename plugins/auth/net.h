/*
 * Addresses and networks: who a key may be used by. Pure functions, any thread.
 */
#pragma once

#include <glib.h>

/* An address; one of IPv4 that came in IPv6's clothes (::ffff:192.0.2.7) is IPv4. */
typedef struct {
  guint8 bytes[16];
  guint n_bits; /* 32 or 128 */
} AuthAddress;

/* The first PREFIX bits of an address. */
typedef struct {
  AuthAddress address;
  guint prefix;
} AuthNet;

/* "192.0.2.7", "2001:db8::1". FALSE: it is none. */
gboolean auth_address_parse(const char *text, AuthAddress *address);

/*
 * The same with a port behind it, as connections name their peers: "192.0.2.7:5",
 * "[2001:db8::1]:5".
 */
gboolean auth_address_parse_peer(const char *peer, AuthAddress *address);

/*
 * "192.0.2.0/24", "2001:db8::/32", or an address alone. FALSE: it is none, or has bits behind its
 * prefix.
 */
gboolean auth_net_parse(const char *text, AuthNet *net);

/* Returned-owned: as auth_net_parse() takes it. */
char *auth_net_write(const AuthNet *net);

gboolean auth_net_has(const AuthNet *net, const AuthAddress *address);

/* Who is slowed down together: one IPv4 address, or an IPv6 /64. */
void auth_address_to_peer_net(const AuthAddress *address, AuthNet *net);
