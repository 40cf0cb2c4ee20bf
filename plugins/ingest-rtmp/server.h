/*
 * The server's side of one RTMP connection that publishes or plays: bytes in, events and replies out.
 *
 * No socket, no clock, no thread. The host feeds what it receives, does what each event says, and then
 * sends what has gathered in the output, in one write:
 *
 *   MgReader in = MG_READER(bytes, size);
 *   do
 *     kind = rtmp_server_next(server, &in, &event, &error);
 *   while (host does what KIND says);
 *   send rtmp_server_output(server), and reset it
 *
 * A connection goes handshake → connect → createStream → publish, and may unpublish and publish again; or
 * play, in place of publish.
 * What a message means in which state stands in one table (server.c), commands in another (commands.c);
 * what is in neither is a protocol error. Everything a peer is refused is said in RTMP first.
 *
 * After PUBLISH the host answers with rtmp_server_accept(), after PLAY with rtmp_server_accept_play(), or rtmp_server_refuse(), after CONNECT with
 * rtmp_server_accept_connect() or rtmp_server_reject_connect(), when it likes, and feeds nothing until
 * then: what is left in IN is the host's to keep. One stream is published at a
 * time. Any thread, one at a time.
 */
#pragma once

#include <rtmp/chunk.h>
#include <rtmp/handshake.h>
#include <rtmp/names.h>

typedef struct RtmpServer RtmpServer;

typedef enum {
  RTMP_EVENT_MORE, /* the input is used up */
  RTMP_EVENT_ENCRYPTED, /* the rest of the input is, with rtmp_server_cipher(), and all output from now on */
  RTMP_EVENT_CONNECT,   /* the peer connects; only when the config asks for it */
  RTMP_EVENT_PUBLISH,   /* the peer asks to publish rtmp_server_name() */
  RTMP_EVENT_DATA,      /* message: onMetaData, or something else to ignore */
  RTMP_EVENT_AUDIO,     /* message: an FLV audio tag's body */
  RTMP_EVENT_VIDEO,     /* message: an FLV video tag's body */
  RTMP_EVENT_PLAY,      /* the peer asks to play rtmp_server_name(); only when the config lets it */
  RTMP_EVENT_WISH,      /* a player wants something else: rtmp_server_wish() */
  RTMP_EVENT_STOP,      /* a player has had enough, of the stream, not of the connection */
  RTMP_EVENT_UNPUBLISH, /* the peer has ended its stream, not the connection */
  RTMP_EVENT_FAILED,    /* the error says why: send the output, then close */
} RtmpEventKind;

typedef struct {
  RtmpEventKind kind;
  /*
   * Of DATA, AUDIO and VIDEO. Its block is the host's; a message without one (part of an aggregate, or
   * empty) is borrowed until the next call.
   */
  MgRtmpMessage message;
} RtmpEvent;

typedef struct {
  const char *app;            /* the only one to be published to; NULL or "": any */
  guint32 chunk_size;         /* of what we send */
  const MgRtmpMemory *memory; /* of payloads, called with USER */
  gpointer user;
  gboolean plays;         /* streams may be played, too */
  gboolean tells_connect; /* the host decides who may connect */
  gboolean hides_names;   /* names may be keys: no sentence for the peer or the log quotes one */
  const guint32 *video, *audio; /* FourCCs that are taken, each to a 0; NULL: none */
  const MgRtmpLimits *limits;   /* NULL: the defaults */
} RtmpServerConfig;

/* What a player wants at the moment. */
typedef struct {
  gboolean is_paused, no_audio, no_video;
} RtmpPlayWish;

/* What players get their media in chunks of, from accept_play() on. */
enum { RTMP_PLAY_CHUNK_BYTES = 65536 };

/* The app of a publisher that names none. */
#define RTMP_SERVER_DEFAULT_APP "live"

/* Returned-owned. CONFIG and what it points to are borrowed for the server's life, RANDOM is copied. */
RtmpServer *rtmp_server_new(const RtmpServerConfig *config,
                            const guint8 random[MG_RTMP_HANDSHAKE_BYTES]);

/* RTMPE may be agreed on. SECRET is copied: fresh random bytes. Before the first rtmp_server_next(). */
void rtmp_server_allow_encryption(RtmpServer *server, const guint8 secret[32]);

/* Returned-owned, once, after ENCRYPTED: decrypt what is fed and encrypt the output by it. */
MgRtmpCipher *rtmp_server_take_cipher(RtmpServer *server);

/* NULL is fine. */
void rtmp_server_free(RtmpServer *server);

/* Reads IN until there is something to tell. Sets ERROR with FAILED, which is final. */
RtmpEventKind rtmp_server_next(RtmpServer *server, MgReader *in, RtmpEvent *event, GError **error);

/* Borrowed: what is to be sent. The host resets it. */
MgWriter *rtmp_server_output(RtmpServer *server);

/* What is asked for, or published: app and stream are never empty. Borrowed until it is unpublished. */
const MgRtmpName *rtmp_server_name(const RtmpServer *server);

/* Answers CONNECT: app and query of the name are what the peer has sent. */
void rtmp_server_accept_connect(RtmpServer *server);

/* Answers CONNECT with NetConnection.Connect.Rejected and a description. Send, then close. */
void rtmp_server_reject_connect(RtmpServer *server, const char *description);

/* Answers PUBLISH: it may begin. */
void rtmp_server_accept(RtmpServer *server);

/* Answers PUBLISH or PLAY with CODE ("NetStream.Publish.BadName") and a sentence. Send, then close. */
void rtmp_server_refuse(RtmpServer *server, const char *code, const char *why);

/* Answers PLAY: media on rtmp_server_stream_id() may follow the output. */
void rtmp_server_accept_play(RtmpServer *server);

/* Tells a player that its stream has ended. The connection may play another one. */
void rtmp_server_end_play(RtmpServer *server, const char *why);

guint32 rtmp_server_stream_id(const RtmpServer *server);
const RtmpPlayWish *rtmp_server_wish(const RtmpServer *server);

/* Whether a player can be sent CODEC, a FourCC: by a classic tag, or because it said so. */
gboolean rtmp_server_decodes(const RtmpServer *server, guint32 codec);

/* Whether a player can be sent several tracks of a kind, in messages that say which. */
gboolean rtmp_server_takes_tracks(const RtmpServer *server);

/* Tells a publisher that its stream has been ended, and why. Send, then close. */
void rtmp_server_evict(RtmpServer *server, const char *why);

/* Whether the peer has said that it can connect again when it is asked to. */
gboolean rtmp_server_can_reconnect(const RtmpServer *server);

/* Asks a publisher that knows how to connect again, because of WHY; others hear nothing. */
void rtmp_server_ask_to_reconnect(RtmpServer *server, const char *why);

/* Asks the peer for a sign of life. */
void rtmp_server_ping(RtmpServer *server, guint32 now_ms);

gboolean rtmp_server_is_past_handshake(const RtmpServer *server);

/*
 * About how many bytes of media have come, messages that are not yet whole included: it grows when
 * media does, and only then.
 */
guint64 rtmp_server_media_bytes(const RtmpServer *server);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(RtmpServer, rtmp_server_free)
