/* The server as viewers see it: raw bytes on real sockets. */
#include "fixture.h"

#include "loop/lane.h"

#include <string.h>
#include <unistd.h>

static Fixture fixture;

static void
check_once(const char *request, guint status)
{
  g_auto(Answer) answer = fixture_ask_once(&fixture, request);
  g_autofree char *cors = answer_field(&answer, "Access-Control-Allow-Origin");
  g_autofree char *connection = answer_field(&answer, "Connection");
  g_assert_cmpuint(answer.status, ==, status);
  g_assert_cmpstr(cors, ==, "*");
  g_assert_cmpstr(connection, ==, "close");
}

static void
test_get(void)
{
  int fd = mg_client_connect(fixture.port);
  g_auto(Answer) answer = fixture_ask(fd, "GET /files/a.txt HTTP/1.1\nHost: x\n\n");
  g_autofree char *type = answer_field(&answer, "Content-Type");
  g_autofree char *connection = answer_field(&answer, "Connection");
  g_assert_cmpuint(answer.status, ==, 200);
  g_assert_cmpstr(answer.body, ==, "0123456789");
  g_assert_cmpstr(type, ==, "text/plain");
  g_assert_null(connection);
  g_auto(Answer) again = fixture_ask(fd, "GET /files/%61.txt?x=1 HTTP/1.1\nHost: x\n\n");
  g_assert_cmpstr(again.body, ==, "0123456789");
  close(fd);
}

static gboolean
get_flag(gpointer flag)
{
  return g_atomic_int_get((gint *) flag);
}

static guint
ask_health(int fd)
{
  g_auto(Answer) answer = fixture_ask(fd, "GET /healthz HTTP/1.1\nHost: x\n\n");
  return answer.status;
}

static void
test_not_ready(void)
{
  Fixture f;
  gint is_ready = FALSE;
  fixture_init(&f);
  f.config.is_ready = get_flag;
  f.config.ready_data = &is_ready;
  fixture_start(&f);
  int fd = mg_client_connect(f.port);
  g_assert_cmpuint(ask_health(fd), ==, 503);
  g_atomic_int_set(&is_ready, TRUE);
  g_assert_cmpuint(ask_health(fd), ==, 200);
  close(fd);
  fixture_stop(&f);
}

static void
test_health(void)
{
  int fd = mg_client_connect(fixture.port);
  g_auto(Answer) answer = fixture_ask(fd, "GET /healthz HTTP/1.1\nHost: x\n\n");
  g_autofree char *cache = answer_field(&answer, "Cache-Control");
  g_assert_cmpuint(answer.status, ==, 200);
  g_assert_cmpstr(answer.body, ==, "ok\n");
  g_assert_cmpstr(cache, ==, "no-store");
  close(fd);
}

static void
test_not_found(void)
{
  int fd = mg_client_connect(fixture.port);
  g_auto(Answer) answer = fixture_ask(fd, "GET /files/none HTTP/1.1\nHost: x\n\n");
  g_autofree char *cache = answer_field(&answer, "Cache-Control");
  g_autofree char *cors = answer_field(&answer, "Access-Control-Allow-Origin");
  g_assert_cmpuint(answer.status, ==, 404);
  g_assert_cmpstr(answer.body, ==, "404 Not Found\n");
  g_assert_cmpstr(cache, ==, "no-store");
  g_assert_cmpstr(cors, ==, "*");
  close(fd);
}

static void
test_byte_by_byte(void)
{
  int fd = mg_client_connect(fixture.port);
  static const char request[] = "\r\nGET /files/a.txt HTTP/1.1\r\nHost: x\r\n\r\n";
  for (gsize i = 0; i < sizeof request - 1; i++)
    mg_client_send(fd, request + i, 1);
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpstr(answer.body, ==, "0123456789");
  close(fd);
}

static void
test_pipelining(void)
{
  enum { N = 300 };
  int fd = mg_client_connect(fixture.port);
  GString *requests = g_string_new(NULL);
  for (guint i = 0; i < N; i++)
    g_string_append_printf(requests, "GET /files/%s HTTP/1.1\r\nHost: x\r\n\r\n",
                           i % 3 == 0   ? "a.txt"
                           : i % 3 == 1 ? "large"
                                        : "none");
  mg_client_send(fd, requests->str, requests->len);
  g_string_free(requests, TRUE);
  for (guint i = 0; i < N; i++) {
    g_auto(Answer) answer = fixture_receive(fd, TRUE);
    g_assert_cmpuint(answer.status, ==, i % 3 == 2 ? 404 : 200);
    g_assert_cmpuint(answer.body_size, ==, i % 3 == 0 ? 10 : i % 3 == 1 ? 100000 : 14);
  }
  close(fd);
}

