/* What is served in gzip form, to whom, and that it is the same. */
#include "fixture.h"
#include "http/gzip.h"

#include "loop/lane.h"

#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define PLAYLIST_TYPE "application/vnd.apple.mpegurl"

enum { MIB = 1 << 20 };

static Fixture fixture;
static char *playlist;

static char *
make_playlist(void)
{
  GString *text = g_string_new("#EXTM3U\n#EXT-X-VERSION:9\n#EXT-X-TARGETDURATION:2\n");
  for (guint i = 0; i < 30; i++)
    g_string_append_printf(text, "#EXTINF:2.00%u,\nvideo-%u.m4s\n", i % 7, 1000 + 2 * i);
  return g_string_free(text, FALSE);
}

static void
put(const char *name, const char *type, const char *bytes, gsize size)
{
  g_autoptr(MgData) data = mg_data_new_copy(bytes, size);
  MgHttpContent content = { .size = sizeof content,
                            .content_type = type,
                            .cache = MG_HTTP_CACHE_SHORT,
                            .max_age_ms = 1000,
                            .etag = name,
                            .data = data };
  mg_http_interface.folder_put(fixture.folder, name, &content);
}

/* FIELDS are lines that end with LF. */
static Answer
ask(const char *method, const char *path, const char *fields)
{
  int fd = mg_client_connect(fixture.port);
  g_autofree char *request = g_strdup_printf("%s %s HTTP/1.1\nHost: x\n%s\n", method, path, fields);
  Answer answer = fixture_ask(fd, request);
  close(fd);
  return answer;
}

static char *
unpack(const Answer *answer, gsize *size)
{
  enum { ROOM = 8 * MIB };
  char *out = g_malloc(ROOM + 1);
  z_stream z = { .next_in = (Bytef *) answer->body,
                 .avail_in = (uInt) answer->body_size,
                 .next_out = (Bytef *) out,
                 .avail_out = ROOM };
  g_assert_cmpint(inflateInit2(&z, 15 + 16), ==, Z_OK);
  g_assert_cmpint(inflate(&z, Z_FINISH), ==, Z_STREAM_END);
  g_assert_cmpuint(z.avail_in, ==, 0);
  *size = z.total_out;
  inflateEnd(&z);
  return out;
}

static void
assert_field(const Answer *answer, const char *name, const char *expected)
{
  g_autofree char *value = answer_field(answer, name);
  g_assert_cmpstr(value, ==, expected);
}

static void
assert_packed(const Answer *answer, const char *expected, gsize expected_size)
{
  gsize size;
  assert_field(answer, "Content-Encoding", "gzip");
  assert_field(answer, "Vary", "Accept-Encoding");
  g_assert_cmpuint(answer->body_size, <, expected_size);
  g_autofree char *text = unpack(answer, &size);
  g_assert_cmpmem(text, size, expected, expected_size);
}

static void
assert_plain(const Answer *answer, const char *vary, const char *expected, gsize expected_size)
{
  g_assert_cmpuint(answer->status, ==, 200);
  assert_field(answer, "Content-Encoding", NULL);
  assert_field(answer, "Vary", vary);
  g_assert_cmpmem(answer->body, answer->body_size, expected, expected_size);
}

#define CORS                                                                                       \
  "Access-Control-Allow-Origin: *\r\n"                                                             \
  "Access-Control-Expose-Headers: Age, Content-Length, Content-Range, Date, ETag\r\n"              \
  "Timing-Allow-Origin: *\r\n\r\n"

static void
test_packed(void)
{
  g_auto(Answer) answer = ask("GET", "/files/p", "Accept-Encoding: gzip\n");
  g_autofree char *expected = g_strdup_printf(
      "HTTP/1.1 200 OK\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n"
      "Content-Type: " PLAYLIST_TYPE "\r\nContent-Encoding: gzip\r\n"
      "Cache-Control: max-age=1\r\nETag: \"p-gzip\"\r\nVary: Accept-Encoding\r\n" CORS,
      answer.body_size);
  g_assert_cmpstr(answer.head, ==, expected);
  assert_packed(&answer, playlist, strlen(playlist));
}

