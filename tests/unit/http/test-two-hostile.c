/* Peers of HTTP/2 that want more than is good: each is refused or cut off, and the others are served. */
#include "fixture.h"
#include "two-client.h"

#include "loop/lane.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

static Fixture fixture;

/* --- frames, byte by byte ---------------------------------------------------------------------- */

static void
add_frame(GByteArray *out, guint8 type, guint8 flags, guint32 stream, gconstpointer payload,
          guint size)
{
  guint8 head[9] = {
    (guint8) (size >> 16),   (guint8) (size >> 8),    (guint8) size,          type,           flags,
    (guint8) (stream >> 24), (guint8) (stream >> 16), (guint8) (stream >> 8), (guint8) stream
  };
  g_byte_array_append(out, head, sizeof head);
  g_byte_array_append(out, payload, size);
}

/* GET PATH: fields of the static table, and two that are written out (RFC 7541 §6.2.2). */
static void
add_request(GByteArray *out, guint32 stream, const char *path, guint8 flags)
{
  g_autoptr(GByteArray) block = g_byte_array_new();
  guint8 n = (guint8) strlen(path);
  g_byte_array_append(block, (const guint8 *) "\x82\x86\x01\x01x\x04", 6);
  g_byte_array_append(block, &n, 1);
  g_byte_array_append(block, (const guint8 *) path, n);
  add_frame(out, NGHTTP2_HEADERS, flags, stream, block->data, block->len);
}

static GByteArray *
begin(void)
{
  GByteArray *out = g_byte_array_new();
  g_byte_array_append(out, (const guint8 *) preface, sizeof preface - 1);
  add_frame(out, NGHTTP2_SETTINGS, 0, 0, NULL, 0);
  return out;
}

/*
 * The error in the GOAWAY at the end of what the server sent until it closed; G_MAXUINT32: there is none. It can get
 * lost when the server closes before it has read all: then IS_RESET.
 */
static guint32
receive_goaway(int fd, gboolean *is_reset)
{
  gsize size, at = 0;
  guint32 error = G_MAXUINT32;
  g_autofree char *all = mg_client_receive_all(fd, &size, is_reset);
  const guint8 *b = (const guint8 *) all;
  while (at + 9 <= size) {
    gsize n = (gsize) b[at] << 16 | (gsize) b[at + 1] << 8 | b[at + 2];
    if (b[at + 3] == NGHTTP2_GOAWAY && at + 17 <= size)
      error = (guint32) b[at + 13] << 24 | (guint32) b[at + 14] << 16 | (guint32) b[at + 15] << 8 |
              b[at + 16];
    at += 9 + n;
  }
  return error;
}

/* Receives frames until N of TYPE have come. */
static void
receive_frames(int fd, guint8 type, guint n)
{
  while (n > 0) {
    g_autofree char *head = mg_client_receive(fd, 9);
    const guint8 *b = (const guint8 *) head;
    g_free(mg_client_receive(fd, (gsize) b[0] << 16 | (gsize) b[1] << 8 | b[2]));
    n -= b[3] == type ? 1 : 0;
  }
}

static void
assert_served(guint port)
{
  TwoClient c;
  two_init(&c, port, 65535);
  g_assert_cmpuint(two_get(&c, "/files/a.txt")->status, ==, 200);
  two_clear(&c);
}

/* Sends OUT (freed); the server must say goodbye with ERROR and close. */
static void
assert_refused(GByteArray *out, guint32 error)
{
  int fd = mg_client_connect(fixture.port);
  gsize done = 0;
  while (done < out->len) {
    gssize n = send(fd, out->data + done, out->len - done, MSG_NOSIGNAL);
    if (n <= 0)
      break; /* it has closed already */
    done += (gsize) n;
  }
  gboolean is_reset;
  guint32 said = receive_goaway(fd, &is_reset);
  g_assert_true(said == error || (said == G_MAXUINT32 && (is_reset || done < out->len)));
  close(fd);
  g_byte_array_unref(out);
  assert_served(fixture.port);
}

/* --- floods -------------------------------------------------------------------------------------- */

