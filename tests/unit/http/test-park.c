/* Routes: answering at once, parking, waking from elsewhere, cancelling, growing answers. */
#include "fixture.h"

#include "loop/lane.h"

#include <string.h>
#include <unistd.h>

static const MgHttpInterface *http = &mg_http_interface;

/* Who waits, as a playlist's owner would keep it. */
typedef struct {
  Fixture fixture;
  GMutex lock;
  GQueue waiters; /* of MgHttpRequest *, owned */
  MgTime deadline;
  guint n_cancelled, n_handled;
  MgHttpRoute *route;
} Desk;

static void
respond_text(MgHttpRequest *request, const char *text)
{
  g_autoptr(MgData) data = mg_data_new_copy(text, strlen(text));
  MgHttpContent content = { .size = sizeof content, .content_type = "text/plain", .data = data };
  http->respond(request, &content);
}

static void
on_cancelled(MgHttpRequest *request, gpointer data)
{
  Desk *desk = data;
  g_mutex_lock(&desk->lock);
  gboolean was_mine = g_queue_remove(&desk->waiters, request);
  desk->n_cancelled++;
  g_mutex_unlock(&desk->lock);
  if (was_mine)
    http->respond(request, NULL);
}

static void
park(MgHttpRequest *request, gpointer data)
{
  Desk *desk = data;
  http->park(request, desk->deadline, on_cancelled, desk);
  g_mutex_lock(&desk->lock);
  g_queue_push_tail(&desk->waiters, request);
  desk->n_handled++;
  g_mutex_unlock(&desk->lock);
}

static void
desk_open(Desk *desk, MgHttpHandler handler)
{
  *desk = (Desk){ .deadline = G_MAXINT64 };
  fixture_init(&desk->fixture);
  fixture_start(&desk->fixture);
  g_mutex_init(&desk->lock);
  desk->route = http->route_new(desk->fixture.http, "/wait", handler, desk);
}

static MgHttpRequest *
take_waiter(Desk *desk)
{
  g_mutex_lock(&desk->lock);
  MgHttpRequest *request = g_queue_pop_head(&desk->waiters);
  g_mutex_unlock(&desk->lock);
  return request;
}

/* As an owner ends: first no more handlers, then whoever still waits. */
static void
desk_close(Desk *desk)
{
  http->route_free(desk->route);
  for (MgHttpRequest *r = take_waiter(desk); r != NULL; r = take_waiter(desk))
    http->respond(r, NULL);
  fixture_stop(&desk->fixture);
  g_mutex_clear(&desk->lock);
}

typedef struct {
  Desk *desk;
  const guint *counter;
  guint least;
} Goal;

static gboolean
is_reached(gpointer data)
{
  Goal *goal = data;
  g_mutex_lock(&goal->desk->lock);
  gboolean reached = *goal->counter >= goal->least;
  g_mutex_unlock(&goal->desk->lock);
  return reached;
}

static void
wait_for(Desk *desk, const guint *counter, guint least)
{
  Goal goal = { desk, counter, least };
  g_assert_true(mg_client_wait(is_reached, &goal));
}

static int
ask(Desk *desk, const char *request)
{
  int fd = mg_client_connect(desk->fixture.port);
  g_autofree char *bytes = fixture_crlf(request);
  mg_client_send_text(fd, bytes);
  return fd;
}

static void
echo(MgHttpRequest *request, gpointer data)
{
  g_autofree char *text = g_strjoin(" ", http->request_path(request), http->request_query(request),
                                    http->request_peer(request), NULL);
  respond_text(request, text);
}

static void
test_at_once(void)
{
  Desk desk;
  desk_open(&desk, echo);
  int fd = mg_client_connect_from("127.0.0.5", desk.fixture.port);
  for (guint i = 0; i < 3; i++) {
    g_auto(Answer) answer = fixture_ask(fd, "GET /%77ait?_HLS_msn=%37 HTTP/1.1\nHost: x\n\n");
    g_assert_cmpuint(answer.status, ==, 200);
    g_assert_true(g_str_has_prefix(answer.body, "/wait _HLS_msn=%37 127.0.0.5:"));
  }
  g_auto(Answer) plain = fixture_ask(fd, "GET /wait HTTP/1.1\nHost: x\n\n");
  g_assert_true(g_str_has_prefix(plain.body, "/wait  127.0.0.5:"));
  close(fd);
  desk_close(&desk);
}