static void
test_head(void)
{
  int fd = mg_client_connect(fixture.port);
  g_auto(Answer) head = fixture_ask(fd, "HEAD /files/a.txt HTTP/1.1\nHost: x\n\n");
  g_auto(Answer) get = fixture_ask(fd, "GET /files/a.txt HTTP/1.1\nHost: x\n\n");
  g_assert_cmpstr(head.head, ==, get.head);
  g_auto(Answer) none = fixture_ask(fd, "HEAD /files/none HTTP/1.1\nHost: x\n\n");
  g_assert_cmpuint(none.status, ==, 404);
  g_auto(Answer) after = fixture_ask(fd, "GET /files/a.txt HTTP/1.1\nHost: x\n\n");
  g_assert_cmpstr(after.body, ==, "0123456789");
  close(fd);
}

static void
test_not_modified(void)
{
  int fd = mg_client_connect(fixture.port);
  static const char request[] = "GET /files/a.txt HTTP/1.1\nHost: x\nIf-None-Match: \"a.txt\"\n\n";
  g_auto(Answer) answer = fixture_ask(fd, request);
  g_autofree char *etag = answer_field(&answer, "ETag");
  g_assert_cmpuint(answer.status, ==, 304);
  g_assert_cmpstr(etag, ==, "\"a.txt\"");
  g_auto(Answer) after = fixture_ask(fd, "GET /files/a.txt HTTP/1.1\nHost: x\n\n");
  g_assert_cmpstr(after.body, ==, "0123456789");
  close(fd);
}

static void
check_range(const char *range, guint status, const char *body, const char *content_range)
{
  int fd = mg_client_connect(fixture.port);
  g_autofree char *request =
      g_strdup_printf("GET /files/sliced HTTP/1.1\nHost: x\nRange: bytes=%s\n\n", range);
  g_auto(Answer) answer = fixture_ask(fd, request);
  g_autofree char *said = answer_field(&answer, "Content-Range");
  g_assert_cmpuint(answer.status, ==, status);
  g_assert_cmpstr(answer.body, ==, body);
  g_assert_cmpstr(said, ==, content_range);
  close(fd);
}

/* Content in several slices: ranges begin and end inside, at, and across their borders. */
static void
put_sliced(void)
{
  g_autoptr(MgStream) stream = mg_stream_new(&(MgStreamInfo){
      .size = sizeof(MgStreamInfo), .id = "v", .media = MG_MEDIA_VIDEO, .form = MG_FORM_CHUNK });
  g_autoptr(MgBuffer) buffer = mg_buffer_new(stream, 3);
  mg_buffer_append(buffer, mg_data_new_copy("xxabcx", 6), 2, 3);
  mg_buffer_append(buffer, mg_data_new_copy("defg", 4), 0, 4);
  mg_buffer_append(buffer, mg_data_new_copy("hij", 3), 0, 3);
  MgHttpContent content = {
    .size = sizeof content, .content_type = "video/mp4", .buffers = &buffer, .n_buffers = 1
  };
  mg_http_interface.folder_put(fixture.folder, "sliced", &content);
}

static void
test_ranges(void)
{
  put_sliced();
  check_range("0-", 206, "abcdefghij", "bytes 0-9/10");
  check_range("0-2", 206, "abc", "bytes 0-2/10");
  check_range("1-1", 206, "b", "bytes 1-1/10");
  check_range("2-7", 206, "cdefgh", "bytes 2-7/10");
  check_range("3-6", 206, "defg", "bytes 3-6/10");
  check_range("-4", 206, "ghij", "bytes 6-9/10");
  check_range("7-100", 206, "hij", "bytes 7-9/10");
  check_range("10-", 416, "", "bytes */10");
  check_range("0-1,3-4", 200, "abcdefghij", NULL);
}