static void
test_pings(void)
{
  GByteArray *out = begin();
  for (guint i = 0; i < 3000; i++)
    add_frame(out, NGHTTP2_PING, 0, 0, "pingpong", 8);
  assert_refused(out, NGHTTP2_ENHANCE_YOUR_CALM);
}

static void
test_settings(void)
{
  GByteArray *out = begin();
  for (guint i = 0; i < 3000; i++)
    add_frame(out, NGHTTP2_SETTINGS, 0, 0, "\0\4\0\0\xff\xff", 6);
  assert_refused(out, NGHTTP2_ENHANCE_YOUR_CALM);
}

static void
test_empty_data(void)
{
  GByteArray *out = begin();
  add_request(out, 1, "/files/a.txt", NGHTTP2_FLAG_END_HEADERS);
  for (guint i = 0; i < 3000; i++)
    add_frame(out, NGHTTP2_DATA, 0, 1, NULL, 0);
  assert_refused(out, NGHTTP2_ENHANCE_YOUR_CALM);
}

static void
test_continuations(void)
{
  GByteArray *out = begin();
  add_request(out, 1, "/files/a.txt", NGHTTP2_FLAG_END_STREAM);
  for (guint i = 0; i < 100; i++)
    add_frame(out, NGHTTP2_CONTINUATION, 0, 1, "\0\1a\1b", 5);
  int fd = mg_client_connect(fixture.port);
  mg_client_send(fd, out->data, out->len);
  gboolean is_reset;
  g_assert_cmpuint(receive_goaway(fd, &is_reset), !=, NGHTTP2_NO_ERROR);
  close(fd);
  g_byte_array_unref(out);
  assert_served(fixture.port);
}

static void
test_garbage(void)
{
  GByteArray *out = begin();
  add_frame(out, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 1, "\xff\xff\xff\xff\xff\xff\xff", 7);
  assert_refused(out, NGHTTP2_COMPRESSION_ERROR);
  out = begin();
  add_frame(out, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS, 2, "\x82", 1);
  assert_refused(out, NGHTTP2_PROTOCOL_ERROR);
  out = begin();
  add_frame(out, NGHTTP2_PING, 0, 0, "short", 5);
  assert_refused(out, NGHTTP2_FRAME_SIZE_ERROR);
}

/* --- rapid reset ----------------------------------------------------------------------------------- */

static gint n_parked, n_cancelled;

static void
on_cancelled(MgHttpRequest *request, gpointer data)
{
  g_atomic_int_inc(&n_cancelled);
  mg_http_interface.respond(request, NULL);
}

static void
park(MgHttpRequest *request, gpointer data)
{
  g_atomic_int_inc(&n_parked);
  mg_http_interface.park(request, G_MAXINT64, on_cancelled, NULL);
}

static gboolean
are_all_cancelled(gpointer unused)
{
  return g_atomic_int_get(&n_parked) > 0 &&
         g_atomic_int_get(&n_parked) == g_atomic_int_get(&n_cancelled);
}

static void
test_rapid_reset(void)
{
  MgHttpRoute *route = mg_http_interface.route_new(fixture.http, "/wait", park, NULL);
  GByteArray *out = begin();
  gint before = n_parked;
  for (guint32 i = 0; i < 5000; i++) {
    add_request(out, 1 + 2 * i, "/wait", NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM);
    add_frame(out, NGHTTP2_RST_STREAM, 0, 1 + 2 * i, "\0\0\0\x8", 4);
  }
  assert_refused(out, NGHTTP2_ENHANCE_YOUR_CALM);
  g_assert_true(mg_client_wait(are_all_cancelled, NULL));
  g_assert_cmpint(n_parked - before, <=, 1500);
  mg_http_interface.route_free(route);
}

/* Whether a frame of TYPE comes before the server says goodbye. */
static gboolean
comes_before_goodbye(int fd, guint8 type)
{
  for (;;) {
    g_autofree char *head = mg_client_receive(fd, 9);
    const guint8 *b = (const guint8 *) head;
    g_free(mg_client_receive(fd, (gsize) b[0] << 16 | (gsize) b[1] << 8 | b[2]));
    if (b[3] == type || b[3] == NGHTTP2_GOAWAY)
      return b[3] == type;
  }
}