/* Of 127.0.0.5, which is a proxy, the viewer counts; of others, themselves. */
static void
test_peer_behind_a_proxy(void)
{
  Desk desk = { .deadline = G_MAXINT64 };
  g_autoptr(MgNetworks) proxies = mg_networks_new("127.0.0.5 10.0.0.0/8", NULL);
  static const char request[] =
      "GET /wait HTTP/1.1\nHost: x\nX-Forwarded-For: 6.6.6.6, 192.0.2.7, 10.1.2.3\n\n";
  fixture_init(&desk.fixture);
  desk.fixture.config.proxies = proxies;
  fixture_start(&desk.fixture);
  g_mutex_init(&desk.lock);
  desk.route = http->route_new(desk.fixture.http, "/wait", echo, &desk);
  int proxy = mg_client_connect_from("127.0.0.5", desk.fixture.port);
  int other = mg_client_connect_from("127.0.0.6", desk.fixture.port);
  g_auto(Answer) told = fixture_ask(proxy, request);
  g_auto(Answer) untold = fixture_ask(other, request);
  g_assert_cmpstr(told.body, ==, "/wait  192.0.2.7");
  g_assert_true(g_str_has_prefix(untold.body, "/wait  127.0.0.6:"));
  close(proxy);
  close(other);
  desk_close(&desk);
}

static void
test_woken_from_another_thread(void)
{
  Desk desk;
  desk_open(&desk, park);
  int fd = ask(&desk, "GET /wait HTTP/1.1\nHost: x\n\nGET /healthz HTTP/1.1\nHost: x\n\n");
  wait_for(&desk, &desk.n_handled, 1);
  g_assert_false(mg_client_has_input(fd, 0));
  respond_text(take_waiter(&desk), "awake");
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpstr(answer.body, ==, "awake");
  g_auto(Answer) next = fixture_receive(fd, TRUE);
  g_assert_cmpstr(next.body, ==, "ok\n");
  close(fd);
  desk_close(&desk);
  g_assert_cmpuint(desk.n_cancelled, ==, 0);
}

/* One put, many answers, on connections of both lanes. */
static void
test_many_woken_with_a_resource(void)
{
  enum { N = 60 };
  Desk desk;
  desk_open(&desk, park);
  int fds[N];
  for (guint i = 0; i < N; i++)
    fds[i] = ask(&desk, "GET /wait HTTP/1.1\nHost: x\n\n");
  wait_for(&desk, &desk.n_handled, N);
  fixture_put(&desk.fixture, "playlist", "#EXTM3U\n");
  for (MgHttpRequest *r = take_waiter(&desk); r != NULL; r = take_waiter(&desk))
    http->respond_with(r, desk.fixture.folder, "playlist");
  for (guint i = 0; i < N; i++) {
    g_auto(Answer) answer = fixture_receive(fds[i], TRUE);
    g_assert_cmpstr(answer.body, ==, "#EXTM3U\n");
    close(fds[i]);
  }
  desk_close(&desk);
}

static void
test_respond_with_nothing(void)
{
  Desk desk;
  desk_open(&desk, park);
  int fd = ask(&desk, "GET /wait HTTP/1.1\nHost: x\n\n");
  wait_for(&desk, &desk.n_handled, 1);
  http->respond_with(take_waiter(&desk), desk.fixture.folder, "none");
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpuint(answer.status, ==, 404);
  close(fd);
  desk_close(&desk);
}

static void
test_conditions_apply_to_routes(void)
{
  Desk desk;
  desk_open(&desk, park);
  int fd = ask(&desk, "GET /wait HTTP/1.1\nHost: x\nIf-None-Match: \"playlist\"\n\n");
  wait_for(&desk, &desk.n_handled, 1);
  fixture_put(&desk.fixture, "playlist", "#EXTM3U\n");
  http->respond_with(take_waiter(&desk), desk.fixture.folder, "playlist");
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpuint(answer.status, ==, 304);
  close(fd);
  desk_close(&desk);
}

static void
test_deadline(void)
{
  Desk desk;
  desk_open(&desk, park);
  desk.deadline = mg_now() + 50 * MG_MILLISECOND;
  int fd = ask(&desk, "GET /wait HTTP/1.1\nHost: x\n\n");
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpuint(answer.status, ==, 503);
  g_assert_cmpint(mg_now(), >=, desk.deadline);
  wait_for(&desk, &desk.n_cancelled, 1);
  g_auto(Answer) next = fixture_ask(fd, "GET /healthz HTTP/1.1\nHost: x\n\n");
  g_assert_cmpuint(next.status, ==, 200);
  close(fd);
  desk_close(&desk);
}

static void
test_viewer_goes(void)
{
  Desk desk;
  desk_open(&desk, park);
  int fd = ask(&desk, "GET /wait HTTP/1.1\nHost: x\n\n");
  wait_for(&desk, &desk.n_handled, 1);
  close(fd);
  wait_for(&desk, &desk.n_cancelled, 1);
  g_assert_null(take_waiter(&desk));
  desk_close(&desk);
}

