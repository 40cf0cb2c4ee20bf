/* RTMPT: encoders in requests of HTTP, each on a TCP connection of its own, with a graph around them. */
#include "doubles/client.h"
#include "doubles/rtmp-client.h"
#include "doubles/wait.h"
#include "ingest-rig.h"
#include "loop/clock.h"

#include <string.h>
#include <unistd.h>

#define SAMPLE(name) mg_sample_##name, sizeof mg_sample_##name

static guint port;

static void
start(Rig *rig)
{
  rig_start(rig);
  port = ingest_rig_port(rig, "rtmpt://");
}

/* A rig that takes RTMPT. MORE: attributes. */
static Rig *
begin(const char *more)
{
  g_autofree char *attributes = g_strconcat("protocols=rtmpt ", more, NULL);
  Rig *rig = ingest_rig_new(attributes);
  start(rig);
  return rig;
}

/* --- HTTP -------------------------------------------------------------------------------------- */

typedef struct {
  guint status;
  char *body; /* owned */
  gsize size;
} Answer;

static void
answer_clear(Answer *answer)
{
  g_free(answer->body);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Answer, answer_clear)

static Answer
receive(int fd)
{
  Answer answer;
  g_autofree char *head = mg_client_receive_until(fd, "\r\n\r\n");
  const char *length = strstr(head, "Content-Length: ");
  g_assert_true(g_str_has_prefix(head, "HTTP/1.1 ") && length != NULL);
  answer.status = (guint) g_ascii_strtoull(head + strlen("HTTP/1.1 "), NULL, 10);
  answer.size = (gsize) g_ascii_strtoull(length + strlen("Content-Length: "), NULL, 10);
  answer.body = mg_client_receive(fd, answer.size);
  return answer;
}

static void
post(int fd, const char *path, gconstpointer body, gsize size)
{
  g_autofree char *head = g_strdup_printf(
      "POST %s HTTP/1.1\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n", path, size);
  mg_client_send_text(fd, head);
  mg_client_send(fd, body, size);
}

/* By a connection of its own. */
static Answer
ask(const char *path, gconstpointer body, gsize size)
{
  int fd = mg_client_connect(port);
  post(fd, path, body, size);
  Answer answer = receive(fd);
  close(fd);
  return answer;
}

/* --- tunnels ----------------------------------------------------------------------------------- */

typedef struct {
  MgRtmpClient *client;
  char *id;
  guint sequence; /* of the next request */
} Tube;

static Tube
tube_open(void)
{
  g_auto(Answer) answer = ask("/open/1", "", 1);
  g_assert_cmpuint(answer.status, ==, 200);
  g_assert_cmpuint(answer.size, ==, 33);
  g_assert_cmpint(answer.body[32], ==, '\n');
  return (Tube){ mg_rtmp_client_new(), g_strndup(answer.body, 32), 0 };
}

static void
tube_clear(Tube *t)
{
  mg_rtmp_client_free(t->client);
  g_free(t->id);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Tube, tube_clear)

static char *
path_of(const Tube *t, const char *command, guint sequence)
{
  return g_strdup_printf("/%s/%s/%u", command, t->id, sequence);
}

/* Sends what the client has to say, or asks for what the server has. */
static void
pump(Tube *t)
{
  MgWriter *out = mg_rtmp_client_output(t->client);
  gboolean has_any = out->size > 0;
  g_autofree char *path = path_of(t, has_any ? "send" : "idle", t->sequence++);
  g_auto(Answer) answer = has_any ? ask(path, out->data, out->size) : ask(path, "", 1);
  mg_writer_reset(out);
  g_assert_cmpuint(answer.status, ==, 200);
  g_assert_cmpuint(answer.size, >=, 1);
  mg_rtmp_client_receive(t->client, (const guint8 *) answer.body + 1, answer.size - 1);
}

static void
hear(Tube *t, const char *text)
{
  gint64 end = mg_wait_begin();
  do {
    pump(t);
    mg_wait_again(end, G_STRLOC, text);
  } while (strstr(mg_rtmp_client_heard(t->client), text) == NULL);
}

static void
say_media(Tube *t, guint n)
{
  mg_rtmp_client_avc_config(t->client, SAMPLE(avcc_720p30));
  mg_rtmp_client_aac_config(t->client, SAMPLE(asc));
  for (guint i = 0; i < n; i++) {
    if (i == 0)
      mg_rtmp_client_avc(t->client, 0, TRUE, 0, SAMPLE(idr));
    else
      mg_rtmp_client_avc(t->client, i * 40, FALSE, 0, SAMPLE(inter));
    mg_rtmp_client_aac(t->client, i * 40, SAMPLE(aac));
  }
}