/* A window that grows too large is an error, for which the server ends the stream itself (CVE-2025-8671). */
static void
test_provoked_resets(void)
{
  MgHttpRoute *route = mg_http_interface.route_new(fixture.http, "/wait", park, NULL);
  g_autoptr(GByteArray) out = begin();
  int fd = mg_client_connect(fixture.port);
  guint n = 0;
  do {
    add_request(out, 1 + 2 * n, "/wait", NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM);
    add_frame(out, NGHTTP2_WINDOW_UPDATE, 0, 1 + 2 * n, "\x7f\xff\xff\xff", 4);
    mg_client_send(fd, out->data, out->len);
    g_byte_array_set_size(out, 0);
    n++;
  } while (n < 3000 && comes_before_goodbye(fd, NGHTTP2_RST_STREAM));
  g_assert_cmpuint(n, >, 900);
  g_assert_cmpuint(n, <, 3000);
  close(fd);
  g_assert_true(mg_client_wait(are_all_cancelled, NULL));
  mg_http_interface.route_free(route);
}

/* Who does not confirm our settings may ask for more streams than there may be: each costs an answer. */
static void
test_refused_streams(void)
{
  MgHttpRoute *route = mg_http_interface.route_new(fixture.http, "/wait", park, NULL);
  GByteArray *out = begin();
  for (guint32 i = 0; i < 5000; i++)
    add_request(out, 1 + 2 * i, "/wait", NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM);
  assert_refused(out, NGHTTP2_ENHANCE_YOUR_CALM);
  g_assert_true(mg_client_wait(are_all_cancelled, NULL));
  mg_http_interface.route_free(route);
}

/* --- heads ----------------------------------------------------------------------------------------- */

static void
test_large_heads(void)
{
  TwoClient c;
  g_autofree char *kilobytes = g_strnfill(5000, 'a');
  const char *const fields[] = { "x-a",     kilobytes, "x-b",     kilobytes, "x-c",
                                 kilobytes, "x-d",     kilobytes, NULL };
  g_autofree char *path = g_strdup_printf("/%s%s%s%s", kilobytes, kilobytes, kilobytes, kilobytes);
  two_init(&c, fixture.port, 65535);
  g_assert_cmpuint(two_wait(&c, two_ask(&c, "GET", "/files/a.txt", fields))->status, ==, 431);
  g_assert_cmpuint(two_get(&c, path)->status, ==, 414);
  g_assert_cmpuint(two_get(&c, "/files/a.txt")->status, ==, 200);
  two_clear(&c);
}

/* One field of the table, named again and again: few bytes that mean many. */
static void
test_small_bytes_that_mean_much(void)
{
  g_autoptr(GByteArray) block = g_byte_array_new();
  g_autofree char *value = g_strnfill(3000, 'a');
  GByteArray *out = begin();
  g_byte_array_append(block, (const guint8 *) "\x82\x86\x84\x01\x01x\x40\x01y\x7f\xb9\x16", 12);
  g_byte_array_append(block, (const guint8 *) value, 3000);
  for (guint i = 0; i < 8000; i++)
    g_byte_array_append(block, (const guint8 *) "\xbe", 1);
  add_frame(out, NGHTTP2_HEADERS, NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM, 1,
            block->data, block->len);
  add_request(out, 3, "/files/a.txt", NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM);
  int fd = mg_client_connect(fixture.port);
  mg_client_send(fd, out->data, out->len);
  receive_frames(fd, NGHTTP2_RST_STREAM, 1);
  receive_frames(fd, NGHTTP2_DATA, 1);
  close(fd);
  g_byte_array_unref(out);
}

static void
test_head_that_does_not_end(void)
{
  Fixture f;
  fixture_init(&f);
  f.config.header_timeout = 50 * MG_MILLISECOND;
  fixture_start(&f);
  GByteArray *out = begin();
  add_request(out, 1, "/files/a.txt", NGHTTP2_FLAG_END_STREAM);
  int fd = mg_client_connect(f.port);
  mg_client_send(fd, out->data, out->len);
  gboolean is_reset;
  g_assert_cmpuint(receive_goaway(fd, &is_reset), ==, NGHTTP2_ENHANCE_YOUR_CALM);
  close(fd);
  g_byte_array_unref(out);
  fixture_stop(&f);
}