static void
test_plain(void)
{
  g_auto(Answer) answer = ask("GET", "/files/p", "");
  g_autofree char *expected =
      g_strdup_printf("HTTP/1.1 200 OK\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n"
                      "Content-Type: " PLAYLIST_TYPE "\r\nAccept-Ranges: bytes\r\n"
                      "Cache-Control: max-age=1\r\nETag: \"p\"\r\nVary: Accept-Encoding\r\n" CORS,
                      strlen(playlist));
  g_assert_cmpstr(answer.head, ==, expected);
  assert_plain(&answer, "Accept-Encoding", playlist, strlen(playlist));
}

static void
test_refused(void)
{
  static const char *const fields[] = { "Accept-Encoding: gzip;q=0, *\n", "Accept-Encoding: br\n",
                                        "Accept-Encoding:\n",
                                        "Accept-Encoding: identity, gzip;q=0.5\n" };
  for (guint i = 0; i < G_N_ELEMENTS(fields); i++) {
    g_auto(Answer) answer = ask("GET", "/files/p", fields[i]);
    assert_plain(&answer, "Accept-Encoding", playlist, strlen(playlist));
  }
  g_auto(Answer) lines = ask("GET", "/files/p", "Accept-Encoding: br\nAccept-Encoding: gzip\n");
  assert_packed(&lines, playlist, strlen(playlist));
}

static void
check_head(const char *fields)
{
  g_auto(Answer) head = ask("HEAD", "/files/p", fields);
  g_auto(Answer) get = ask("GET", "/files/p", fields);
  g_assert_cmpstr(head.head, ==, get.head);
}

static void
test_head(void)
{
  check_head("");
  check_head("Accept-Encoding: gzip\n");
}

static void
check_not_modified(const char *method, const char *fields, const char *etag)
{
  g_auto(Answer) answer = ask(method, "/files/p", fields);
  g_autofree char *expected =
      g_strdup_printf("HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=1\r\n"
                      "ETag: %s\r\nVary: Accept-Encoding\r\n" CORS,
                      etag);
  g_assert_cmpstr(answer.head, ==, expected);
}

static void
test_not_modified(void)
{
#define GZIP "Accept-Encoding: gzip\n"
  check_not_modified("GET", "If-None-Match: \"p\"\n", "\"p\"");
  check_not_modified("GET", "If-None-Match: \"p-gzip\"\n" GZIP, "\"p-gzip\"");
  check_not_modified("HEAD", "If-None-Match: W/\"p-gzip\"\n" GZIP, "\"p-gzip\"");
  check_not_modified("GET", "If-None-Match: \"p\", \"p-gzip\"\n" GZIP, "\"p-gzip\"");
  check_not_modified("GET", "If-None-Match: \"p\", \"p-gzip\"\n", "\"p\"");
  g_auto(Answer) plain = ask("GET", "/files/p", "If-None-Match: \"p-gzip\"\n");
  assert_plain(&plain, "Accept-Encoding", playlist, strlen(playlist));
  g_auto(Answer) packed = ask("GET", "/files/p", "If-None-Match: \"p\"\n" GZIP);
  assert_packed(&packed, playlist, strlen(playlist));
}

static void
test_ranges(void)
{
  g_auto(Answer) part = ask("GET", "/files/p", "Range: bytes=1-6\n" GZIP);
  g_assert_cmpuint(part.status, ==, 206);
  g_assert_cmpstr(part.body, ==, "EXTM3U");
  assert_field(&part, "Content-Encoding", NULL);
  assert_field(&part, "ETag", "\"p\"");
  assert_field(&part, "Vary", "Accept-Encoding");
  g_auto(Answer) whole = ask("GET", "/files/p", "Range: bytes=1-6\nIf-Range: \"p-gzip\"\n" GZIP);
  assert_plain(&whole, "Accept-Encoding", playlist, strlen(playlist));
#undef GZIP
}