static void
test_options(void)
{
  int fd = mg_client_connect(fixture.port);
  g_auto(Answer) answer =
      fixture_ask(fd, "OPTIONS /files/none HTTP/1.1\nHost: x\nOrigin: https://a.example\n"
                      "Access-Control-Request-Method: GET\n"
                      "Access-Control-Request-Headers: range\n\n");
  g_autofree char *methods = answer_field(&answer, "Access-Control-Allow-Methods");
  g_autofree char *age = answer_field(&answer, "Access-Control-Max-Age");
  g_assert_cmpuint(answer.status, ==, 204);
  g_assert_cmpstr(methods, ==, "GET, HEAD, OPTIONS");
  g_assert_cmpstr(age, ==, "86400");
  g_auto(Answer) star = fixture_ask(fd, "OPTIONS * HTTP/1.1\nHost: x\n\n");
  g_assert_cmpuint(star.status, ==, 204);
  close(fd);
}

static void
test_other_methods(void)
{
  int fd = mg_client_connect(fixture.port);
  g_auto(Answer) answer = fixture_ask(fd, "DELETE /files/a.txt HTTP/1.1\nHost: x\n\n");
  g_autofree char *allow = answer_field(&answer, "Allow");
  g_assert_cmpuint(answer.status, ==, 405);
  g_assert_cmpstr(allow, ==, "GET, HEAD, OPTIONS");
  close(fd);
  check_once("POST /files/a.txt HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello", 405);
}

/* What follows a body that is not read must not be taken for a request. */
static void
test_body_ends_the_connection(void)
{
  check_once("GET /files/a.txt HTTP/1.1\nHost: x\nContent-Length: 38\n\n"
             "GET /files/none HTTP/1.1\nHost: x\n\n",
             200);
  check_once("GET /files/a.txt HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n0\n\n", 200);
}

static void
test_bad_requests(void)
{
  check_once("GET / HTTP/1.1\n\n", 400);
  check_once("GET / HTTP/1.1\nHost: x\nHost: x\n\n", 400);
  check_once("GET / HTTP/1.1\nHost: x\nContent-Length: 3\nTransfer-Encoding: chunked\n\nabc", 400);
  check_once("GET / HTTP/1.1\nHost: x\nA: b\n c\n\n", 400);
  check_once("GET / HTTP/2.0\nHost: x\n\n", 505);
  check_once("GET / HTTP/1.1\nHost: x\nTransfer-Encoding: gzip\n\n", 501);
  check_once("\x16\x03\x01\x02", 400);
  g_autofree char *many = g_strnfill(20000, 'a');
  g_autofree char *target = g_strdup_printf("GET /%s HTTP/1.1\nHost: x\n\n", many);
  check_once(target, 414);
  g_autofree char *field = g_strdup_printf("GET / HTTP/1.1\nHost: x\nA: %s\n\n", many);
  check_once(field, 431);
}

/* Only a connection begins with it. */
static void
test_preface_behind_a_request(void)
{
  int fd = mg_client_connect(fixture.port);
  g_auto(Answer) first = fixture_ask(fd, "GET /files/a.txt HTTP/1.1\nHost: x\n\n");
  g_auto(Answer) second = fixture_ask(fd, "PRI * HTTP/2.0\n\nSM\n\n");
  g_assert_cmpuint(first.status, ==, 200);
  g_assert_cmpuint(second.status, ==, 505);
  close(fd);
}

/* A path that is none is an answer like another: the connection goes on. */
static void
test_unclean_paths(void)
{
  int fd = mg_client_connect(fixture.port);
  static const char *const paths[] = { "/files/../a.txt", "//files/a.txt", "/files%2fa.txt", "/%00",
                                       "/files/%2e%2e/x" };
  for (guint i = 0; i < G_N_ELEMENTS(paths); i++) {
    g_autofree char *request = g_strdup_printf("GET %s HTTP/1.1\nHost: x\n\n", paths[i]);
    g_auto(Answer) answer = fixture_ask(fd, request);
    g_assert_cmpuint(answer.status, ==, 400);
  }
  close(fd);
}

static void
test_bare_line_feed(void)
{
  int fd = mg_client_connect(fixture.port);
  mg_client_send_text(fd, "GET / HTTP/1.1\nHost: x\n\n");
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpuint(answer.status, ==, 400);
  fixture_wait_closed(fd);
  close(fd);
}

