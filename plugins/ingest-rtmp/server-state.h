/* What server.c and commands.c share: the state of a connection. */
#pragma once

#include "server.h"

#include <rtmp/command.h>
#include <rtmp/control.h>
#include <rtmp/reply.h>

/* Our window, and the peer's until it says otherwise; what other servers use. */
enum { RTMP_WINDOW_BYTES = 2500000 };

/* Published and played on one connection, one after the other: each is news to the operator. */
enum { RTMP_MOST_STREAMS_ASKED = 100 };

typedef enum {
  RTMP_STATE_HANDSHAKE,
  RTMP_STATE_NEW,       /* waits for connect */
  RTMP_STATE_KNOCKING,  /* has sent connect; the host is to answer */
  RTMP_STATE_CONNECTED, /* may publish */
  RTMP_STATE_ASKING,    /* has asked to publish or play; the host is to answer */
  RTMP_STATE_PUBLISHING,
  RTMP_STATE_PLAYING,
  RTMP_STATE_OVER,
  RTMP_N_STATES,
} RtmpState;

struct RtmpServer {
  const RtmpServerConfig *config;
  RtmpState state;
  MgRtmpHandshake *handshake; /* owned, until it is done */
  MgRtmpCipher *cipher;       /* agreed on, until it is taken; owned */
  MgRtmpChunkReader *reader;  /* owned, from then on */
  MgRtmpChunkWriter writer;
  MgWriter out;
  MgRtmpAck ack;
  guint64 other_bytes; /* of messages that are no media, with their headers */

  char *app, *tc_url;          /* as connect had them; owned, may be NULL */
  guint caps;                  /* MG_RTMP_CAN_…, as connect had them */
  MgRtmpConnectReply greeting; /* what connect is to be answered with */
  MgRtmpName name;
  guint32 n_streams; /* made by createStream: 1 to this */
  guint32 n_publishes;
  guint32 stream_id; /* the one that is asked for, published or played */
  RtmpPlayWish wish; /* of who plays */
  guint
      decodes; /* what the peer can decode: a bit for each of the config's video, then audio codecs */
  gboolean wants_fc; /* FCPublish came: publish is answered with onFCPublish, too */

  MgRtmpMessage aggregate; /* its block is owned */
  MgRtmpAggregate parts;   /* of it, while it has a block */
};

/* Whether something for message stream ID is for the stream that is published, as sloppy as peers are:
 * any number will do, unless it is another stream's. */
gboolean rtmp_server_means(const RtmpServer *server, guint32 id);

/* A command message, in NEW, CONNECTED or PUBLISHING. FALSE with ERROR: the connection has failed. */
gboolean rtmp_server_command(RtmpServer *server, MgRtmpMessage *message, RtmpEvent *event,
                             GError **error);

/* One command on its way through its handler. */
typedef struct {
  const MgRtmpMessage *message;
  const MgRtmpCommand *command;
  RtmpEvent *event;
} RtmpCall;

/*
 * What the peer means by its app, tcUrl and stream name, into the server's name; FALSE with ERROR: there can
 * be no such stream.
 */
gboolean rtmp_server_read_name(RtmpServer *server, const char *stream, GError **error);

/* --- play.c: the commands of those that play; as handlers in commands.c -------------------------- */

gboolean rtmp_play_on_play(RtmpServer *server, const RtmpCall *call, GError **error);
gboolean rtmp_play_on_play2(RtmpServer *server, const RtmpCall *call, GError **error);
gboolean rtmp_play_on_pause(RtmpServer *server, const RtmpCall *call, GError **error);
gboolean rtmp_play_on_seek(RtmpServer *server, const RtmpCall *call, GError **error);
gboolean rtmp_play_on_receive_audio(RtmpServer *server, const RtmpCall *call, GError **error);
gboolean rtmp_play_on_receive_video(RtmpServer *server, const RtmpCall *call, GError **error);

/* The player has had enough. */
void rtmp_play_stop(RtmpServer *server, const RtmpCall *call);

/* Notes what connect says that the peer can decode. */
void rtmp_play_note_codecs(RtmpServer *server, const MgRtmpCommand *connect);
