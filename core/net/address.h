/*
 * Socket addresses as text and as the kernel wants them.
 *
 * Text is "192.0.2.7:1935" or "[2001:db8::7]:1935". Only numbers are read (and "localhost"): a name
 * would have to be resolved, and that blocks. Pure functions, any thread.
 */
#pragma once

#include <glib.h>

#include <netinet/in.h>
#include <sys/socket.h>

typedef struct {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  };
  socklen_t size;
} MgAddress;

/* FALSE and ERROR, which says what an address looks like. */
gboolean mg_address_parse(const char *text, MgAddress *address, GError **error);

/* Returned-owned. An IPv4 peer of an IPv6 socket is shown as IPv4. */
char *mg_address_format(const MgAddress *address);

guint mg_address_port(const MgAddress *address);

/* Whether it stands for all addresses of the machine: 0.0.0.0 or [::]. */
gboolean mg_address_is_any(const MgAddress *address);

/*
 * Who the peer is, for counting: the IPv4 address, or the /64 that an IPv6 address is in, since one
 * host chooses freely there. Without the port.
 */
typedef struct {
  guint8 bytes[16];
} MgPeerKey;

MgPeerKey mg_address_peer_key(const MgAddress *address);
