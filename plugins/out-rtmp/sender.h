/*
 * From streams and buffers to RTMP messages: what is sent on one connection, and when it begins.
 *
 * One video and one audio track. Nothing goes out until decoding can begin: at a key frame, with what is
 * known of the stream in front of it (onMetaData, configurations); sound waits for the picture, but
 * not for ever. Time begins at 0 with each connection, and what is older than that is left out. A
 * configuration that changes is said again in front of the first frame that needs it.
 *
 * Pure but for the caller that it writes to; on one lane.
 */
#pragma once

#include <mediagraph/buffer.h>
#include <rtmp/caller.h>

typedef struct {
  MgStream *stream;       /* a reference; NULL: there is no such track */
  gboolean is_muted;      /* the server does not take its codec */
  gboolean owes_setup;    /* its configuration has not been sent, or has changed */
  gboolean waits_for_key; /* video: since then */
} SenderTrack;

typedef struct {
  SenderTrack video, audio;
  gboolean has_begun;
  MgTime origin;      /* media time of the first message */
  MgTime waits_until; /* arrival up to which sound waits for the picture; 0: nothing came yet */
} Sender;

/* What RTMP can carry, to a MG_CODEC_NONE. */
extern const MgCodec sender_codecs[];

/* Whether RTMP can carry STREAM at all; FALSE and ERROR, which says what to do. */
gboolean sender_check(MgStream *stream, GError **error);

/* The track that STREAM (borrowed) is declared for from here on; NULL: it has ended. */
void sender_declare(Sender *sender, MgMedia media, MgStream *stream);

/* There is no connection, and what was known of the server is forgotten. */
void sender_rest(Sender *sender);

/* Whether sending may begin with BUFFER. */
gboolean sender_can_begin(Sender *sender, const MgBuffer *buffer);

/*
 * A connection has started: what was sent before is forgotten. Returned-owned: a sentence about tracks
 * that the server does not take, or NULL; ALL says whether none is left.
 */
char *sender_start(Sender *sender, const MgRtmpCaller *caller, gboolean *all);

/* Writes BUFFER (borrowed), or leaves it out and returns FALSE. */
gboolean sender_push(Sender *sender, MgRtmpCaller *caller, const MgBuffer *buffer);

void sender_clear(Sender *sender);
