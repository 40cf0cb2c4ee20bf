/* Calls, against a server that says what each test makes it say. */
#include "hex.h"
#include "rtmp/caller.h"
#include "rtmp/command.h"
#include "rtmp/control.h"
#include "rtmp/error.h"
#include "rtmp/flv.h"
#include "rtmp/reply.h"

#include <string.h>

static const guint8 randomness[MG_RTMP_HANDSHAKE_BYTES] = { 1, 2, 3 };

typedef struct {
  MgRtmpCaller *caller;
  MgRtmpHandshake *handshake;
  MgRtmpChunkReader *reader;
  MgRtmpChunkWriter writer;
  MgWriter out;   /* for the caller */
  GString *heard; /* by the server: a line per message */
  GString *told;  /* to the caller's host: a line per event */
  GError *error;
} Call;

static void
call_init(Call *call, const MgRtmpCallerConfig *config)
{
  *call = (Call){ .writer = MG_RTMP_CHUNK_WRITER_INIT };
  call->caller = mg_rtmp_caller_new(config, randomness);
  call->handshake = mg_rtmp_handshake_new_server(randomness);
  call->reader = mg_rtmp_chunk_reader_new(NULL, NULL, NULL);
  call->heard = g_string_new(NULL);
  call->told = g_string_new(NULL);
}

static void
call_clear(Call *call)
{
  mg_rtmp_caller_free(call->caller);
  mg_rtmp_handshake_free(call->handshake);
  mg_rtmp_chunk_reader_free(call->reader);
  mg_writer_clear(&call->out);
  g_string_free(call->heard, TRUE);
  g_string_free(call->told, TRUE);
  g_clear_error(&call->error);
}

/* --- the server's ears ------------------------------------------------------------------------- */

static void
hear_value(GString *heard, const MgAmf *value)
{
  if (value->type == MG_AMF_STRING)
    g_string_append_printf(heard, " %s", value->text);
  else if (value->type == MG_AMF_NUMBER)
    g_string_append_printf(heard, " %g", value->number);
}

static void
hear_command(Call *call, const MgRtmpMessage *m)
{
  g_auto(MgRtmpCommand) c = { 0 };
  g_assert_true(mg_rtmp_command_parse(m, &c, NULL));
  g_string_append_printf(call->heard, "%s %g", c.name, c.transaction);
  const MgAmf *app = mg_amf_member(c.object, "app");
  if (app != NULL)
    g_string_append_printf(call->heard, " app=%s tcUrl=%s", app->text,
                           mg_amf_member(c.object, "tcUrl")->text);
  for (guint i = 0; mg_rtmp_command_arg(&c, i) != NULL; i++)
    hear_value(call->heard, mg_rtmp_command_arg(&c, i));
}

static void
hear(Call *call, const MgRtmpMessage *m)
{
  MgRtmpUserControl control;
  if (m->type == MG_RTMP_COMMAND) {
    hear_command(call, m);
  } else if (m->type == MG_RTMP_USER_CONTROL) {
    g_assert_true(mg_rtmp_user_control_parse(m, &control));
    g_string_append_printf(call->heard, "event %u %u %u", control.event, control.value,
                           control.buffer_ms);
  } else {
    g_string_append_printf(call->heard, "type %u", m->type);
  }
  if (m->stream_id != 0)
    g_string_append_printf(call->heard, " on %u", m->stream_id);
  g_string_append_c(call->heard, '\n');
}

/* Takes what the caller has to say. */
static void
listen(Call *call)
{
  MgWriter *said = mg_rtmp_caller_output(call->caller);
  MgReader in = MG_READER(said->data, said->size);
  if (call->handshake != NULL &&
      mg_rtmp_handshake_feed(call->handshake, &in, &call->out, NULL) == MG_RTMP_HANDSHAKE_DONE)
    g_clear_pointer(&call->handshake, mg_rtmp_handshake_free);
  MgRtmpMessage m;
  while (call->handshake == NULL &&
         mg_rtmp_chunk_reader_next(call->reader, &in, &m, NULL) == MG_RTMP_CHUNK_MESSAGE) {
    hear(call, &m);
    mg_rtmp_chunk_reader_release(call->reader, &m);
  }
  mg_writer_reset(said);
}

/* --- the caller's ears ------------------------------------------------------------------------- */

static void
tell(Call *call, MgRtmpCallerEvent *event)
{
  static const char *const names[] = { "more", "started", "data", "audio", "video", "failed" };
  g_string_append(call->told, names[event->kind]);
  if (event->kind >= MG_RTMP_CALLER_DATA && event->kind <= MG_RTMP_CALLER_VIDEO)
    g_string_append_printf(call->told, " %u %" G_GSIZE_FORMAT, event->message.timestamp,
                           event->message.size);
  g_string_append_c(call->told, '\n');
  g_free(event->message.block);
}