/* The owner has taken the request off its list when the viewer goes: the answer is thrown away. */
static void
test_answer_to_a_cancelled_request(void)
{
  Desk desk;
  desk_open(&desk, park);
  int fd = ask(&desk, "GET /wait HTTP/1.1\nHost: x\n\n");
  wait_for(&desk, &desk.n_handled, 1);
  MgHttpRequest *request = take_waiter(&desk);
  close(fd);
  wait_for(&desk, &desk.n_cancelled, 1);
  respond_text(request, "too late");
  desk_close(&desk);
}

/* Viewers that go and answers that come, at the same moment. */
static void
test_races(void)
{
  enum { ROUNDS = 100, N = 8 };
  Desk desk;
  desk_open(&desk, park);
  for (guint round = 0; round < ROUNDS; round++) {
    int fds[N];
    for (guint i = 0; i < N; i++)
      fds[i] = ask(&desk, "GET /wait HTTP/1.1\nHost: x\n\n");
    wait_for(&desk, &desk.n_handled, (round + 1) * N);
    for (guint i = 0; i < N; i++) {
      close(fds[i]);
      MgHttpRequest *request = take_waiter(&desk);
      if (request != NULL)
        respond_text(request, "perhaps");
    }
  }
  desk_close(&desk);
}

static void
test_route_ends_while_parked(void)
{
  Desk desk;
  desk_open(&desk, park);
  int fd = ask(&desk, "GET /wait HTTP/1.1\nHost: x\n\n");
  wait_for(&desk, &desk.n_handled, 1);
  http->route_free(desk.route);
  http->respond(take_waiter(&desk), NULL);
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpuint(answer.status, ==, 503);
  g_auto(Answer) gone = fixture_ask(fd, "GET /wait HTTP/1.1\nHost: x\n\n");
  g_assert_cmpuint(gone.status, ==, 404);
  close(fd);
  desk.route = http->route_new(desk.fixture.http, "/wait", park, &desk);
  desk_close(&desk);
}

static void
test_head(void)
{
  Desk desk;
  desk_open(&desk, echo);
  int fd = mg_client_connect(desk.fixture.port);
  g_auto(Answer) head = fixture_ask(fd, "HEAD /wait HTTP/1.1\nHost: x\n\n");
  g_assert_cmpuint(head.status, ==, 200);
  g_auto(Answer) next = fixture_ask(fd, "GET /healthz HTTP/1.1\nHost: x\n\n");
  g_assert_cmpstr(next.body, ==, "ok\n");
  close(fd);
  desk_close(&desk);
}

static void
write_text(MgHttpRequest *request, const char *text)
{
  g_autoptr(MgData) data = mg_data_new_copy(text, strlen(text));
  http->respond_write(request, data);
}

static const MgHttpContent growing = { .size = sizeof growing, .content_type = "video/mp4" };

static void
test_growing(void)
{
  Desk desk;
  desk_open(&desk, park);
  int fd = ask(&desk, "GET /wait HTTP/1.1\nHost: x\n\nGET /healthz HTTP/1.1\nHost: x\n\n");
  wait_for(&desk, &desk.n_handled, 1);
  MgHttpRequest *request = take_waiter(&desk);
  http->respond_start(request, &growing);
  write_text(request, "first ");
  g_autofree char *head = mg_client_receive_until(fd, "\r\n\r\n6\r\nfirst \r\n");
  g_assert_nonnull(strstr(head, "\r\nTransfer-Encoding: chunked\r\n"));
  write_text(request, "");
  write_text(request, "second");
  http->respond_end(request);
  g_autofree char *rest = mg_client_receive_until(fd, "0\r\n\r\n");
  g_assert_cmpstr(rest, ==, "6\r\nsecond\r\n0\r\n\r\n");
  g_auto(Answer) next = fixture_receive(fd, TRUE);
  g_assert_cmpstr(next.body, ==, "ok\n");
  close(fd);
  desk_close(&desk);
}

static void
grow_in_handler(MgHttpRequest *request, gpointer data)
{
  g_autoptr(MgData) start = mg_data_new_copy("begin ", 6);
  MgHttpContent content = growing;
  content.data = start;
  http->respond_start(request, &content);
  write_text(request, "end");
  http->respond_end(request);
}

static void
test_growing_in_the_handler(void)
{
  Desk desk;
  desk_open(&desk, grow_in_handler);
  int fd = mg_client_connect(desk.fixture.port);
  for (guint i = 0; i < 2; i++) {
    g_auto(Answer) answer = fixture_ask(fd, "GET /wait HTTP/1.1\nHost: x\n\n");
    g_assert_cmpstr(answer.body, ==, "begin end");
  }
  g_auto(Answer) head = fixture_ask(fd, "HEAD /wait HTTP/1.1\nHost: x\n\n");
  g_assert_cmpuint(head.status, ==, 200);
  g_auto(Answer) next = fixture_ask(fd, "GET /healthz HTTP/1.1\nHost: x\n\n");
  g_assert_cmpstr(next.body, ==, "ok\n");
  close(fd);
  desk_close(&desk);
}

