/*
 * A scripted RTMP client without a socket: says what it is told, in bytes, and notes what the server
 * says, in text. The handshake it does by itself.
 *
 *   MgRtmpClient *client = mg_rtmp_client_new();
 *   mg_rtmp_client_connect(client, "live", NULL);
 *   send mg_rtmp_client_output(client), reset it, and give what comes back to
 *   mg_rtmp_client_receive(client, bytes, size);
 *   g_assert_cmpstr(mg_rtmp_client_heard(client), ==, "…");
 *
 * Used by unit tests against the protocol, over a real socket by others. One thread at a time.
 */
#pragma once

#include <rtmp/chunk.h>

typedef struct MgRtmpClient MgRtmpClient;

/* Returned-owned: C0 and C1 are in its output. */
MgRtmpClient *mg_rtmp_client_new(void);
void mg_rtmp_client_free(MgRtmpClient *client);

/* Borrowed: what is to be sent. Whoever sends it resets it. */
MgWriter *mg_rtmp_client_output(MgRtmpClient *client);

/*
 * For what has no function here: write messages with the writer into where they gather. That is the
 * output, once C2, which they follow, is in it.
 */
MgRtmpChunkWriter *mg_rtmp_client_writer(MgRtmpClient *client);
MgWriter *mg_rtmp_client_messages(MgRtmpClient *client);

/* Takes what the server sent, in any split. */
void mg_rtmp_client_receive(MgRtmpClient *client, const guint8 *bytes, gsize size);

/*
 * What the server has said since the beginning, or since it was forgotten: a line per message, such as
 *
 *   window 2500000            bandwidth 2500000        ack 5000
 *   begin 1                   ping 77                  pong 77
 *   _result 1 NetConnection.Connect.Success            _result 4 1            _result 2
 *   onStatus 1 NetStream.Publish.Start                 onFCPublish NetStream.Publish.Start
 *
 * onStatus comes with its message stream, _result and _error with transaction and code or number, and
 * with "capsEx 15" in front of the code when the server says so.
 */
const char *mg_rtmp_client_heard(const MgRtmpClient *client);
void mg_rtmp_client_forget(MgRtmpClient *client);

/* The description in the last onStatus, _error or connect's _result; "" if there was none. */
const char *mg_rtmp_client_description(const MgRtmpClient *client);

/* Commands. TC_URL NULL: made of APP. Transactions: connect has 1, createStream 4. */
void mg_rtmp_client_connect(MgRtmpClient *client, const char *app, const char *tc_url);
/* The same, with what it can do of Enhanced RTMP: MG_RTMP_CAN_… */
void mg_rtmp_client_connect_enhanced(MgRtmpClient *client, const char *app, guint caps);
void mg_rtmp_client_call(MgRtmpClient *client, const char *name, gdouble transaction,
                         const char *arg);
void mg_rtmp_client_create_stream(MgRtmpClient *client);
void mg_rtmp_client_publish(MgRtmpClient *client, const char *stream);
void mg_rtmp_client_play(MgRtmpClient *client, const char *stream);

/* All of it, as most encoders do: connect, releaseStream, FCPublish, createStream, publish on stream 1. */
void mg_rtmp_client_begin(MgRtmpClient *client, const char *app, const char *stream);
void mg_rtmp_client_unpublish(MgRtmpClient *client, const char *stream);

/* One message of any type, on message stream 1; what follows makes FLV bodies for it. */
void mg_rtmp_client_message(MgRtmpClient *client, guint8 type, guint32 timestamp,
                            gconstpointer bytes, gsize size);
void mg_rtmp_client_avc(MgRtmpClient *client, guint32 timestamp, gboolean is_key,
                        gint32 composition_ms, gconstpointer units, gsize size);
void mg_rtmp_client_avc_config(MgRtmpClient *client, gconstpointer avcc, gsize size);
void mg_rtmp_client_aac(MgRtmpClient *client, guint32 timestamp, gconstpointer frame, gsize size);
void mg_rtmp_client_aac_config(MgRtmpClient *client, gconstpointer asc, gsize size);
void mg_rtmp_client_metadata(MgRtmpClient *client, gdouble width, gdouble height, gdouble fps,
                             gdouble video_kbps, gdouble audio_kbps);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgRtmpClient, mg_rtmp_client_free)

/* Small real configurations and units to go with them. The pictures are not decodable. */
extern const guint8 mg_sample_avcc_720p30[45]; /* High, 1280x720, 30 fps */
extern const guint8 mg_sample_avcc_360p25[41]; /* Constrained Baseline, 640x360, 25 fps fixed */
extern const guint8 mg_sample_idr[9];          /* one unit of five bytes, four-byte length */
extern const guint8 mg_sample_inter[9];        /* P, reference */
extern const guint8 mg_sample_b[9];            /* B, not a reference */
extern const guint8 mg_sample_sei[9];
extern const guint8 mg_sample_asc[2]; /* AAC-LC, 48 kHz, stereo */
extern const guint8 mg_sample_aac[6];