/* --- streams --------------------------------------------------------------------------------------- */

static void
test_too_many_streams(void)
{
  GByteArray *out = begin();
  MgHttpRoute *route = mg_http_interface.route_new(fixture.http, "/wait", park, NULL);
  gint before = n_parked;
  for (guint32 i = 0; i < 150; i++)
    add_request(out, 1 + 2 * i, "/wait", NGHTTP2_FLAG_END_HEADERS | NGHTTP2_FLAG_END_STREAM);
  add_frame(out, NGHTTP2_PING, 0, 0, "all sent", 8);
  int fd = mg_client_connect(fixture.port);
  mg_client_send(fd, out->data, out->len);
  receive_frames(fd, NGHTTP2_RST_STREAM, 50);
  g_assert_cmpint(g_atomic_int_get(&n_parked) - before, ==, 100);
  close(fd);
  g_assert_true(mg_client_wait(are_all_cancelled, NULL));
  g_byte_array_unref(out);
  mg_http_interface.route_free(route);
}

/* Asks, and lets nothing be sent. */
static void
test_window_of_nothing(void)
{
  Fixture f;
  TwoClient c;
  fixture_init(&f);
  f.config.rate_window = 100 * MG_MILLISECOND;
  fixture_start(&f);
  fixture_put(&f, "a.txt", "0123456789");
  two_init(&c, f.port, 0);
  two_ask(&c, "GET", "/files/a.txt", NULL);
  two_wait_closed(&c);
  two_clear(&c);
  fixture_stop(&f);
}

/* Nothing waits for it: it may be as slow as it likes. */
static void
test_parked_is_not_slow(void)
{
  Fixture f;
  TwoClient c;
  fixture_init(&f);
  f.config.rate_window = 20 * MG_MILLISECOND;
  fixture_start(&f);
  fixture_put(&f, "a.txt", "0123456789");
  MgHttpRoute *route = mg_http_interface.route_new(f.http, "/wait", park, NULL);
  two_init(&c, f.port, 65535);
  two_ask(&c, "GET", "/wait", NULL);
  for (guint i = 0; i < 5; i++) {
    g_assert_false(mg_client_has_input(c.fd, 20) && !two_receive(&c));
    g_assert_cmpuint(two_get(&c, "/files/a.txt")->status, ==, 200);
  }
  two_clear(&c);
  g_assert_true(mg_client_wait(are_all_cancelled, NULL));
  mg_http_interface.route_free(route);
  fixture_stop(&f);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_lanes_start(2);
  fixture_init(&fixture);
  fixture_start(&fixture);
  fixture_put(&fixture, "a.txt", "0123456789");
  g_test_add_func("/http/two-hostile/flood-of-pings", test_pings);
  g_test_add_func("/http/two-hostile/flood-of-settings", test_settings);
  g_test_add_func("/http/two-hostile/flood-of-empty-data", test_empty_data);
  g_test_add_func("/http/two-hostile/flood-of-continuations", test_continuations);
  g_test_add_func("/http/two-hostile/garbage-is-answered-with-its-error", test_garbage);
  g_test_add_func("/http/two-hostile/rapid-reset-lets-all-go", test_rapid_reset);
  g_test_add_func("/http/two-hostile/provoked-resets-are-counted", test_provoked_resets);
  g_test_add_func("/http/two-hostile/refused-streams-are-counted", test_refused_streams);
  g_test_add_func("/http/two-hostile/large-head-is-431-and-the-others-go-on", test_large_heads);
  g_test_add_func("/http/two-hostile/few-bytes-that-mean-many", test_small_bytes_that_mean_much);
  g_test_add_func("/http/two-hostile/head-that-does-not-end", test_head_that_does_not_end);
  g_test_add_func("/http/two-hostile/too-many-streams-are-refused", test_too_many_streams);
  g_test_add_func("/http/two-hostile/window-of-nothing-is-cut-off", test_window_of_nothing);
  g_test_add_func("/http/two-hostile/who-waits-is-not-slow", test_parked_is_not_slow);
  int failed = g_test_run();
  fixture_stop(&fixture);
  mg_lanes_stop();
  return failed;
}
