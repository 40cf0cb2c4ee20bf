/* Promised and growing resources: who waits gets what comes, or hears that it does not come. */
#include "fixture.h"

#include "loop/lane.h"

#include <string.h>
#include <unistd.h>

static const MgHttpInterface *http = &mg_http_interface;

#define LONG (60 * MG_SECOND)

static MgBuffer *
make_buffer(const char *text)
{
  const MgStreamInfo info = {
    .size = sizeof info, .id = "video", .media = MG_MEDIA_VIDEO, .form = MG_FORM_CHUNK
  };
  g_autoptr(MgStream) stream = mg_stream_new(&info);
  MgBuffer *buffer = mg_buffer_new(stream, 2);
  gsize half = strlen(text) / 2;
  MgData *data = mg_data_new_copy(text, strlen(text));
  mg_buffer_append(buffer, mg_data_ref(data), 0, half);
  mg_buffer_append(buffer, data, half, strlen(text) - half);
  return buffer;
}

static void
begin(Fixture *f, const char *name)
{
  const MgHttpContent content = { .size = sizeof content,
                                  .content_type = "video/mp4",
                                  .cache = MG_HTTP_CACHE_IMMUTABLE,
                                  .etag = name };
  http->folder_begin(f->folder, name, &content);
}

static void
append(Fixture *f, const char *name, const char *text)
{
  g_autoptr(MgBuffer) buffer = make_buffer(text);
  http->folder_append(f->folder, name, buffer);
}

static int
send_to(Fixture *f, const char *request)
{
  int fd = mg_client_connect(f->port);
  g_autofree char *bytes = fixture_crlf(request);
  mg_client_send_text(fd, bytes);
  return fd;
}

static int
get(Fixture *f, const char *name)
{
  g_autofree char *request = g_strdup_printf("GET /files/%s HTTP/1.1\nHost: x\n\n", name);
  return send_to(f, request);
}

static void
assert_field(const Answer *answer, const char *name, const char *value)
{
  g_autofree char *field = answer_field(answer, name);
  g_assert_cmpstr(field, ==, value);
}

static void
assert_next_status(int fd, guint status)
{
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpuint(answer.status, ==, status);
}

