/*
 * One publisher: an RTMP connection that logs in as an encoder does and then sends tags, each with one
 * write, or as many as it says.
 *
 * CONNECTING → GREETING → READY → (PLAYING) → LOST. In raw mode nothing is waited for: the bytes of the
 * handshake and the commands go out at once, and whatever comes back is thrown away, so a server that
 * only reads gets what an RTMP server gets. What the kernel does not take is kept and sent first.
 */
#pragma once

#include "clip.h"
#include "wire.h"

#include <bytes/writer.h>
#include <rtmp/chunk.h>
#include <rtmp/handshake.h>

#include <netinet/in.h>

/* What all publishers have in common. */
typedef struct {
  struct sockaddr_in address;
  const Clip *clip;
  const char *app;
  const char *tc_url;
  const char *prefix; /* of the streams' names; a number follows */
  guint32 chunk_size;
  gsize write_bytes; /* at most in one write, and so in one record of TLS */
  gboolean is_raw;
  gboolean is_idle; /* asks for nothing behind connect: then it is READY, and may send no tag */
  SSL_CTX *tls;     /* NULL: RTMP, else RTMPS */
  int epoll_fd;
} LoadSetup;

typedef enum {
  PUBLISHER_CONNECTING,
  PUBLISHER_GREETING, /* handshake and commands */
  PUBLISHER_READY,    /* the server has said that publishing may start */
  PUBLISHER_LOST,     /* ERROR tells why */
} PublisherState;

typedef struct {
  const LoadSetup *setup;
  guint index;
  Wire wire;
  guint events; /* what epoll watches for */
  PublisherState state;
  GError *error;
  gint64 begun_ns, ready_ns; /* the way from connect to READY */

  MgRtmpHandshake *handshake; /* NULL once done */
  MgRtmpChunkReader *reader;
  MgRtmpChunkWriter writer;
  guint32 stream_id;

  MgWriter out; /* what is written and not yet sent begins at SENT */
  gsize sent;

  gboolean is_playing;
  guint32 loop; /* how often the clip has been sent */
  guint64 n_tags, n_bytes, n_blocked;
} Publisher;

/* Begins to connect. A failure shows as state LOST. */
void publisher_open(Publisher *p, const LoadSetup *setup, guint index);
void publisher_clear(Publisher *p);

/* For the EPOLL* bits that happened on its socket. */
void publisher_on_events(Publisher *p, guint events);

/* Sends the tag with that index; only in state READY. The first to go must be tag 0. */
void publisher_send_tag(Publisher *p, guint tag);

/* Ends the stream in an orderly way, as far as the kernel takes it at once. */
void publisher_say_goodbye(Publisher *p);