static void
feed(Call *call, const guint8 *bytes, gsize size)
{
  MgReader in = MG_READER(bytes, size);
  MgRtmpCallerEvent event = { 0 };
  while (call->error == NULL &&
         mg_rtmp_caller_next(call->caller, &in, &event, &call->error) != MG_RTMP_CALLER_MORE)
    tell(call, &event);
}

/* Lets both sides say all they have to say: the server in pieces of PIECE bytes. */
static void
run(Call *call, gsize piece)
{
  listen(call);
  while (call->out.size > 0) {
    g_auto(MgWriter) said = call->out;
    call->out = MG_WRITER_INIT;
    for (gsize at = 0; at < said.size; at += piece)
      feed(call, said.data + at, MIN(piece, said.size - at));
    listen(call);
  }
}

/* --- conversations ----------------------------------------------------------------------------- */

static const MgRtmpCallerConfig publisher = {
  .app = "live/inst",
  .stream = "cam?key=x",
  .tc_url = "rtmp://origin/live/inst",
  .chunk_size = 65536,
};

static const MgRtmpCallerConfig player = {
  .plays = TRUE,
  .app = "live",
  .stream = "cam",
  .tc_url = "rtmp://origin/live",
  .chunk_size = 4096,
  .buffer_ms = 3000,
};

static void
answer_connect(Call *call, gboolean is_enhanced)
{
  static const guint32 video[] = { MG_FLV_HEVC, 0 };
  MgRtmpConnectReply reply = {
    .transaction = 1,
    .window_bytes = 2500000,
    .chunk_size = 4096,
    .is_enhanced = is_enhanced,
    .video = video,
  };
  mg_rtmp_reply_connect(&call->writer, &call->out, &reply);
}

static void
answer_create(Call *call, gdouble id)
{
  mg_rtmp_reply_result(&call->writer, &call->out, 2);
  mg_rtmp_reply_error(&call->writer, &call->out, 3, "NetConnection.Call.Failed", "what is that?");
  mg_rtmp_reply_number(&call->writer, &call->out, 4, id);
}

static void
begin(Call *call, const MgRtmpCallerConfig *config, gsize piece)
{
  call_init(call, config);
  run(call, piece);
  answer_connect(call, FALSE);
  run(call, piece);
  answer_create(call, 7);
  run(call, piece);
}

static void
test_publishing(void)
{
  for (gsize piece = 1; piece < 10000; piece = piece * 7 + 1) {
    Call call;
    begin(&call, &publisher, piece);
    g_assert_cmpstr(call.told->str, ==, "");
    mg_rtmp_reply_publish(&call.writer, &call.out, 7, "go");
    run(&call, piece);
    g_assert_cmpstr(call.told->str, ==, "started\n");
    mg_rtmp_caller_end(call.caller);
    run(&call, piece);
    g_assert_cmpstr(call.heard->str, ==,
                    "connect 1 app=live/inst tcUrl=rtmp://origin/live/inst\n"
                    "type 5\n"
                    "releaseStream 2 cam\n"
                    "FCPublish 3 cam\n"
                    "createStream 4\n"
                    "publish 5 cam?key=x live on 7\n"
                    "FCUnpublish 6 cam\n"
                    "deleteStream 7 7\n");
    call_clear(&call);
  }
}

static void
test_playing(void)
{
  for (gsize piece = 1; piece < 10000; piece = piece * 7 + 1) {
    Call call;
    begin(&call, &player, piece);
    mg_rtmp_reply_status(&call.writer, &call.out, 7, "status", "NetStream.Play.Reset", "");
    mg_rtmp_reply_status(&call.writer, &call.out, 7, "status", "NetStream.Play.Start", "");
    MgRtmpMessage media = { 6, 40, 7, MG_RTMP_VIDEO, (const guint8 *) "picture", 7, NULL };
    mg_rtmp_chunk_write(&call.writer, &call.out, &media);
    media.type = MG_RTMP_AUDIO;
    media.timestamp = 50;
    mg_rtmp_chunk_write(&call.writer, &call.out, &media);
    media.type = MG_RTMP_DATA;
    mg_rtmp_chunk_write(&call.writer, &call.out, &media);
    mg_rtmp_write_user_control(&call.writer, &call.out, MG_RTMP_PING_REQUEST, 99);
    run(&call, piece);
    g_assert_cmpstr(call.told->str, ==, "started\nvideo 40 7\naudio 50 7\ndata 50 7\n");
    mg_rtmp_write_user_control(&call.writer, &call.out, MG_RTMP_STREAM_EOF, 6);
    run(&call, piece);
    g_assert_no_error(call.error);
    mg_rtmp_write_user_control(&call.writer, &call.out, MG_RTMP_STREAM_EOF, 7);
    run(&call, piece);
    g_assert_error(call.error, MG_RTMP_ERROR, MG_RTMP_ERROR_ENDED);
    g_assert_cmpstr(call.heard->str, ==,
                    "connect 1 app=live tcUrl=rtmp://origin/live\n"
                    "type 5\n"
                    "createStream 4\n"
                    "play 5 cam -2000 on 7\n"
                    "event 3 7 3000\n"
                    "event 7 99 0\n");
    call_clear(&call);
  }
}