/* The head of a growing answer, and then its chunks one by one. */
static void
assert_growing_head(int fd)
{
  g_autofree char *head = mg_client_receive_until(fd, "\r\n\r\n");
  g_assert_true(g_str_has_prefix(head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"));
  g_assert_null(strstr(head, "Content-Length:"));
}

static void
assert_chunk(int fd, const char *text)
{
  g_autofree char *expected = g_strdup_printf("%zx\r\n%s\r\n", strlen(text), text);
  g_autofree char *came = mg_client_receive(fd, strlen(expected));
  g_assert_cmpstr(came, ==, expected);
}

/* Both lanes must have looked, or what follows would not show that waiting works. */
static void
assert_waits(int fd)
{
  g_assert_false(mg_client_has_input(fd, 20));
}

static void
test_all_are_answered_when_it_is_put(void)
{
  enum { N = 40 };
  Fixture f;
  int fds[N];
  fixture_init(&f);
  fixture_start(&f);
  http->folder_promise(f.folder, "part", LONG);
  for (guint i = 0; i < N; i++)
    fds[i] = get(&f, "part");
  assert_waits(fds[N - 1]);
  fixture_put(&f, "part", "the bytes");
  for (guint i = 0; i < N; i++) {
    g_auto(Answer) answer = fixture_receive(fds[i], TRUE);
    g_assert_cmpuint(answer.status, ==, 200);
    g_assert_cmpstr(answer.body, ==, "the bytes");
    assert_field(&answer, "Content-Length", "9");
    close(fds[i]);
  }
  fixture_stop(&f);
}

static void
test_next_request_comes_after_it(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  http->folder_promise(f.folder, "part", LONG);
  fixture_put(&f, "other", "another");
  int fd = send_to(&f, "GET /files/part HTTP/1.1\nHost: x\n\nGET /files/other HTTP/1.1\nHost: x\n\n"
                       "GET /files/part HTTP/1.1\nHost: x\n\n");
  assert_waits(fd);
  fixture_put(&f, "part", "first");
  g_auto(Answer) first = fixture_receive(fd, TRUE);
  g_auto(Answer) second = fixture_receive(fd, TRUE);
  g_auto(Answer) third = fixture_receive(fd, TRUE);
  g_assert_cmpstr(first.body, ==, "first");
  g_assert_cmpstr(second.body, ==, "another");
  g_assert_cmpstr(third.body, ==, "first");
  close(fd);
  fixture_stop(&f);
}

static void
test_promise_of_what_is_there_changes_nothing(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  fixture_put(&f, "part", "bytes");
  http->folder_promise(f.folder, "part", LONG);
  int fd = get(&f, "part");
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpstr(answer.body, ==, "bytes");
  close(fd);
  fixture_stop(&f);
}

static void
test_withdrawn(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  http->folder_promise(f.folder, "part", LONG);
  int fd = get(&f, "part");
  assert_waits(fd);
  http->folder_remove(f.folder, "part");
  assert_next_status(fd, 404);
  g_auto(Answer) again = fixture_ask(fd, "GET /files/part HTTP/1.1\nHost: x\n\n");
  g_assert_cmpuint(again.status, ==, 404);
  close(fd);
  fixture_stop(&f);
}

static void
test_owner_goes(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  MgHttpFolder *retired = http->folder_new(f.http, "/retired");
  MgHttpFolder *freed = http->folder_new(f.http, "/freed");
  http->folder_promise(retired, "part", LONG);
  http->folder_promise(freed, "part", LONG);
  int a = send_to(&f, "GET /retired/part HTTP/1.1\nHost: x\n\n");
  int b = send_to(&f, "GET /freed/part HTTP/1.1\nHost: x\n\n");
  assert_waits(b);
  http->folder_retire(retired, LONG);
  http->folder_free(freed);
  assert_next_status(a, 404);
  assert_next_status(b, 404);
  close(a);
  close(b);
  fixture_stop(&f);
}

static void
test_deadline(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  http->folder_promise(f.folder, "part", 10 * MG_MILLISECOND);
  int fd = get(&f, "part");
  assert_next_status(fd, 503);
  fixture_put(&f, "part", "late");
  g_auto(Answer) again = fixture_ask(fd, "GET /files/part HTTP/1.1\nHost: x\n\n");
  g_assert_cmpstr(again.body, ==, "late");
  close(fd);
  fixture_stop(&f);
}

static void
test_viewer_goes(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  http->folder_promise(f.folder, "part", LONG);
  int gone = get(&f, "part"), stays = get(&f, "part");
  assert_waits(gone);
  close(gone);
  assert_waits(stays);
  fixture_put(&f, "part", "bytes");
  assert_next_status(stays, 200);
  close(stays);
  fixture_stop(&f);
}

static void
test_server_ends_while_they_wait(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  http->folder_promise(f.folder, "part", LONG);
  begin(&f, "segment");
  int a = get(&f, "part"), b = get(&f, "segment");
  assert_growing_head(b);
  assert_waits(a);
  fixture_stop(&f);
  close(a);
  close(b);
}

static void
test_other_folder_has_it(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  fixture_put(&f, "part", "bytes");
  MgHttpFolder *newer = http->folder_new(f.http, "/files");
  http->folder_promise(newer, "part", LONG);
  int fd = get(&f, "part");
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpstr(answer.body, ==, "bytes");
  close(fd);
  http->folder_free(newer);
  fixture_stop(&f);
}

/* --- growing ----------------------------------------------------------------------------------- */

static void
test_read_as_it_grows(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  http->folder_promise(f.folder, "segment", LONG);
  int early = get(&f, "segment");
  assert_waits(early);
  begin(&f, "segment");
  assert_growing_head(early);
  append(&f, "segment", "one ");
  assert_chunk(early, "one ");
  append(&f, "segment", "two ");
  assert_chunk(early, "two ");
  int late = get(&f, "segment");
  assert_growing_head(late);
  assert_chunk(late, "one ");
  assert_chunk(late, "two ");
  append(&f, "segment", "three");
  assert_chunk(early, "three");
  assert_chunk(late, "three");
  http->folder_finish(f.folder, "segment");
  assert_chunk(early, "");
  assert_chunk(late, "");
  g_auto(Answer) whole = fixture_ask(early, "GET /files/segment HTTP/1.1\nHost: x\n\n");
  g_assert_cmpstr(whole.body, ==, "one two three");
  assert_field(&whole, "Content-Length", "13");
  assert_field(&whole, "ETag", "\"segment\"");
  g_auto(Answer) part =
      fixture_ask(late, "GET /files/segment HTTP/1.1\nHost: x\nRange: bytes=4-6\n\n");
  g_assert_cmpstr(part.body, ==, "two");
  assert_field(&part, "Content-Range", "bytes 4-6/13");
  close(early);
  close(late);
  fixture_stop(&f);
}

static void
test_head_does_not_wait_for_the_end(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  begin(&f, "segment");
  append(&f, "segment", "bytes");
  int fd = mg_client_connect(f.port);
  g_auto(Answer) head = fixture_ask(fd, "HEAD /files/segment HTTP/1.1\nHost: x\n\n");
  g_assert_cmpuint(head.status, ==, 200);
  assert_field(&head, "Content-Length", NULL);
  assert_field(&head, "Content-Type", "video/mp4");
  g_auto(Answer) next = fixture_ask(fd, "GET /healthz HTTP/1.1\nHost: x\n\n");
  g_assert_cmpstr(next.body, ==, "ok\n");
  close(fd);
  fixture_stop(&f);
}

static void
test_ranges_and_conditions(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  begin(&f, "segment");
  append(&f, "segment", "01234");
  append(&f, "segment", "56789");
  int fd = mg_client_connect(f.port);
  g_auto(Answer) there =
      fixture_ask(fd, "GET /files/segment HTTP/1.1\nHost: x\nRange: bytes=3-9\n\n");
  g_assert_cmpuint(there.status, ==, 206);
  g_assert_cmpstr(there.body, ==, "3456789");
  assert_field(&there, "Content-Range", "bytes 3-9/*");
  g_auto(Answer) known =
      fixture_ask(fd, "GET /files/segment HTTP/1.1\nHost: x\nIf-None-Match: \"segment\"\n\n");
  g_assert_cmpuint(known.status, ==, 304);
  const char *const all[] = { "bytes=3-10", "bytes=3-", "bytes=-2", "bytes=70-80" };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    g_autofree char *request =
        g_strdup_printf("GET /files/segment HTTP/1.1\nHost: x\nRange: %s\n\n", all[i]);
    int other = send_to(&f, request);
    assert_growing_head(other);
    assert_chunk(other, "0123456789");
    close(other);
  }
  close(fd);
  fixture_stop(&f);
}

static void
test_old_protocol(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  begin(&f, "segment");
  append(&f, "segment", "one ");
  int fd = send_to(&f, "GET /files/segment HTTP/1.0\nConnection: keep-alive\n\n");
  g_autofree char *head = mg_client_receive_until(fd, "\r\n\r\n");
  g_assert_null(strstr(head, "chunked"));
  g_assert_nonnull(strstr(head, "\r\nConnection: close\r\n"));
  append(&f, "segment", "two");
  http->folder_finish(f.folder, "segment");
  gsize size;
  g_autofree char *body = mg_client_receive_all(fd, &size, NULL);
  g_assert_cmpmem(body, size, "one two", 7);
  close(fd);
  fixture_stop(&f);
}

/* Nobody may take what there was of it for all of it: the end that chunks have is missing. */
static void
assert_cut_off(int fd)
{
  gsize size;
  g_free(mg_client_receive_all(fd, &size, NULL));
  g_assert_cmpuint(size, ==, 0);
  close(fd);
}

static void
test_removed_in_the_middle(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  const char *const names[] = { "removed", "replaced", "begun-again" };
  int fds[3];
  for (guint i = 0; i < 3; i++) {
    begin(&f, names[i]);
    append(&f, names[i], "some");
    fds[i] = get(&f, names[i]);
    assert_growing_head(fds[i]);
    assert_chunk(fds[i], "some");
  }
  http->folder_remove(f.folder, "removed");
  fixture_put(&f, "replaced", "others");
  begin(&f, "begun-again");
  for (guint i = 0; i < 3; i++)
    assert_cut_off(fds[i]);
  int fd = get(&f, "replaced");
  g_auto(Answer) answer = fixture_receive(fd, TRUE);
  g_assert_cmpstr(answer.body, ==, "others");
  close(fd);
  fixture_stop(&f);
}

static void
test_stops_growing(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  http->folder_promise(f.folder, "segment", 50 * MG_MILLISECOND);
  begin(&f, "segment");
  append(&f, "segment", "some");
  int fd = get(&f, "segment");
  assert_growing_head(fd);
  assert_chunk(fd, "some");
  assert_cut_off(fd);
  fixture_stop(&f);
}

static void
test_viewer_falls_behind(void)
{
  Fixture f;
  fixture_init(&f);
  fixture_start(&f);
  begin(&f, "segment");
  int fd = get(&f, "segment");
  assert_growing_head(fd);
  g_autofree char *megabyte = g_strnfill(1 << 20, 'x');
  for (guint i = 0; i < 40; i++)
    append(&f, "segment", megabyte);
  gsize size;
  gboolean is_reset;
  g_free(mg_client_receive_all(fd, &size, &is_reset));
  g_assert_cmpuint(size, <, 40 << 20);
  close(fd);
  fixture_stop(&f);
}

/* --- routes ------------------------------------------------------------------------------------ */

static void
answer_with_part(MgHttpRequest *request, gpointer data)
{
  Fixture *f = data;
  http->respond_with(request, f->folder, "part");
}

static void
park_it(MgHttpRequest *request, gpointer data)
{
  http->park(request, G_MAXINT64, NULL, NULL);
  g_atomic_pointer_set((gpointer *) data, request);
}

static gboolean
is_set(gpointer data)
{
  return g_atomic_pointer_get((gpointer *) data) != NULL;
}

static void
test_routes_answer_with_it(void)
{
  Fixture f;
  MgHttpRequest *parked = NULL;
  fixture_init(&f);
  fixture_start(&f);
  MgHttpRoute *now = http->route_new(f.http, "/now", answer_with_part, &f);
  MgHttpRoute *later = http->route_new(f.http, "/later", park_it, &parked);
  http->folder_promise(f.folder, "part", LONG);
  int a = send_to(&f, "GET /now HTTP/1.1\nHost: x\n\nGET /healthz HTTP/1.1\nHost: x\n\n");
  int b = send_to(&f, "GET /later HTTP/1.1\nHost: x\n\nGET /healthz HTTP/1.1\nHost: x\n\n");
  g_assert_true(mg_client_wait(is_set, &parked));
  http->respond_with(parked, f.folder, "part");
  http->route_free(now);
  http->route_free(later);
  assert_waits(a);
  assert_waits(b);
  fixture_put(&f, "part", "bytes");
  const int fds[] = { a, b };
  for (guint i = 0; i < 2; i++) {
    g_auto(Answer) answer = fixture_receive(fds[i], TRUE);
    g_assert_cmpstr(answer.body, ==, "bytes");
    assert_next_status(fds[i], 200);
    close(fds[i]);
  }
  fixture_stop(&f);
}

/* --- all at once ------------------------------------------------------------------------------- */

enum { N_SEGMENTS = 60, N_PIECES = 5, N_VIEWERS = 6 };

static gpointer
publish_many(gpointer data)
{
  Fixture *f = data;
  for (guint i = 0; i < N_SEGMENTS; i++) {
    g_autofree char *name = g_strdup_printf("s%u", i);
    g_autofree char *next = g_strdup_printf("s%u", i + 1);
    http->folder_promise(f->folder, next, LONG);
    begin(f, name);
    for (guint k = 0; k < N_PIECES; k++) {
      g_autofree char *text = g_strdup_printf("%s.%u ", name, k);
      append(f, name, text);
    }
    http->folder_finish(f->folder, name);
  }
  return NULL;
}

static char *
expected_body(guint i)
{
  GString *body = g_string_new(NULL);
  for (guint k = 0; k < N_PIECES; k++)
    g_string_append_printf(body, "s%u.%u ", i, k);
  return g_string_free(body, FALSE);
}

static gpointer
read_all(gpointer data)
{
  Fixture *f = data;
  int fd = mg_client_connect(f->port);
  for (guint i = 0; i < N_SEGMENTS; i++) {
    g_autofree char *request = g_strdup_printf("GET /files/s%u HTTP/1.1\nHost: x\n\n", i);
    g_autofree char *body = expected_body(i);
    g_auto(Answer) answer = fixture_ask(fd, request);
    g_assert_cmpstr(answer.body, ==, body);
  }
  close(fd);
  return NULL;
}

static void
test_viewers_at_the_edge(void)
{
  Fixture f;
  GThread *viewers[N_VIEWERS];
  fixture_init(&f);
  fixture_start(&f);
  http->folder_promise(f.folder, "s0", LONG);
  for (guint i = 0; i < N_VIEWERS; i++)
    viewers[i] = g_thread_new("viewer", read_all, &f);
  g_thread_join(g_thread_new("publisher", publish_many, &f));
  for (guint i = 0; i < N_VIEWERS; i++)
    g_thread_join(viewers[i]);
  fixture_stop(&f);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_lanes_start(2);
  g_test_add_func("/http/promise/all-are-answered-when-it-is-put",
                  test_all_are_answered_when_it_is_put);
  g_test_add_func("/http/promise/next-request-comes-after-it", test_next_request_comes_after_it);
  g_test_add_func("/http/promise/of-what-is-there-changes-nothing",
                  test_promise_of_what_is_there_changes_nothing);
  g_test_add_func("/http/promise/withdrawn", test_withdrawn);
  g_test_add_func("/http/promise/owner-goes", test_owner_goes);
  g_test_add_func("/http/promise/deadline", test_deadline);
  g_test_add_func("/http/promise/viewer-goes", test_viewer_goes);
  g_test_add_func("/http/promise/server-ends-while-they-wait", test_server_ends_while_they_wait);
  g_test_add_func("/http/promise/other-folder-has-it", test_other_folder_has_it);
  g_test_add_func("/http/growing/read-as-it-grows", test_read_as_it_grows);
  g_test_add_func("/http/growing/head-does-not-wait-for-the-end",
                  test_head_does_not_wait_for_the_end);
  g_test_add_func("/http/growing/ranges-and-conditions", test_ranges_and_conditions);
  g_test_add_func("/http/growing/old-protocol", test_old_protocol);
  g_test_add_func("/http/growing/removed-in-the-middle", test_removed_in_the_middle);
  g_test_add_func("/http/growing/stops-growing", test_stops_growing);
  g_test_add_func("/http/growing/viewer-falls-behind", test_viewer_falls_behind);
  g_test_add_func("/http/promise/routes-answer-with-it", test_routes_answer_with_it);
  g_test_add_func("/http/growing/viewers-at-the-edge", test_viewers_at_the_edge);
  int failed = g_test_run();
  mg_lanes_stop();
  return failed;
}