static void
test_http_1_0(void)
{
  check_once("GET /files/a.txt HTTP/1.0\n\n", 200);
  int fd = mg_client_connect(fixture.port);
  static const char request[] = "GET /files/a.txt HTTP/1.0\nConnection: keep-alive\n\n";
  for (guint i = 0; i < 2; i++) {
    g_auto(Answer) answer = fixture_ask(fd, request);
    g_autofree char *connection = answer_field(&answer, "Connection");
    g_assert_cmpstr(connection, ==, "keep-alive");
    g_assert_cmpstr(answer.body, ==, "0123456789");
  }
  close(fd);
}

static void
test_close(void)
{
  check_once("GET /files/large HTTP/1.1\nHost: x\nConnection: close\n\n"
             "GET /files/a.txt HTTP/1.1\nHost: x\n\n",
             200);
}

static void
test_half_closed(void)
{
  int fd = mg_client_connect(fixture.port);
  g_autofree char *request = fixture_crlf("GET /files/large HTTP/1.1\nHost: x\n\n");
  mg_client_send_text(fd, request);
  mg_client_end(fd);
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpuint(answer.body_size, ==, 100000);
  fixture_wait_closed(fd);
  close(fd);
}

/* Whoever got the old bytes keeps them; the next request gets the new ones. */
static void
test_replace(void)
{
  int fd = mg_client_connect(fixture.port);
  fixture_put(&fixture, "live", "one");
  g_auto(Answer) one = fixture_ask(fd, "GET /files/live HTTP/1.1\nHost: x\n\n");
  fixture_put(&fixture, "live", "two!");
  g_auto(Answer) two = fixture_ask(fd, "GET /files/live HTTP/1.1\nHost: x\n\n");
  mg_http_interface.folder_remove(fixture.folder, "live");
  g_auto(Answer) none = fixture_ask(fd, "GET /files/live HTTP/1.1\nHost: x\n\n");
  g_assert_cmpstr(one.body, ==, "one");
  g_assert_cmpstr(two.body, ==, "two!");
  g_assert_cmpuint(none.status, ==, 404);
  close(fd);
}

static void
put_text(MgHttpFolder *folder, const char *text)
{
  g_autoptr(MgData) data = mg_data_new_copy(text, strlen(text));
  MgHttpContent content = { .size = sizeof content, .data = data };
  mg_http_interface.folder_put(folder, "index.m3u8", &content);
}

static void
check_show(Fixture *f, guint status, const char *body)
{
  int fd = mg_client_connect(f->port);
  g_auto(Answer) answer = fixture_ask(fd, "GET /live/show/index.m3u8 HTTP/1.1\nHost: x\n\n");
  g_assert_cmpuint(answer.status, ==, status);
  g_assert_cmpstr(answer.body, ==, body);
  close(fd);
}

static gboolean
is_unlisted(gpointer data)
{
  Fixture *f = data;
  MgHttpFound found = mg_http_origin_find(f->http->origin, "/live/show/index.m3u8");
  gboolean is_there = found.resource != NULL;
  mg_http_resource_unref(found.resource);
  return !is_there;
}

/* One retires for a moment, one until the server ends; a new one stands in front of both. */
static void
test_retired_folder(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  MgHttpFolder *old = mg_http_interface.folder_new(f.http, "/live/show");
  put_text(old, "old");
  mg_http_interface.folder_retire(old, 3600 * MG_SECOND);
  check_show(&f, 200, "old");
  MgHttpFolder *young = mg_http_interface.folder_new(f.http, "/live/show");
  put_text(young, "young");
  check_show(&f, 200, "young");
  mg_http_interface.folder_free(young);
  check_show(&f, 200, "old");
  fixture_stop(&f);

  fixture_init(&f);
  fixture_start(&f);
  MgHttpFolder *brief = mg_http_interface.folder_new(f.http, "/live/show");
  put_text(brief, "brief");
  mg_http_interface.folder_retire(brief, MG_MILLISECOND);
  g_assert_true(mg_client_wait(is_unlisted, &f));
  check_show(&f, 404, "404 Not Found\n");
  fixture_stop(&f);
}

static void
add_line(const char *path, const char *name, gpointer data)
{
  g_ptr_array_add(data, g_strdup_printf("%s|%s", path, name));
}

static gint
compare_lines(gconstpointer a, gconstpointer b)
{
  return g_strcmp0(*(const char *const *) a, *(const char *const *) b);
}

