/* Limits: viewers that are slow, idle or too many. Time is real, limits are short. */
#include "fixture.h"

#include "loop/lane.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Sends a byte every few milliseconds for as long as the server takes them: never idle, never done. */
static void
trickle(int fd)
{
  while (!mg_client_has_input(fd, 5))
    if (send(fd, "a", 1, MSG_NOSIGNAL) != 1)
      break;
}

static void
test_slow_header(void)
{
  Fixture f;
  fixture_init(&f);
  f.config.header_timeout = 100 * MG_MILLISECOND;
  fixture_start(&f);
  int fd = mg_client_connect(f.port);
  mg_client_send_text(fd, "GET / HTTP/1.1\r\nX: ");
  trickle(fd);
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpuint(answer.status, ==, 408);
  close(fd);
  fixture_stop(&f);
}

static void
test_silent(void)
{
  Fixture f;
  fixture_init(&f);
  f.config.header_timeout = 50 * MG_MILLISECOND;
  fixture_start(&f);
  int fd = mg_client_connect(f.port);
  fixture_wait_closed(fd);
  close(fd);
  fixture_stop(&f);
}

static void
test_idle(void)
{
  Fixture f;
  fixture_init(&f);
  f.config.idle_timeout = 50 * MG_MILLISECOND;
  fixture_start(&f);
  int fd = mg_client_connect(f.port);
  g_auto(Answer) answer = fixture_ask(fd, "GET /healthz HTTP/1.1\nHost: x\n\n");
  g_assert_cmpuint(answer.status, ==, 200);
  fixture_wait_closed(fd);
  close(fd);
  fixture_stop(&f);
}

enum { HUGE_BYTES = 64 << 20 };

static void
put_huge(Fixture *f)
{
  g_autoptr(MgData) data = mg_data_new(HUGE_BYTES);
  memset(data->bytes, 'x', data->size);
  MgHttpContent content = { .size = sizeof content, .data = data };
  mg_http_interface.folder_put(f->folder, "huge", &content);
}

/* Takes a little now and then, but less than it must. */
static void
test_slow_reader(void)
{
  Fixture f;
  fixture_init(&f);
  f.config.min_rate = 1 << 30;
  f.config.rate_window = 100 * MG_MILLISECOND;
  fixture_start(&f);
  put_huge(&f);
  int fd = mg_client_socket();
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &(int){ 4096 }, sizeof(int));
  mg_client_connect_socket(fd, f.port);
  g_autofree char *request = fixture_crlf("GET /files/huge HTTP/1.1\nHost: x\n\n");
  mg_client_send_text(fd, request);
  char block[512];
  gssize n;
  while ((n = recv(fd, block, sizeof block, 0)) > 0)
    g_usleep(1000);
  g_assert_cmpint(n, ==, -1); /* a reset: what came must look incomplete */
  close(fd);
  fixture_stop(&f);
}

/* Takes a little all the time for a second, then the rest: its longest pause. Fails if it is cut without one. */
static MgTime
read_steadily(int fd, MgTime window)
{
  g_autofree char *block = g_malloc(32768);
  MgTime longest = 0, start = mg_now(), last = start;
  for (gsize left = HUGE_BYTES; left > 0;) {
    gssize n = recv(fd, block, 32768, 0);
    longest = MAX(longest, mg_now() - last);
    last = mg_now();
    if (n <= 0 && longest > window / 2)
      return longest;
    g_assert_cmpint(n, >, 0);
    left -= (gsize) n;
    if (last < start + MG_SECOND)
      g_usleep(5000);
  }
  return longest;
}

/* Several windows long. A reader whom the machine kept from reading was not steady, and tries again. */
static void
test_steady_reader_is_not_cut(void)
{
  Fixture f;
  fixture_init(&f);
  f.config.rate_window = 200 * MG_MILLISECOND;
  fixture_start(&f);
  put_huge(&f);
  MgTime longest;
  do {
    int fd = mg_client_connect(f.port);
    g_autofree char *request = fixture_crlf("GET /files/huge HTTP/1.1\nHost: x\n\n");
    mg_client_send_text(fd, request);
    g_free(mg_client_receive_until(fd, "\r\n\r\n"));
    longest = read_steadily(fd, f.config.rate_window);
    close(fd);
  } while (longest > f.config.rate_window / 2);
  fixture_stop(&f);
}

static gint
n_clients(Fixture *f)
{
  return g_atomic_int_get(&f->http->n_clients);
}

static gboolean
has_two(gpointer data)
{
  return n_clients(data) == 2;
}

/* Both places are taken by viewers that are being answered: nobody can make room. */
static void
test_too_many(void)
{
  Fixture f;
  fixture_init(&f);
  f.config.max_connections = 2;
  fixture_start(&f);
  put_huge(&f);
  int busy[2];
  g_autofree char *request = fixture_crlf("GET /files/huge HTTP/1.1\nHost: x\n\n");
  for (guint i = 0; i < 2; i++) {
    busy[i] = mg_client_connect(f.port);
    mg_client_send_text(busy[i], request);
    g_free(mg_client_receive_until(busy[i], "\r\n\r\n"));
  }
  g_assert_true(mg_client_wait(has_two, &f));
  int fd = mg_client_connect(f.port);
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpuint(answer.status, ==, 503);
  fixture_wait_closed(fd);
  close(fd);
  close(busy[0]);
  close(busy[1]);
  fixture_stop(&f);
}

static void
test_oldest_idle_makes_room(void)
{
  Fixture f;
  fixture_init(&f);
  f.config.max_connections = 2;
  fixture_start(&f);
  static const char request[] = "GET /healthz HTTP/1.1\nHost: x\n\n";
  int old = mg_client_connect(f.port);
  g_auto(Answer) first = fixture_ask(old, request);
  g_assert_cmpuint(first.status, ==, 200);
  int young = mg_client_connect(f.port);
  g_auto(Answer) second = fixture_ask(young, request);
  g_assert_cmpuint(second.status, ==, 200);
  int third = mg_client_connect(f.port);
  g_auto(Answer) answer = fixture_ask(third, request);
  g_assert_cmpuint(answer.status, ==, 200);
  fixture_wait_closed(old);
  g_auto(Answer) still = fixture_ask(young, request);
  g_assert_cmpuint(still.status, ==, 200);
  close(old);
  close(young);
  close(third);
  fixture_stop(&f);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_lanes_start(1); /* whose idle connections can make room is then known */
  g_test_add_func("/http/slow/header-has-an-absolute-deadline", test_slow_header);
  g_test_add_func("/http/slow/silent-connection-is-closed", test_silent);
  g_test_add_func("/http/slow/idle-connection-is-closed", test_idle);
  g_test_add_func("/http/slow/slow-reader-is-reset", test_slow_reader);
  g_test_add_func("/http/slow/steady-reader-is-not-cut", test_steady_reader_is_not_cut);
  g_test_add_func("/http/slow/beyond-the-limit-is-503", test_too_many);
  g_test_add_func("/http/slow/oldest-idle-one-makes-room", test_oldest_idle_makes_room);
  int failed = g_test_run();
  mg_lanes_stop();
  return failed;
}