static void
publish(Tube *t, const char *stream)
{
  mg_rtmp_client_begin(t->client, "live", stream);
  hear(t, "onStatus 1 NetStream.Publish.Start\n");
}

static void
wait_got(Rig *rig, guint n)
{
  mg_wait_until(rig_n_got(rig, "sink") >= n);
  g_assert_cmpuint(rig_n_got(rig, "sink"), ==, n);
}

static gboolean
is_gone(const Tube *t)
{
  g_autofree char *path = path_of(t, "idle", 0);
  g_auto(Answer) answer = ask(path, "", 1);
  return answer.status == 404;
}

/* --- tests ------------------------------------------------------------------------------------- */

/* Enough of them to have some go to the lane of another session. */
static void
test_publishes(void)
{
  enum { N = 8 };
  Rig *rig = begin("");
  Tube tubes[N];
  for (guint i = 0; i < N; i++) {
    g_autofree char *name = g_strdup_printf("cam%u", i);
    tubes[i] = tube_open();
    mg_rtmp_client_begin(tubes[i].client, "live", name);
    say_media(&tubes[i], 50);
    hear(&tubes[i], "onStatus 1 NetStream.Publish.Start\n");
  }
  wait_got(rig, N * 100);
  for (guint i = 0; i < N; i++)
    tube_clear(&tubes[i]);
  rig_stop(rig);
}

/* Its bytes are taken once. */
static void
test_repeated(void)
{
  Rig *rig = begin("");
  g_auto(Tube) t = tube_open();
  publish(&t, "studio");
  say_media(&t, 5);
  MgWriter *out = mg_rtmp_client_output(t.client);
  g_autofree char *path = path_of(&t, "send", t.sequence);
  g_auto(Answer) first = ask(path, out->data, out->size);
  g_assert_cmpuint(first.status, ==, 200);
  for (guint i = 0; i < 3; i++) {
    g_auto(Answer) answer = ask(path, out->data, out->size);
    g_assert_cmpuint(answer.status, ==, 200);
    g_assert_cmpmem(answer.body, answer.size, first.body, first.size);
  }
  mg_writer_reset(out);
  t.sequence++;
  pump(&t);
  wait_got(rig, 10);
  rig_stop(rig);
}

static void
assert_status(guint status, const Tube *t, const char *command, guint sequence)
{
  g_autofree char *path = path_of(t, command, sequence);
  g_auto(Answer) answer = ask(path, "", 1);
  g_assert_cmpuint(answer.status, ==, status);
}

static void
test_lost(void)
{
  Rig *rig = begin("");
  g_auto(Tube) t = tube_open();
  publish(&t, "studio");
  assert_status(400, &t, "send", t.sequence + 1);
  say_media(&t, 1);
  pump(&t);
  wait_got(rig, 2);
  rig_stop(rig);
}

static void
test_no_such_thing(void)
{
  Rig *rig = begin("");
  g_autofree char *zeros = g_strnfill(32, '0');
  Tube none = { .id = zeros };
  g_auto(Tube) t = tube_open();
  assert_status(404, &none, "send", 0);
  assert_status(404, &none, "idle", 0);
  g_auto(Answer) ident = ask("/fcs/ident2", "", 1);
  g_assert_cmpuint(ident.status, ==, 404);
  g_autofree char *path = path_of(&t, "close", 0);
  g_auto(Answer) closed = ask(path, "", 1);
  g_assert_cmpuint(closed.status, ==, 200);
  assert_status(404, &t, "idle", 1);
  rig_stop(rig);
}

static void
test_limit(void)
{
  Rig *rig = begin("max-per-address=2");
  g_auto(Tube) a = tube_open();
  g_auto(Tube) b = tube_open();
  g_auto(Answer) answer = ask("/open/1", "", 1);
  g_assert_cmpuint(answer.status, ==, 503);
  g_assert_cmpstr(a.id, !=, b.id);
  rig_stop(rig);
}

/* Connections that have asked for something are as much of a guest as any, and crowd out no stream. */
static void
test_crowded_out(void)
{
  enum { N = 60, MOST = 20 };
  int sockets[N];
  Rig *rig = begin("max-waiting=20");
  g_auto(Tube) t = tube_open();
  publish(&t, "studio");
  for (guint i = 0; i < N; i++) {
    sockets[i] = mg_client_connect(port);
    post(sockets[i], "/fcs/ident2", "", 1);
    g_auto(Answer) answer = receive(sockets[i]); /* so it is known before the next one comes */
    g_assert_cmpuint(answer.status, ==, 404);
  }
  mg_wait_until(ingest_rig_counter(rig, "crowded-out") >= N - MOST);
  say_media(&t, 3);
  pump(&t);
  wait_got(rig, 6);
  for (guint i = 0; i < N; i++)
    close(sockets[i]);
  rig_stop(rig);
}