static void
test_parts_of_an_aggregate_are_media(void)
{
  Call call;
  g_auto(MgWriter) tags = MG_WRITER_INIT;
  begin(&call, &player, 1000);
  put_hex(&tags, "09 000002 000064 00 000000 1701 0000000d"
                 "08 000001 000074 00 000000 af 0000000c");
  MgRtmpMessage m = { 6, 5000, 7, MG_RTMP_AGGREGATE, tags.data, tags.size, NULL };
  mg_rtmp_chunk_write(&call.writer, &call.out, &m);
  run(&call, 1000);
  g_assert_cmpstr(call.told->str, ==, "video 5000 2\naudio 5016 1\n");
  call_clear(&call);
}

/* What is said between the handshake and the first frame, byte by byte. */
static void
test_bytes_of_publishing(void)
{
  Call call;
  static const guint32 video[] = { MG_FLV_HEVC, 0 };
  MgRtmpCallerConfig config = {
    .app = "a", .stream = "s", .tc_url = "rtmp://h/a", .video = video, .chunk_size = 65536
  };
  call_init(&call, &config);
  MgWriter *out = mg_rtmp_caller_output(call.caller);
  g_assert_cmpuint(out->size, ==, 1 + MG_RTMP_HANDSHAKE_BYTES);
  listen(&call);
  feed(&call, call.out.data, call.out.size);
  mg_writer_reset(&call.out);
  g_assert_cmpuint(out->size, >, MG_RTMP_HANDSHAKE_BYTES);
  assert_hex(out->data + MG_RTMP_HANDSHAKE_BYTES, out->size - MG_RTMP_HANDSHAKE_BYTES,
             "03 000000 0000dd 14 00000000"
             "02 0007 'connect' 00 3ff0000000000000 03"
             "0003 'app' 02 0001 'a' 0004 'type' 02 000a 'nonprivate'"
             "0008 'flashVer' 02 0021 'FMLE/3.0 (compatible; mediagraph)'"
             "0005 'tcUrl' 02 000a 'rtmp://h/a'"
             "0006 'capsEx' 00 0000000000 c3 000000"
             "000a 'fourCcList' 0a 00000001 02 0004 'hvc1'"
             "0012 'videoFourCcInfoMap' 03 0004 'hvc1' 00 4010000000000000 000009"
             "0012 'audioFourCcInfoMap' 03 000009 000009");
  call_clear(&call);
}

static void
test_bytes_of_media(void)
{
  Call call;
  begin(&call, &publisher, 1000);
  mg_rtmp_reply_publish(&call.writer, &call.out, 7, "go");
  run(&call, 1000);
  MgWriter *out = mg_rtmp_caller_output(call.caller);
  mg_rtmp_caller_send(call.caller, MG_RTMP_VIDEO, 16,
                      (MgRtmpPiece[]){ { (const guint8 *) "\x17\x01", 2 },
                                       { NULL, 0 },
                                       { (const guint8 *) "pic", 3 } },
                      3);
  mg_rtmp_caller_send(call.caller, MG_RTMP_AUDIO, 20,
                      (MgRtmpPiece[]){ { (const guint8 *) "\xaf\x01", 2 } }, 1);
  assert_hex(out->data, out->size,
             "06 000010 000005 09 07000000 1701 'pic' 04 000014 000002 08 07000000 af01");
  call_clear(&call);
}

static void
test_codecs_are_known_from_the_answer(void)
{
  Call call;
  call_init(&call, &publisher);
  run(&call, 1000);
  g_assert_cmpuint(mg_rtmp_caller_codec(call.caller, MG_FLV_HEVC), ==, 0);
  answer_connect(&call, TRUE);
  run(&call, 1000);
  g_assert_cmpuint(mg_rtmp_caller_codec(call.caller, MG_FLV_HEVC), !=, 0);
  g_assert_cmpuint(mg_rtmp_caller_codec(call.caller, MG_FLV_VVC), ==, 0);
  call_clear(&call);
}