/* Whatever of it could be packed. */
static void
check_as_is(const char *name, const char *type, gsize size)
{
  g_autofree char *bytes = g_strnfill(size, 'x');
  g_autofree char *path = g_strconcat("/files/", name, NULL);
  put(name, type, bytes, size);
  g_auto(Answer) answer = ask("GET", path, "Accept-Encoding: gzip\n");
  assert_plain(&answer, NULL, bytes, size);
  assert_field(&answer, "Accept-Ranges", "bytes");
  mg_http_interface.folder_remove(fixture.folder, name);
}

static void
check_packed(const char *name, const char *type, gsize size)
{
  g_autofree char *bytes = g_strnfill(size, 'x');
  g_autofree char *path = g_strconcat("/files/", name, NULL);
  put(name, type, bytes, size);
  g_auto(Answer) answer = ask("GET", path, "Accept-Encoding: gzip\n");
  assert_packed(&answer, bytes, size);
  mg_http_interface.folder_remove(fixture.folder, name);
}

static void
test_types(void)
{
  check_as_is("1.m4s", "video/mp4", 1000);
  check_as_is("x", "application/octet-stream", 1000);
  check_as_is("y", "application/jsonp", 1000);
  check_as_is("none", NULL, 1000);
  check_packed("m.mpd", "application/dash+xml", 1000);
  check_packed("s.json", "application/json; charset=utf-8", 1000);
  check_packed("p.js", "text/javascript; charset=utf-8", 1000);
  check_packed("q.js", "Application/JavaScript", 1000);
  check_packed("p.html", "text/html", 1000);
}

static void
test_sizes(void)
{
  check_as_is("empty", "text/plain", 0);
  check_as_is("small", "text/plain", 127);
  check_packed("least", "text/plain", 128);
  check_packed("most", "text/plain", 4 * MIB);
  check_as_is("large", "text/plain", 4 * MIB + 1);
}

/* It could be packed by its type, and that is said; but nothing would be saved. */
static void
test_incompressible(void)
{
  g_autoptr(GRand) rand = g_rand_new_with_seed(1);
  char noise[4000];
  for (guint i = 0; i < sizeof noise; i++)
    noise[i] = (char) g_rand_int(rand);
  put("noise", "text/plain", noise, sizeof noise);
  for (guint i = 0; i < 2; i++) {
    g_auto(Answer) answer = ask("GET", "/files/noise", "Accept-Encoding: gzip\n");
    assert_plain(&answer, "Accept-Encoding", noise, sizeof noise);
    assert_field(&answer, "ETag", "\"noise\"");
  }
}

static MgHttpResource *
make_sliced(const char *text)
{
  g_autoptr(MgStream) stream = mg_stream_new(&(MgStreamInfo){
      .size = sizeof(MgStreamInfo), .id = "v", .media = MG_MEDIA_VIDEO, .form = MG_FORM_CHUNK });
  g_autoptr(MgBuffer) buffer = mg_buffer_new(stream, 3);
  gsize size = strlen(text);
  g_autoptr(MgData) data = mg_data_new_copy(text, size);
  mg_buffer_append(buffer, mg_data_ref(data), 0, 10);
  mg_buffer_append(buffer, mg_data_ref(data), 10, 90);
  mg_buffer_append(buffer, mg_data_ref(data), 100, size - 100);
  MgHttpContent content = {
    .size = sizeof content, .content_type = "text/vtt", .buffers = &buffer, .n_buffers = 1
  };
  return mg_http_resource_new(&content, NULL);
}

static void
test_slices(void)
{
  g_autoptr(MgHttpResource) resource = make_sliced(playlist);
  const MgHttpResource *gzip = mg_http_gzip_of(resource);
  g_assert_true(gzip != resource);
  g_assert_null(gzip->etag);
  g_assert_cmpuint(gzip->n_slices, ==, 1);
  g_auto(Answer) answer = { .body = g_memdup2(mg_slice_bytes(&gzip->slices[0]), gzip->size),
                            .body_size = gzip->size };
  gsize size;
  g_autofree char *text = unpack(&answer, &size);
  g_assert_cmpmem(text, size, playlist, strlen(playlist));
}

typedef struct {
  GThread *thread;
  const MgHttpResource *resource, *form;
  gint *go; /* all start at once */
} Viewer;