/* A player that asks for nothing any more is what memory is short for; it goes. */
static void
test_starved(void)
{
  static const guint8 big[50 << 10] = { 0, 0, 0xc7, 0xfc, 0x65, 0x88 };
  Rig *rig = begin("play=yes play-linger=0s max-message=1MiB max-unfinished=1MiB max-memory=3MiB");
  g_auto(Tube) s = tube_open();
  g_auto(Tube) player = tube_open();
  publish(&s, "studio");
  say_media(&s, 1);
  pump(&s);
  mg_rtmp_client_connect(player.client, "live", NULL);
  mg_rtmp_client_create_stream(player.client);
  mg_rtmp_client_play(player.client, "studio");
  hear(&player, "NetStream.Play.Start\n");
  for (guint i = 1; ingest_rig_counter(rig, "starved") == 0; i++) {
    mg_rtmp_client_avc(s.client, i * 40, TRUE, 0, big, sizeof big);
    pump(&s);
    g_assert_cmpuint(i, <, 200);
  }
  mg_wait_until(is_gone(&player));
  g_autofree char *path = path_of(&s, "close", s.sequence);
  g_auto(Answer) answer = ask(path, "", 1);
  g_assert_cmpuint(answer.status, ==, 200);
  g_assert_cmpuint(ingest_rig_counter(rig, "starved"), ==, 1);
  mg_wait_until(ingest_rig_counter(rig, "memory-bytes") == 0);
  rig_stop(rig);
}

static void
test_deadline(void)
{
  Rig *rig = begin("handshake-timeout=100ms");
  g_auto(Tube) t = tube_open();
  mg_wait_until(is_gone(&t));
  rig_stop(rig);
}

static MgTime fake_time; /* atomic */

static MgTime
fake_now(void)
{
  return __atomic_load_n(&fake_time, __ATOMIC_ACQUIRE);
}

static void
advance(MgTime time)
{
  __atomic_fetch_add(&fake_time, time, __ATOMIC_ACQ_REL);
}

/* Whether the lane of T looks at the clock by being asked, in no request of T's. */
static gboolean
is_gone_out_of_turn(const Tube *t)
{
  g_autofree char *path = path_of(t, "idle", t->sequence + 1000);
  g_auto(Answer) answer = ask(path, "", 1);
  g_assert_cmpuint(answer.status, ==, answer.status == 404 ? 404 : 400);
  return answer.status == 404;
}

/* Its publisher has gone without a word, and is known to have before media are missed. */
static void
test_expires(void)
{
  fake_time = 1000 * MG_SECOND;
  mg_clock_set(fake_now, NULL);
  Rig *rig = begin("tunnel-timeout=4s input-timeout=5m media-timeout=5m");
  rig_pipeline(rig)->linger = 1;
  g_auto(Tube) t = tube_open();
  publish(&t, "studio");
  say_media(&t, 3);
  pump(&t);
  wait_got(rig, 6);
  for (guint i = 0; i < 3; i++) {
    advance(4 * MG_SECOND - 1);
    pump(&t);
  }
  advance(4 * MG_SECOND - 1);
  g_assert_false(is_gone_out_of_turn(&t));
  advance(1);
  mg_wait_until(is_gone_out_of_turn(&t));
  mg_wait_until((advance(2), rig_n_sessions(rig) == 0));
  rig_stop(rig);
  mg_clock_set(NULL, NULL);
}

/* On one connection, all at once, in pieces. */
static void
test_pipelined(void)
{
  Rig *rig = begin("");
  g_auto(Tube) t = tube_open();
  publish(&t, "studio");
  say_media(&t, 3);
  MgWriter *out = mg_rtmp_client_output(t.client);
  GString *all = g_string_new(NULL);
  for (gsize at = 0; at < out->size; at += 10) {
    gsize n = MIN(10, out->size - at);
    g_string_append_printf(all, "POST /send/%s/%u HTTP/1.1\r\nContent-Length: %u\r\n\r\n", t.id,
                           t.sequence++, (guint) n);
    g_string_append_len(all, (const char *) out->data + at, (gssize) n);
  }
  int fd = mg_client_connect(port);
  for (gsize at = 0; at < all->len; at += 100)
    mg_client_send(fd, all->str + at, MIN(100, all->len - at));
  for (gsize at = 0; at < out->size; at += 10) {
    g_auto(Answer) answer = receive(fd);
    g_assert_cmpuint(answer.status, ==, 200);
  }
  wait_got(rig, 6);
  g_string_free(all, TRUE);
  close(fd);
  rig_stop(rig);
}

