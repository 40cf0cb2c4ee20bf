/*
 * One connection to a server that is to take our stream: binds the protocol (rtmp/caller.h) to a socket.
 *
 * It is opened on an I/O lane, by an owner who lives there, and tells it of its life: started() once at
 * most, and ended() in the end, unless the owner has left before. It outlives its owner for as long as
 * goodbyes take, and holds its node meanwhile.
 */
#pragma once

#include <mediagraph/node.h>
#include <mediagraph/tls.h>
#include <rtmp/caller.h>
#include <rtmp/url.h>

typedef struct Link Link;

typedef struct {
  void (*started)(gpointer owner); /* the server takes the stream: send */
  void (*drained)(gpointer owner); /* all that was sent has left */
  /* It is over, and gone: REASON is a sentence, with a subject of its own. */
  void (*ended)(gpointer owner, const char *reason);
} LinkEvents;

typedef struct {
  MgNode *node;         /* held meanwhile */
  const MgRtmpUrl *url; /* borrowed during the call */
  MgTlsTrust *trust;    /* the same; NULL: in the clear */
  MgTime timeout;       /* from the first packet to started() */
  gsize most_queued_bytes;
  const LinkEvents *events; /* borrowed for ever, called with OWNER */
  gpointer owner;
} LinkSetup;

/* Returned-owned: calls. NULL and ERROR: no randomness. */
Link *link_open(const LinkSetup *setup, GError **error);

/* Borrowed. What is written with it goes out with link_send(). */
MgRtmpCaller *link_caller(Link *link);
void link_send(Link *link);

/* Bytes that wait to leave, and all that have left. */
gsize link_queued(const Link *link);
guint64 link_sent(const Link *link);

/* The owner leaves: says goodbye to the server, for a while at most. LINK is gone for the owner. */
void link_close(Link *link, const char *reason);