static gpointer
get_form(gpointer data)
{
  Viewer *viewer = data;
  while (!g_atomic_int_get(viewer->go))
    ;
  viewer->form = mg_http_gzip_of(viewer->resource);
  return NULL;
}

static void
test_shared(void)
{
  enum { ROUNDS = 100, THREADS = 4 };
  for (guint round = 0; round < ROUNDS; round++) {
    g_autoptr(MgHttpResource) resource = make_sliced(playlist);
    Viewer viewers[THREADS];
    gint go = FALSE;
    for (guint i = 0; i < THREADS; i++) {
      viewers[i] = (Viewer){ .resource = resource, .go = &go };
      viewers[i].thread = g_thread_new(NULL, get_form, &viewers[i]);
    }
    g_atomic_int_set(&go, TRUE);
    const MgHttpResource *form = mg_http_gzip_of(resource);
    g_assert_true(form != resource);
    for (guint i = 0; i < THREADS; i++) {
      g_thread_join(viewers[i].thread);
      g_assert_true(viewers[i].form == form);
    }
  }
}

static void
answer_with_file(MgHttpRequest *request, gpointer data)
{
  mg_http_interface.respond_with(request, fixture.folder, "p");
}

static void
answer_with_content(MgHttpRequest *request, gpointer data)
{
  g_autoptr(MgData) body = mg_data_new_copy(playlist, strlen(playlist));
  MgHttpContent content = { .size = sizeof content, .content_type = PLAYLIST_TYPE, .data = body };
  mg_http_interface.respond(request, &content);
}

/* What is made for one request is not worth packing. */
static void
test_routes(void)
{
  const MgHttpInterface *http = &mg_http_interface;
  MgHttpRoute *file = http->route_new(fixture.http, "/file", answer_with_file, NULL);
  MgHttpRoute *content = http->route_new(fixture.http, "/content", answer_with_content, NULL);
  g_auto(Answer) packed = ask("GET", "/file", "Accept-Encoding: gzip\n");
  assert_packed(&packed, playlist, strlen(playlist));
  g_auto(Answer) plain = ask("GET", "/content", "Accept-Encoding: gzip\n");
  assert_plain(&plain, NULL, playlist, strlen(playlist));
  http->route_free(file);
  http->route_free(content);
}

static void
test_replaced(void)
{
  char text[1000];
  for (guint i = 0; i < 3; i++) {
    memset(text, 'a' + (int) i, sizeof text);
    put("live", PLAYLIST_TYPE, text, sizeof text);
    g_auto(Answer) answer = ask("GET", "/files/live", "Accept-Encoding: gzip\n");
    assert_packed(&answer, text, sizeof text);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_lanes_start(2);
  fixture_init(&fixture);
  fixture_start(&fixture);
  playlist = make_playlist();
  put("p", PLAYLIST_TYPE, playlist, strlen(playlist));
  g_test_add_func("/http/gzip/who-accepts-it-gets-it-with-its-own-etag", test_packed);
  g_test_add_func("/http/gzip/others-get-the-plain-form-and-vary", test_plain);
  g_test_add_func("/http/gzip/who-refuses-it-does-not-get-it", test_refused);
  g_test_add_func("/http/gzip/head-is-get-without-body", test_head);
  g_test_add_func("/http/gzip/each-form-is-known-by-its-etag", test_not_modified);
  g_test_add_func("/http/gzip/ranges-are-of-the-plain-form", test_ranges);
  g_test_add_func("/http/gzip/text-is-packed-and-media-is-not", test_types);
  g_test_add_func("/http/gzip/sizes-have-limits", test_sizes);
  g_test_add_func("/http/gzip/what-does-not-get-smaller-stays-plain", test_incompressible);
  g_test_add_func("/http/gzip/slices-are-one-body", test_slices);
  g_test_add_func("/http/gzip/all-threads-share-one-form", test_shared);
  g_test_add_func("/http/gzip/routes-serve-what-folders-have-packed", test_routes);
  g_test_add_func("/http/gzip/replaced-text-is-packed-anew", test_replaced);
  int failed = g_test_run();
  fixture_stop(&fixture);
  mg_lanes_stop();
  g_free(playlist);
  return failed;
}