/* The session of that name is ending, held up by a node: what comes behind publish waits for it. */
static void
test_waits_for_an_ending_session(void)
{
  Rig *rig = ingest_rig_new("protocols=rtmpt");
  rig_add(rig, &rig_sink[MG_RUN_OWN], "slow", "rtmp");
  rig_pipeline(rig)->linger = 1;
  start(rig);
  g_atomic_int_set(&rig_plan(rig, "slow")->blocks, TRUE);
  g_auto(Tube) first = tube_open();
  publish(&first, "studio");
  say_media(&first, 1);
  pump(&first);
  mg_wait_until(rig_count(rig, "slow blocks") == 1);
  g_autofree char *close_path = path_of(&first, "close", first.sequence);
  g_auto(Answer) closed = ask(close_path, "", 1);
  g_assert_cmpuint(closed.status, ==, 200);
  mg_wait_until(rig_count(rig, "sink close") == 1);

  g_auto(Tube) second = tube_open();
  mg_rtmp_client_begin(second.client, "live", "studio");
  pump(&second); /* the handshake; all else has gathered behind it */
  say_media(&second, 20);
  int fd = mg_client_connect(port);
  MgWriter *out = mg_rtmp_client_output(second.client);
  g_autofree char *path = path_of(&second, "send", second.sequence++);
  post(fd, path, out->data, out->size);
  mg_writer_reset(out);
  g_assert_false(mg_client_has_input(fd, 100));
  g_atomic_int_set(&rig_plan(rig, "slow")->blocks, FALSE);
  g_auto(Answer) answer = receive(fd);
  g_assert_cmpuint(answer.status, ==, 200);
  wait_got(rig, 2 + 40);
  close(fd);
  rig_stop(rig);
}

static void
test_refused(void)
{
  Rig *rig = begin("");
  int fd = mg_client_connect(port);
  mg_client_send_text(fd, "POST /open/1 HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n");
  g_auto(Answer) answer = receive(fd);
  g_assert_cmpuint(answer.status, ==, 400);
  gsize size;
  g_free(mg_client_receive_all(fd, &size, NULL));
  g_assert_cmpuint(size, ==, 0);
  close(fd);
  rig_stop(rig);
}

/* In all phases, some with a connection that has half a request. */
static void
test_server_stops(void)
{
  enum { ROUNDS = 5, N = 12 };
  for (guint round = 0; round < ROUNDS; round++) {
    Rig *rig = begin("");
    Tube tubes[N];
    int fds[N];
    for (guint i = 0; i < N; i++) {
      g_autofree char *name = g_strdup_printf("cam%u", i % 3);
      tubes[i] = tube_open();
      mg_rtmp_client_begin(tubes[i].client, "live", name);
      for (guint k = 0; k < i % 6; k++)
        pump(&tubes[i]);
      fds[i] = mg_client_connect(port);
      g_autofree char *path = path_of(&tubes[i], "send", tubes[i].sequence);
      g_autofree char *head =
          g_strdup_printf("POST %s HTTP/1.1\r\nContent-Length: 9\r\n\r\n", path);
      mg_client_send(fds[i], head, strlen(head) - i % 3);
    }
    rig_stop(rig);
    for (guint i = 0; i < N; i++) {
      tube_clear(&tubes[i]);
      close(fds[i]);
    }
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add_func("/ingest-rtmp/tunnel/" path, func)
  ADD("publishes-on-many-connections", test_publishes);
  ADD("takes-a-repeated-request-once", test_repeated);
  ADD("refuses-requests-behind-a-lost-one", test_lost);
  ADD("knows-what-there-is", test_no_such_thing);
  ADD("has-a-limit", test_limit);
  ADD("crowds-out-guests-and-no-streams", test_crowded_out);
  ADD("ends-who-asks-for-too-much-memory", test_starved);
  ADD("ends-without-a-handshake", test_deadline);
  ADD("ends-without-requests", test_expires);
  ADD("takes-requests-one-behind-another", test_pipelined);
  ADD("waits-for-an-ending-session", test_waits_for_an_ending_session);
  ADD("refuses-what-is-no-request", test_refused);
  ADD("ends-with-the-server", test_server_stops);
#undef ADD
  return g_test_run();
}