static void
test_each_resource(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  fixture_put(&f, "video/1.m4s", "x");
  MgHttpFolder *show = mg_http_interface.folder_new(f.http, "/live/show");
  put_text(show, "y");
  MgHttpFolder *past = mg_http_interface.folder_new(f.http, "/live/past");
  put_text(past, "z");
  mg_http_interface.folder_retire(past, 3600 * MG_SECOND);
  g_autoptr(GPtrArray) lines = g_ptr_array_new_with_free_func(g_free);
  mg_http_interface.each_resource(f.http, add_line, lines);
  g_ptr_array_sort(lines, compare_lines);
  g_ptr_array_add(lines, NULL);
  g_autofree char *all = g_strjoinv("\n", (char **) lines->pdata);
  g_assert_cmpstr(all, ==, "/files|video/1.m4s\n/live/show|index.m3u8");
  mg_http_interface.folder_free(show);
  fixture_stop(&f);
}

static char *
base_url_for(const char *listen, const char *url)
{
  Fixture f;
  fixture_init(&f);
  f.config.listen = listen;
  f.config.url = url;
  fixture_start(&f);
  g_autofree char *port = g_strdup_printf(":%u", f.port);
  char *base = g_strdup(mg_http_interface.base_url(f.http));
  char *at = strstr(base, port);
  if (at != NULL)
    strcpy(at, ":PORT");
  fixture_stop(&f);
  return base;
}

static void
test_base_url(void)
{
  g_autofree char *any = base_url_for("0.0.0.0:0", NULL);
  g_autofree char *one = base_url_for("127.0.0.1:0", "");
  g_autofree char *given = base_url_for("127.0.0.1:0", "https://cdn.example.org/x/");
  g_assert_cmpstr(any, ==, "http://localhost:PORT");
  g_assert_cmpstr(one, ==, "http://127.0.0.1:PORT");
  g_assert_cmpstr(given, ==, "https://cdn.example.org/x");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_lanes_start(2);
  fixture_init(&fixture);
  fixture_start(&fixture);
  fixture_put(&fixture, "a.txt", "0123456789");
  g_autofree char *large = g_strnfill(100000, 'x');
  fixture_put(&fixture, "large", large);
  g_test_add_func("/http/server/get-answers-and-goes-on", test_get);
  g_test_add_func("/http/server/healthz-is-ok", test_health);
  g_test_add_func("/http/server/healthz-says-when-it-is-not-ready", test_not_ready);
  g_test_add_func("/http/server/what-is-not-there-is-404", test_not_found);
  g_test_add_func("/http/server/request-may-come-byte-by-byte", test_byte_by_byte);
  g_test_add_func("/http/server/pipelined-requests-are-answered-in-order", test_pipelining);
  g_test_add_func("/http/server/head-is-get-without-body", test_head);
  g_test_add_func("/http/server/known-etag-is-304-without-body", test_not_modified);
  g_test_add_func("/http/server/ranges-cross-slices", test_ranges);
  g_test_add_func("/http/server/options-answers-preflights", test_options);
  g_test_add_func("/http/server/other-methods-are-405", test_other_methods);
  g_test_add_func("/http/server/body-ends-the-connection", test_body_ends_the_connection);
  g_test_add_func("/http/server/bad-requests-are-refused-and-closed", test_bad_requests);
  g_test_add_func("/http/server/preface-of-http-2-is-no-request", test_preface_behind_a_request);
  g_test_add_func("/http/server/unclean-paths-are-400", test_unclean_paths);
  g_test_add_func("/http/server/bare-line-feeds-are-refused", test_bare_line_feed);
  g_test_add_func("/http/server/http-1.0-works", test_http_1_0);
  g_test_add_func("/http/server/close-ignores-what-follows", test_close);
  g_test_add_func("/http/server/half-closed-viewer-gets-everything", test_half_closed);
  g_test_add_func("/http/server/replaced-and-removed-while-connected", test_replace);
  g_test_add_func("/http/server/retired-folder-stays-behind-newer-ones", test_retired_folder);
  g_test_add_func("/http/server/each-resource-is-listed-but-those-of-the-past", test_each_resource);
  g_test_add_func("/http/server/base-url-can-be-opened", test_base_url);
  int failed = g_test_run();
  fixture_stop(&fixture);
  mg_lanes_stop();
  return failed;
}
