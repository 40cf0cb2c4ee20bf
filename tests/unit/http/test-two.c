/* HTTP/2 as viewers see it: the same answers as over HTTP/1, many at a time. */
#include "fixture.h"
#include "two-client.h"

#include "loop/lane.h"

#include <string.h>
#include <unistd.h>

enum { WINDOW = 1 << 20, LARGE = 100000, HUGE = 12 << 20 };

static Fixture fixture;

static void
test_get(void)
{
  TwoClient c;
  two_init(&c, fixture.port, WINDOW);
  const TwoAnswer *answer = two_get(&c, "/files/%61.txt?x=1");
  g_assert_cmpuint(answer->status, ==, 200);
  two_assert_body(answer, "0123456789");
  g_assert_cmpstr(two_field(answer, "content-type"), ==, "text/plain");
  g_assert_cmpstr(two_field(answer, "content-length"), ==, "10");
  g_assert_cmpstr(two_field(answer, "access-control-allow-origin"), ==, "*");
  g_assert_cmpstr(two_field(answer, "etag"), ==, "\"a.txt\"");
  g_assert_nonnull(two_field(answer, "date"));
  g_assert_null(two_field(answer, "connection"));
  g_assert_cmpuint(two_get(&c, "/files/none")->status, ==, 404);
  g_assert_cmpuint(two_get(&c, "/files/../a.txt")->status, ==, 400);
  two_clear(&c);
}

