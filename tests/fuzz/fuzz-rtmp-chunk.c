/*
 * Any bytes as what an encoder sends after the handshake. They are read twice, whole and in pieces
 * that the first byte decides, and each message is used as a server would. Both must say the same.
 */
#include "rtmp/chunk.h"
#include "rtmp/command.h"
#include "rtmp/control.h"
#include "rtmp/error.h"
#include "rtmp/flv.h"
#include "rtmp/metadata.h"
#include "rtmp/names.h"
#include "rtmp/reply.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

typedef struct {
  MgRtmpChunkReader *reader;
  MgRtmpChunkWriter writer;
  MgWriter out;
  MgRtmpMetadata metadata;
  char *app;
  char *tc_url;
  GChecksum *seen; /* of all messages */
  GError *error;
} Server;

static void
on_connect(Server *s, const MgRtmpCommand *command)
{
  MgRtmpConnect connect;
  mg_rtmp_connect_read(command, &connect);
  g_free(s->app);
  g_free(s->tc_url);
  s->app = g_strdup(connect.app);
  s->tc_url = g_strdup(connect.tc_url);
  MgRtmpConnectReply reply = {
    .transaction = command->transaction,
    .window_bytes = 2500000,
    .chunk_size = 4096,
    .object_encoding = connect.object_encoding,
    .is_enhanced = connect.is_enhanced,
  };
  g_assert(mg_rtmp_connect_codec(command, MG_FLV_AVC) <= 7);
  mg_rtmp_reply_connect(&s->writer, &s->out, &reply);
}

static void
on_publish(Server *s, const MgRtmpCommand *command, guint32 stream_id)
{
  MgRtmpPublish publish;
  g_auto(MgRtmpName) name = { 0 };
  g_autoptr(GError) error = NULL;
  mg_rtmp_publish_read(command, &publish);
  if (!mg_rtmp_name_parse(s->app, s->tc_url, publish.name, &name, &error)) {
    mg_rtmp_reply_status(&s->writer, &s->out, stream_id, "error", "NetStream.Publish.Denied",
                         error->message);
    return;
  }
  g_assert(*name.stream != '\0' && *name.stream != '.' && strchr(name.stream, '/') == NULL);
  mg_rtmp_reply_publish(&s->writer, &s->out, stream_id, name.stream);
}

static void
on_command(Server *s, const MgRtmpMessage *m)
{
  g_auto(MgRtmpCommand) command = { 0 };
  if (!mg_rtmp_command_parse(m, &command, NULL))
    return;
  if (g_str_equal(command.name, "connect"))
    on_connect(s, &command);
  else if (g_str_equal(command.name, "publish"))
    on_publish(s, &command, m->stream_id);
  else if (command.transaction != 0)
    mg_rtmp_reply_result(&s->writer, &s->out, command.transaction);
}

static void
on_media(Server *s, const MgRtmpMessage *m)
{
  MgFlvParts parts = m->type == MG_RTMP_AUDIO ? mg_flv_audio_parts(m->data, m->size)
                                              : mg_flv_video_parts(m->data, m->size);
  MgFlvPart part;
  while ((m->type == MG_RTMP_AUDIO || m->type == MG_RTMP_VIDEO) &&
         mg_flv_parts_next(&parts, &part, NULL))
    g_assert(part.offset + part.size <= m->size);
  if (m->type == MG_RTMP_DATA || m->type == MG_RTMP_DATA_AMF3)
    mg_rtmp_metadata_merge(&s->metadata, m, NULL);
  g_assert(s->metadata.width <= 16384);
}

static void
on_aggregate(Server *s, const MgRtmpMessage *m)
{
  MgRtmpAggregate a;
  MgRtmpMessage part;
  mg_rtmp_aggregate_init(&a, m);
  while (mg_rtmp_aggregate_next(&a, &part))
    on_media(s, &part);
}

static void
on_message(Server *s, const MgRtmpMessage *m)
{
  MgRtmpUserControl control;
  guint32 value;
  switch (m->type) {
  case MG_RTMP_COMMAND:
  case MG_RTMP_COMMAND_AMF3: on_command(s, m); break;
  case MG_RTMP_AGGREGATE: on_aggregate(s, m); break;
  case MG_RTMP_USER_CONTROL: mg_rtmp_user_control_parse(m, &control); break;
  case MG_RTMP_SET_CHUNK_SIZE:
  case MG_RTMP_ABORT: g_assert_not_reached();
  case MG_RTMP_WINDOW_ACK_SIZE: mg_rtmp_control_parse(m, &value); break;
  default: on_media(s, m);
  }
}

static void
note(Server *s, const MgRtmpMessage *m)
{
  const guint32 header[] = { m->csid, m->type, m->timestamp, m->stream_id, (guint32) m->size };
  g_checksum_update(s->seen, (const guint8 *) header, sizeof header);
  if (m->size > 0)
    g_checksum_update(s->seen, m->data, (gssize) m->size);
}

static void
feed(Server *s, MgReader in)
{
  MgRtmpMessage m;
  MgRtmpChunkState state;
  while ((state = mg_rtmp_chunk_reader_next(s->reader, &in, &m, &s->error)) ==
         MG_RTMP_CHUNK_MESSAGE) {
    note(s, &m);
    on_message(s, &m);
    mg_rtmp_chunk_reader_release(s->reader, &m);
  }
  g_assert((state == MG_RTMP_CHUNK_FAILED) == (s->error != NULL));
  g_assert(state != MG_RTMP_CHUNK_MORE || mg_reader_left(&in) == 0);
}

/* Returned-owned: a checksum of what was said and how it ended; NULL when memory decided that. */
static char *
serve(MgReader all, gsize piece)
{
  Server s = { .writer = MG_RTMP_CHUNK_WRITER_INIT, .seen = g_checksum_new(G_CHECKSUM_MD5) };
  s.reader = mg_rtmp_chunk_reader_new(NULL, NULL, NULL);
  while (mg_reader_left(&all) > 0 && s.error == NULL) {
    feed(&s, mg_reader_sub(&all, MIN(piece, mg_reader_left(&all))));
    if (piece != G_MAXSIZE)
      piece = piece * 5 % 251 + 1;
  }
  char *seen = g_strdup_printf("%s %s", g_checksum_get_string(s.seen),
                               s.error != NULL ? s.error->message : "more");
  if (g_error_matches(s.error, MG_RTMP_ERROR, MG_RTMP_ERROR_MEMORY) ||
      g_error_matches(s.error, MG_RTMP_ERROR, MG_RTMP_ERROR_LIMIT))
    g_clear_pointer(&seen, g_free);
  mg_rtmp_chunk_reader_free(s.reader);
  mg_writer_clear(&s.out);
  g_checksum_free(s.seen);
  g_clear_error(&s.error);
  g_free(s.app);
  g_free(s.tc_url);
  return seen;
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  MgReader all = MG_READER(data, size);
  gsize piece = 1 + (gsize) mg_reader_u8(&all);
  g_autofree char *whole = serve(all, G_MAXSIZE);
  g_autofree char *pieces = serve(all, piece);
  g_assert(whole == NULL || pieces == NULL || g_str_equal(whole, pieces));
  return 0;
}