/* --- refusals ---------------------------------------------------------------------------------- */

static void
assert_over(Call *call, MgRtmpError code, const char *sentence)
{
  run(call, 1000);
  g_assert_error(call->error, MG_RTMP_ERROR, (int) code);
  g_assert_cmpstr(call->error->message, ==, sentence);
  g_assert_true(g_str_has_suffix(call->told->str, "failed\n"));
  g_autoptr(GError) again = NULL;
  MgReader in = MG_READER((const guint8 *) "", 0);
  MgRtmpCallerEvent event;
  g_assert_cmpint(mg_rtmp_caller_next(call->caller, &in, &event, &again), ==,
                  MG_RTMP_CALLER_FAILED);
  call_clear(call);
}

static void
test_a_refused_app(void)
{
  Call call;
  call_init(&call, &publisher);
  run(&call, 1000);
  mg_rtmp_reply_error(&call.writer, &call.out, 1, "NetConnection.Connect.InvalidApp", "no 'live'");
  assert_over(&call, MG_RTMP_ERROR_REFUSED, "the server has no such app: it says \"no 'live'\"");
}

static void
test_a_refused_stream(void)
{
  Call call;
  begin(&call, &publisher, 1000);
  mg_rtmp_reply_status(&call.writer, &call.out, 7, "error", "NetStream.Publish.Whatever", "no\n");
  assert_over(&call, MG_RTMP_ERROR_REFUSED, "the server refuses: it says \"no\\x0a\"");
}

static void
test_a_refusal_of_a_hidden_name(void)
{
  Call call;
  MgRtmpCallerConfig config = publisher;
  config.hides_names = TRUE;
  begin(&call, &config, 1000);
  mg_rtmp_reply_status(&call.writer, &call.out, 7, "error", "NetStream.Publish.BadName",
                       "key x is bad");
  assert_over(&call, MG_RTMP_ERROR_REFUSED,
              "the server refuses the stream's name or key, or has a publisher of it already");
}

static void
test_the_end_of_a_publication(void)
{
  Call call;
  begin(&call, &publisher, 1000);
  mg_rtmp_reply_publish(&call.writer, &call.out, 7, "go");
  mg_rtmp_reply_status(&call.writer, &call.out, 7, "status", "NetStream.Unpublish.Success", "bye");
  assert_over(&call, MG_RTMP_ERROR_ENDED, "the server has ended the stream: it says \"bye\"");
}

static void
test_another_protocol(void)
{
  Call call;
  call_init(&call, &publisher);
  feed(&call, (const guint8 *) "HTTP/1.1 400 Bad Request", 24);
  g_assert_error(call.error, MG_RTMP_ERROR, MG_RTMP_ERROR_NOT_RTMP);
  call_clear(&call);
}

static void
test_an_answer_nobody_asked_for(void)
{
  Call call;
  call_init(&call, &publisher);
  run(&call, 1000);
  answer_create(&call, 7);
  mg_rtmp_reply_publish(&call.writer, &call.out, 7, "go");
  run(&call, 1000);
  g_assert_cmpstr(call.told->str, ==, "");
  g_assert_no_error(call.error);
  call_clear(&call);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/caller/publishing", test_publishing);
  g_test_add_func("/rtmp/caller/playing", test_playing);
  g_test_add_func("/rtmp/caller/parts-of-an-aggregate-are-media",
                  test_parts_of_an_aggregate_are_media);
  g_test_add_func("/rtmp/caller/bytes-of-publishing", test_bytes_of_publishing);
  g_test_add_func("/rtmp/caller/bytes-of-media", test_bytes_of_media);
  g_test_add_func("/rtmp/caller/codecs-are-known-from-the-answer",
                  test_codecs_are_known_from_the_answer);
  g_test_add_func("/rtmp/caller/a-refused-app", test_a_refused_app);
  g_test_add_func("/rtmp/caller/a-refused-stream", test_a_refused_stream);
  g_test_add_func("/rtmp/caller/a-refusal-of-a-hidden-name", test_a_refusal_of_a_hidden_name);
  g_test_add_func("/rtmp/caller/the-end-of-a-publication", test_the_end_of_a_publication);
  g_test_add_func("/rtmp/caller/another-protocol", test_another_protocol);
  g_test_add_func("/rtmp/caller/an-answer-nobody-asked-for", test_an_answer_nobody_asked_for);
  return g_test_run();
}