static void
test_growing_in_http_1_0(void)
{
  Desk desk;
  desk_open(&desk, grow_in_handler);
  int fd = ask(&desk, "GET /wait HTTP/1.0\nConnection: keep-alive\n\n");
  g_autofree char *all = mg_client_receive_all(fd, NULL, NULL);
  g_assert_true(g_str_has_suffix(all, "Connection: close\r\n\r\nbegin end"));
  g_assert_null(strstr(all, "chunked"));
  close(fd);
  desk_close(&desk);
}

static void
test_growing_viewer_goes(void)
{
  Desk desk;
  desk_open(&desk, park);
  int fd = ask(&desk, "GET /wait HTTP/1.1\nHost: x\n\n");
  wait_for(&desk, &desk.n_handled, 1);
  MgHttpRequest *request = take_waiter(&desk);
  http->respond_start(request, &growing);
  write_text(request, "first");
  g_free(mg_client_receive_until(fd, "first\r\n"));
  close(fd);
  wait_for(&desk, &desk.n_cancelled, 1);
  write_text(request, "second");
  http->respond_end(request);
  desk_close(&desk);
}

/* Nobody reads: what waits is bounded, and the owner is told. */
static void
test_growing_viewer_falls_behind(void)
{
  Desk desk;
  desk_open(&desk, park);
  int fd = ask(&desk, "GET /wait HTTP/1.1\nHost: x\n\n");
  wait_for(&desk, &desk.n_handled, 1);
  MgHttpRequest *request = take_waiter(&desk);
  g_autoptr(MgData) megabyte = mg_data_new(1 << 20);
  memset(megabyte->bytes, 'x', megabyte->size);
  http->respond_start(request, &growing);
  for (guint i = 0; i < 64; i++)
    http->respond_write(request, megabyte);
  wait_for(&desk, &desk.n_cancelled, 1);
  http->respond_end(request);
  close(fd);
  desk_close(&desk);
}

static void
forget(MgHttpRequest *request, gpointer data)
{
}

static void
test_forgetful_handler(void)
{
  Desk desk;
  desk_open(&desk, forget);
  int fd = mg_client_connect(desk.fixture.port);
  g_auto(Answer) answer = fixture_ask(fd, "GET /wait HTTP/1.1\nHost: x\n\n");
  g_assert_cmpuint(answer.status, ==, 500);
  close(fd);
  desk_close(&desk);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_lanes_start(2);
  g_test_add_func("/http/park/handler-answers-at-once", test_at_once);
  g_test_add_func("/http/park/viewer-behind-a-proxy-is-told", test_peer_behind_a_proxy);
  g_test_add_func("/http/park/woken-from-another-thread", test_woken_from_another_thread);
  g_test_add_func("/http/park/many-are-woken-with-one-resource", test_many_woken_with_a_resource);
  g_test_add_func("/http/park/nothing-to-respond-with-is-404", test_respond_with_nothing);
  g_test_add_func("/http/park/conditions-apply-to-routes", test_conditions_apply_to_routes);
  g_test_add_func("/http/park/deadline-is-503-and-cancels", test_deadline);
  g_test_add_func("/http/park/viewer-who-goes-cancels", test_viewer_goes);
  g_test_add_func("/http/park/answer-to-a-cancelled-request-is-thrown-away",
                  test_answer_to_a_cancelled_request);
  g_test_add_func("/http/park/answers-and-cancels-may-race", test_races);
  g_test_add_func("/http/park/route-ends-before-what-is-parked", test_route_ends_while_parked);
  g_test_add_func("/http/park/head-of-a-route-has-no-body", test_head);
  g_test_add_func("/http/grow/chunks-leave-as-they-come", test_growing);
  g_test_add_func("/http/grow/within-the-handler", test_growing_in_the_handler);
  g_test_add_func("/http/grow/http-1.0-ends-with-the-connection", test_growing_in_http_1_0);
  g_test_add_func("/http/grow/viewer-who-goes-cancels", test_growing_viewer_goes);
  g_test_add_func("/http/grow/viewer-who-falls-behind-is-cut-off",
                  test_growing_viewer_falls_behind);
  g_test_add_func("/http/park/forgetful-handler-is-500", test_forgetful_handler);
  int failed = g_test_run();
  mg_lanes_stop();
  return failed;
}