/* The server must see where the preface ends, however its bytes come. */
static void
test_preface_in_bytes(void)
{
  static const char bytes[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0";
  int fd = mg_client_connect(fixture.port);
  for (gsize i = 0; i < sizeof bytes - 1; i++)
    mg_client_send(fd, bytes + i, 1);
  g_autofree char *settings = mg_client_receive(fd, 9);
  g_assert_cmpint(settings[3], ==, NGHTTP2_SETTINGS);
  close(fd);
}

static void
test_head_and_options(void)
{
  TwoClient c;
  two_init(&c, fixture.port, WINDOW);
  const TwoAnswer *head = two_wait(&c, two_ask(&c, "HEAD", "/files/large", NULL));
  g_assert_cmpuint(head->status, ==, 200);
  g_assert_cmpstr(two_field(head, "content-length"), ==, "100000");
  g_assert_cmpuint(head->body->len, ==, 0);
  g_assert_cmpuint(two_wait(&c, two_ask(&c, "OPTIONS", "/files/a.txt", NULL))->status, ==, 204);
  const TwoAnswer *other = two_wait(&c, two_ask(&c, "DELETE", "/files/a.txt", NULL));
  g_assert_cmpuint(other->status, ==, 405);
  g_assert_cmpstr(two_field(other, "allow"), ==, "GET, HEAD, OPTIONS");
  two_clear(&c);
}

static void
test_ranges_and_conditions(void)
{
  static const char *const range[] = { "range", "bytes=3-5", NULL };
  static const char *const tag[] = { "if-none-match", "\"a.txt\"", NULL };
  TwoClient c;
  two_init(&c, fixture.port, WINDOW);
  const TwoAnswer *part = two_wait(&c, two_ask(&c, "GET", "/files/a.txt", range));
  g_assert_cmpuint(part->status, ==, 206);
  g_assert_cmpstr(two_field(part, "content-range"), ==, "bytes 3-5/10");
  two_assert_body(part, "345");
  const TwoAnswer *same = two_wait(&c, two_ask(&c, "GET", "/files/a.txt", tag));
  g_assert_cmpuint(same->status, ==, 304);
  g_assert_cmpuint(same->body->len, ==, 0);
  two_clear(&c);
}

/* Sends a body of its own; the answer does not wait for its end, and the connection goes on. */
static void
test_body_is_not_read(void)
{
  TwoClient c;
  two_init(&c, fixture.port, WINDOW);
  static const char *const length[] = { "content-length", "0", NULL };
  g_assert_cmpuint(two_wait(&c, two_ask(&c, "POST", "/files/a.txt", length))->status, ==, 405);
  g_assert_cmpuint(two_get(&c, "/files/a.txt")->status, ==, 200);
  two_clear(&c);
}

/* Small windows: the answers come in many pieces, and one in front of another's. */
static void
test_many_at_a_time(void)
{
  enum { N = 90 };
  TwoClient c;
  gint32 streams[N];
  two_init(&c, fixture.port, 1000);
  for (guint i = 0; i < N; i++)
    streams[i] = two_ask(&c, "GET", i % 2 ? "/files/large" : "/files/a.txt", NULL);
  for (guint i = 0; i < N; i++) {
    const TwoAnswer *answer = two_wait(&c, streams[i]);
    g_assert_cmpuint(answer->status, ==, 200);
    g_assert_cmpuint(answer->body->len, ==, i % 2 ? LARGE : 10);
  }
  two_clear(&c);
}

static void
put_huge(void)
{
  g_autoptr(MgData) data = mg_data_new(HUGE);
  for (gsize i = 0; i < HUGE; i++)
    data->bytes[i] = (guint8) (i * 2654435761u >> 24);
  MgHttpContent content = { .size = sizeof content, .content_type = "video/mp4", .data = data };
  mg_http_interface.folder_put(fixture.folder, "huge", &content);
}

/* More than the kernel and the connection hold. */
static void
test_huge(void)
{
  TwoClient c;
  put_huge();
  two_init(&c, fixture.port, WINDOW);
  const TwoAnswer *answer = two_get(&c, "/files/huge");
  g_assert_cmpuint(answer->body->len, ==, HUGE);
  for (gsize i = 0; i < HUGE; i += 997)
    g_assert_cmpuint(answer->body->data[i], ==, (guint8) (i * 2654435761u >> 24));
  two_clear(&c);
  mg_http_interface.folder_remove(fixture.folder, "huge");
}

static void
test_gzip(void)
{
  static const char *const accept[] = { "accept-encoding", "gzip", NULL };
  TwoClient c;
  two_init(&c, fixture.port, WINDOW);
  const TwoAnswer *answer = two_wait(&c, two_ask(&c, "GET", "/files/large", accept));
  g_assert_cmpstr(two_field(answer, "content-encoding"), ==, "gzip");
  g_assert_cmpuint(answer->body->len, <, LARGE / 10);
  two_clear(&c);
}

/* --- routes ---------------------------------------------------------------------------------------- */

/* The request that is parked; NULL: none is. */
static MgHttpRequest *waiter;
static gint n_cancelled;

static void
on_cancelled(MgHttpRequest *request, gpointer data)
{
  g_atomic_int_inc(&n_cancelled);
}

static void
park(MgHttpRequest *request, gpointer data)
{
  mg_http_interface.park(request, G_MAXINT64, on_cancelled, NULL);
  g_atomic_pointer_set(&waiter, request);
}

static gboolean
is_parked(gpointer unused)
{
  return g_atomic_pointer_get(&waiter) != NULL;
}

static gboolean
is_cancelled(gpointer unused)
{
  return g_atomic_int_get(&n_cancelled) > 0;
}

/* A client that has asked for what is parked. */
static gint32
ask_and_park(TwoClient *c, const char *method)
{
  waiter = NULL;
  n_cancelled = 0;
  two_init(c, fixture.port, WINDOW);
  gint32 stream = two_ask(c, method, "/wait", NULL);
  g_assert_true(mg_client_wait(is_parked, NULL));
  return stream;
}

static void
test_parked(void)
{
  TwoClient c;
  MgHttpRoute *route = mg_http_interface.route_new(fixture.http, "/wait", park, NULL);
  gint32 stream = ask_and_park(&c, "GET");
  g_assert_cmpuint(two_get(&c, "/files/a.txt")->status, ==, 200);
  mg_http_interface.respond_with(waiter, fixture.folder, "a.txt");
  two_assert_body(two_wait(&c, stream), "0123456789");
  g_assert_cmpint(n_cancelled, ==, 0);
  two_clear(&c);
  mg_http_interface.route_free(route);
}

static void
test_parked_and_given_up(void)
{
  TwoClient c;
  MgHttpRoute *route = mg_http_interface.route_new(fixture.http, "/wait", park, NULL);
  gint32 stream = ask_and_park(&c, "GET");
  nghttp2_submit_rst_stream(c.session, NGHTTP2_FLAG_NONE, stream, NGHTTP2_CANCEL);
  two_send(&c);
  g_assert_true(mg_client_wait(is_cancelled, NULL));
  mg_http_interface.respond(waiter, NULL);
  g_assert_cmpuint(two_get(&c, "/files/a.txt")->status, ==, 200);
  two_clear(&c);
  mg_http_interface.route_free(route);
}

static void
write_text(const char *text)
{
  g_autoptr(MgData) data = mg_data_new_copy(text, strlen(text));
  mg_http_interface.respond_write(waiter, data);
}

static const MgHttpContent growing = { .size = sizeof growing, .content_type = "video/mp4" };

static void
test_growing(void)
{
  TwoClient c;
  MgHttpRoute *route = mg_http_interface.route_new(fixture.http, "/wait", park, NULL);
  gint32 stream = ask_and_park(&c, "GET");
  mg_http_interface.respond_start(waiter, &growing);
  write_text("first ");
  const TwoAnswer *answer = two_wait_body(&c, stream, 6);
  g_assert_cmpuint(answer->status, ==, 200);
  g_assert_null(two_field(answer, "content-length"));
  g_assert_null(two_field(answer, "transfer-encoding"));
  g_assert_cmpuint(two_get(&c, "/files/a.txt")->status, ==, 200);
  write_text("second");
  two_wait_body(&c, stream, 12);
  g_assert_false(answer->has_ended);
  mg_http_interface.respond_end(waiter);
  two_assert_body(two_wait(&c, stream), "first second");
  g_assert_cmpuint(answer->error, ==, NGHTTP2_NO_ERROR);
  two_clear(&c);
  mg_http_interface.route_free(route);
}

static void
test_head_of_growing(void)
{
  TwoClient c;
  MgHttpRoute *route = mg_http_interface.route_new(fixture.http, "/wait", park, NULL);
  gint32 stream = ask_and_park(&c, "HEAD");
  mg_http_interface.respond_start(waiter, &growing);
  g_assert_cmpuint(two_wait(&c, stream)->body->len, ==, 0);
  write_text("nobody reads it");
  mg_http_interface.respond_end(waiter);
  g_assert_cmpuint(two_get(&c, "/files/a.txt")->status, ==, 200);
  two_clear(&c);
  mg_http_interface.route_free(route);
}

/* What waits for one viewer is bounded; only its stream ends, and says that it is cut. */
static void
test_growing_falls_behind(void)
{
  TwoClient c;
  MgHttpRoute *route = mg_http_interface.route_new(fixture.http, "/wait", park, NULL);
  gint32 stream = ask_and_park(&c, "GET");
  g_autoptr(MgData) megabyte = mg_data_new(1 << 20);
  memset(megabyte->bytes, 'x', megabyte->size);
  mg_http_interface.respond_start(waiter, &growing);
  for (guint i = 0; i < 32; i++)
    mg_http_interface.respond_write(waiter, megabyte);
  g_assert_true(mg_client_wait(is_cancelled, NULL));
  mg_http_interface.respond_end(waiter);
  g_assert_cmpuint(two_wait(&c, stream)->error, ==, NGHTTP2_INTERNAL_ERROR);
  g_assert_cmpuint(two_get(&c, "/files/a.txt")->status, ==, 200);
  two_clear(&c);
  mg_http_interface.route_free(route);
}

/* --- what is promised, and grows ------------------------------------------------------------------ */

static void
append(const char *name, const char *text)
{
  g_autoptr(MgStream) stream = mg_stream_new(&(MgStreamInfo){
      .size = sizeof(MgStreamInfo), .id = "v", .media = MG_MEDIA_VIDEO, .form = MG_FORM_CHUNK });
  g_autoptr(MgBuffer) buffer = mg_buffer_new(stream, 1);
  mg_buffer_append(buffer, mg_data_new_copy(text, strlen(text)), 0, strlen(text));
  mg_http_interface.folder_append(fixture.folder, name, buffer);
}

/* All of one connection wait; each gets what there is, and then what comes. */
static void
test_promised_and_growing(void)
{
  enum { N = 20 };
  TwoClient c;
  gint32 streams[N];
  two_init(&c, fixture.port, WINDOW);
  mg_http_interface.folder_promise(fixture.folder, "s.m4s", 60 * MG_SECOND);
  for (guint i = 0; i < N; i++)
    streams[i] = two_ask(&c, "GET", "/files/s.m4s", NULL);
  g_assert_cmpuint(two_get(&c, "/files/a.txt")->status, ==, 200); /* they have arrived before it */
  mg_http_interface.folder_begin(fixture.folder, "s.m4s", &growing);
  append("s.m4s", "first ");
  for (guint i = 0; i < N; i++)
    two_assert_body(two_wait_body(&c, streams[i], 6), "first ");
  append("s.m4s", "second");
  mg_http_interface.folder_finish(fixture.folder, "s.m4s");
  for (guint i = 0; i < N; i++)
    two_assert_body(two_wait(&c, streams[i]), "first second");
  const TwoAnswer *whole = two_get(&c, "/files/s.m4s");
  g_assert_cmpstr(two_field(whole, "content-length"), ==, "12");
  two_assert_body(whole, "first second");
  two_clear(&c);
  mg_http_interface.folder_remove(fixture.folder, "s.m4s");
}

static void
test_growing_and_broken(void)
{
  TwoClient c;
  two_init(&c, fixture.port, WINDOW);
  mg_http_interface.folder_begin(fixture.folder, "s.m4s", &growing);
  append("s.m4s", "first");
  gint32 stream = two_ask(&c, "GET", "/files/s.m4s", NULL);
  two_wait_body(&c, stream, 5);
  mg_http_interface.folder_remove(fixture.folder, "s.m4s");
  g_assert_cmpuint(two_wait(&c, stream)->error, ==, NGHTTP2_INTERNAL_ERROR);
  g_assert_cmpuint(two_get(&c, "/files/a.txt")->status, ==, 200);
  two_clear(&c);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_lanes_start(2);
  fixture_init(&fixture);
  fixture_start(&fixture);
  fixture_put(&fixture, "a.txt", "0123456789");
  g_autofree char *large = g_strnfill(LARGE, 'x');
  fixture_put(&fixture, "large", large);
  g_test_add_func("/http/two/get-answers-as-in-http-1", test_get);
  g_test_add_func("/http/two/preface-may-come-byte-by-byte", test_preface_in_bytes);
  g_test_add_func("/http/two/head-and-options-have-no-body", test_head_and_options);
  g_test_add_func("/http/two/ranges-and-conditions-apply", test_ranges_and_conditions);
  g_test_add_func("/http/two/body-is-not-read", test_body_is_not_read);
  g_test_add_func("/http/two/many-answers-at-a-time-through-small-windows", test_many_at_a_time);
  g_test_add_func("/http/two/huge-answer-arrives-whole", test_huge);
  g_test_add_func("/http/two/text-comes-packed", test_gzip);
  g_test_add_func("/http/two/parked-request-is-answered-behind-others", test_parked);
  g_test_add_func("/http/two/request-that-is-given-up-is-cancelled", test_parked_and_given_up);
  g_test_add_func("/http/two/growing-answer-leaves-as-it-comes", test_growing);
  g_test_add_func("/http/two/head-of-what-grows-ends-at-once", test_head_of_growing);
  g_test_add_func("/http/two/growing-answer-that-waits-too-much-is-cut", test_growing_falls_behind);
  g_test_add_func("/http/two/what-is-promised-and-grows-reaches-all-who-wait",
                  test_promised_and_growing);
  g_test_add_func("/http/two/what-will-never-be-whole-is-cut", test_growing_and_broken);
  int failed = g_test_run();
  fixture_stop(&fixture);
  mg_lanes_stop();
  return failed;
}
