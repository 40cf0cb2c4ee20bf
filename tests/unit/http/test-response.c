#include "http/response.h"

#include <string.h>

static MgHttpResource *
resource_with(MgHttpCache cache, const char *etag)
{
  g_autoptr(MgData) data = mg_data_new_copy("0123456789", 10);
  return mg_http_resource_new(&(MgHttpContent){ .size = sizeof(MgHttpContent),
                                                .content_type = "video/mp4",
                                                .cache = cache,
                                                .max_age_ms = 1999,
                                                .etag = etag,
                                                .data = data },
                              "*");
}

static MgHttpText
text(const char *s)
{
  return (MgHttpText){ s, strlen(s) };
}

/* The head without its Date line, which is checked; and the range of the body. */
static char *
plan(const MgHttpAsked *asked, const MgHttpResource *resource, guint64 *first, guint64 *size)
{
  g_auto(MgWriter) scratch = MG_WRITER_INIT;
  MgHttpAnswer answer = mg_http_answer_plan(asked, resource, &scratch);
  *first = answer.first;
  *size = answer.size;
  g_assert_true(g_str_has_prefix(answer.rest, "Date: "));
  const char *end = strstr(answer.rest, "\r\n");
  g_autofree char *date = g_strndup(answer.rest + 6, end - answer.rest - 6);
  g_autoptr(GRegex) shape =
      g_regex_new("^[MTWFS][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$", 0, 0, NULL);
  g_assert_true(g_regex_match(shape, date, 0, NULL));
  GString *head = g_string_new_len(answer.head, (gssize) answer.head_size);
  g_string_append(head, end + 2);
  return g_string_free(head, FALSE);
}

static void
check(const MgHttpAsked *asked, const MgHttpResource *resource, const char *expected,
      guint64 expected_first, guint64 expected_size)
{
  guint64 first, size;
  g_autofree char *head = plan(asked, resource, &first, &size);
  g_assert_cmpstr(head, ==, expected);
  g_assert_cmpuint(first, ==, expected_first);
  g_assert_cmpuint(size, ==, expected_size);
}

#define CORS                                                                                       \
  "Access-Control-Allow-Origin: *\r\n"                                                             \
  "Access-Control-Expose-Headers: Age, Content-Length, Content-Range, Date, ETag\r\n"              \
  "Timing-Allow-Origin: *\r\n"

static void
test_whole(void)
{
  g_autoptr(MgHttpResource) r = resource_with(MG_HTTP_CACHE_IMMUTABLE, "e1");
  static const char expected[] = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n"
                                 "Content-Type: video/mp4\r\nAccept-Ranges: bytes\r\n"
                                 "Cache-Control: public, max-age=31536000, immutable\r\n"
                                 "ETag: \"e1\"\r\n" CORS "\r\n";
  check(&(MgHttpAsked){ .method = MG_HTTP_GET, .minor = 1 }, r, expected, 0, 10);
  check(&(MgHttpAsked){ .method = MG_HTTP_HEAD, .minor = 1 }, r, expected, 0, 0);
}

static void
test_connection(void)
{
  g_autoptr(MgHttpResource) r = resource_with(MG_HTTP_CACHE_NEVER, NULL);
#define START                                                                                      \
  "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n"                                                      \
  "Content-Type: video/mp4\r\nAccept-Ranges: bytes\r\n"                                            \
  "Cache-Control: no-store\r\n" CORS
  check(&(MgHttpAsked){ .minor = 1 }, r, START "\r\n", 0, 10);
  check(&(MgHttpAsked){ .minor = 1, .closes = TRUE }, r, START "Connection: close\r\n\r\n", 0, 10);
  check(&(MgHttpAsked){ .minor = 0, .closes = TRUE }, r, START "Connection: close\r\n\r\n", 0, 10);
  check(&(MgHttpAsked){ .minor = 0 }, r, START "Connection: keep-alive\r\n\r\n", 0, 10);
#undef START
}

static void
test_not_modified(void)
{
  g_autoptr(MgHttpResource) r = resource_with(MG_HTTP_CACHE_SHORT, "e1");
  static const char expected[] = "HTTP/1.1 304 Not Modified\r\nCache-Control: max-age=1\r\n"
                                 "ETag: \"e1\"\r\n" CORS "\r\n";
  check(&(MgHttpAsked){ .minor = 1,
                        .if_none_match = text("\"e0\", \"e1\""),
                        .range = text("bytes=0-1") },
        r, expected, 0, 0);
  guint64 first, size;
  g_autofree char *other =
      plan(&(MgHttpAsked){ .minor = 1, .if_none_match = text("\"e0\"") }, r, &first, &size);
  g_assert_true(g_str_has_prefix(other, "HTTP/1.1 200 "));
  g_assert_cmpuint(size, ==, 10);
}

static void
test_part(void)
{
  g_autoptr(MgHttpResource) r = resource_with(MG_HTTP_CACHE_IMMUTABLE, "e1");
  static const char expected[] = "HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n"
                                 "Content-Range: bytes 2-4/10\r\n"
                                 "Content-Type: video/mp4\r\nAccept-Ranges: bytes\r\n"
                                 "Cache-Control: public, max-age=31536000, immutable\r\n"
                                 "ETag: \"e1\"\r\n" CORS "\r\n";
  check(&(MgHttpAsked){ .minor = 1, .range = text("bytes=2-4") }, r, expected, 2, 3);
  check(&(MgHttpAsked){ .minor = 1, .range = text("bytes=2-4"), .if_range = text("\"e1\"") }, r,
        expected, 2, 3);
}

static void
assert_whole(const MgHttpAsked *asked, const MgHttpResource *resource, guint64 expected_size)
{
  guint64 first, size;
  g_autofree char *head = plan(asked, resource, &first, &size);
  g_assert_true(g_str_has_prefix(head, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n"));
  g_assert_cmpuint(first, ==, 0);
  g_assert_cmpuint(size, ==, expected_size);
}

static void
test_range_that_does_not_apply(void)
{
  g_autoptr(MgHttpResource) r = resource_with(MG_HTTP_CACHE_IMMUTABLE, "e1");
  MgHttpText range = text("bytes=2-4");
  assert_whole(&(MgHttpAsked){ .minor = 1, .range = range, .if_range = text("\"e0\"") }, r, 10);
  assert_whole(&(MgHttpAsked){ .method = MG_HTTP_HEAD, .minor = 1, .range = range }, r, 0);
  assert_whole(&(MgHttpAsked){ .minor = 1, .range = text("bytes=0-1,3-4") }, r, 10);
}

static void
test_outside(void)
{
  g_autoptr(MgHttpResource) r = resource_with(MG_HTTP_CACHE_IMMUTABLE, "e1");
  check(&(MgHttpAsked){ .minor = 1, .range = text("bytes=10-") }, r,
        "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n"
        "Content-Range: bytes */10\r\nCache-Control: no-store\r\n" CORS "\r\n",
        0, 0);
}

static void
test_errors(void)
{
  g_autoptr(MgHttpResource) r = mg_http_resource_new_error(404, "https://a.example");
  check(&(MgHttpAsked){ .minor = 1, .range = text("bytes=0-1"), .if_none_match = text("*") }, r,
        "HTTP/1.1 404 Not Found\r\nContent-Length: 14\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n"
        "Access-Control-Allow-Origin: https://a.example\r\n"
        "Access-Control-Expose-Headers: Age, Content-Length, Content-Range, Date, ETag\r\n"
        "Timing-Allow-Origin: https://a.example\r\n\r\n",
        0, 14);
  g_assert_cmpmem(mg_slice_bytes(&r->slices[0]), 14, "404 Not Found\n", 14);
}

static void
test_options(void)
{
  g_autoptr(MgHttpResource) r = mg_http_resource_new_options("*");
  check(&(MgHttpAsked){ .method = MG_HTTP_OPTIONS, .minor = 1 }, r,
        "HTTP/1.1 204 No Content\r\nCache-Control: no-store\r\n" CORS
        "Allow: GET, HEAD, OPTIONS\r\n"
        "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"
        "Access-Control-Allow-Headers: Authorization, CMCD-Object, CMCD-Request, CMCD-Session, "
        "CMCD-Status, If-None-Match, If-Range, Range\r\n"
        "Access-Control-Max-Age: 86400\r\n\r\n",
        0, 0);
}

static void
test_without_cors(void)
{
  g_autoptr(MgHttpResource) r = mg_http_resource_new_error(405, NULL);
  check(&(MgHttpAsked){ .minor = 1 }, r,
        "HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 23\r\n"
        "Content-Type: text/plain; charset=utf-8\r\nCache-Control: no-store\r\n"
        "Allow: GET, HEAD, OPTIONS\r\n\r\n",
        0, 23);
}

static void
test_growing(void)
{
  g_autoptr(MgHttpResource) r = mg_http_resource_new_growing(
      &(MgHttpContent){ .size = sizeof(MgHttpContent), .content_type = "video/mp4" }, NULL);
  static const char rest[] = "Content-Type: video/mp4\r\nCache-Control: no-store\r\n";
  g_autofree char *chunked =
      g_strconcat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n", rest, "\r\n", NULL);
  g_autofree char *plain =
      g_strconcat("HTTP/1.1 200 OK\r\n", rest, "Connection: close\r\n\r\n", NULL);
  check(&(MgHttpAsked){ .minor = 1, .range = text("bytes=0-1") }, r, chunked, 0, 0);
  check(&(MgHttpAsked){ .minor = 0, .closes = TRUE }, r, plain, 0, 0);
}

/* The slices of several buffers are one body; none of it is copied. */
static void
test_buffers(void)
{
  g_autoptr(MgStream) stream = mg_stream_new(&(MgStreamInfo){
      .size = sizeof(MgStreamInfo), .id = "v", .media = MG_MEDIA_VIDEO, .form = MG_FORM_CHUNK });
  g_autoptr(MgBuffer) a = mg_buffer_new(stream, 2);
  g_autoptr(MgBuffer) b = mg_buffer_new(stream, 1);
  MgData *data = mg_data_new_copy("abcdef", 6);
  mg_buffer_append(a, mg_data_ref(data), 0, 1);
  mg_buffer_append(a, mg_data_ref(data), 2, 2);
  mg_buffer_append(b, data, 5, 1);
  g_autoptr(MgHttpResource) r = mg_http_resource_new(
      &(MgHttpContent){
          .size = sizeof(MgHttpContent), .buffers = (MgBuffer *[]){ a, b }, .n_buffers = 2 },
      NULL);
  g_assert_cmpuint(r->size, ==, 4);
  g_assert_cmpuint(r->n_slices, ==, 3);
  g_assert_true(r->slices[1].data == data);
  g_assert_cmpuint(r->slices[1].offset, ==, 2);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/http/response/whole-has-length-type-and-cache", test_whole);
  g_test_add_func("/http/response/connection-is-said-when-it-is-not-the-default", test_connection);
  g_test_add_func("/http/response/known-etag-is-not-modified", test_not_modified);
  g_test_add_func("/http/response/range-is-a-part", test_part);
  g_test_add_func("/http/response/range-that-does-not-apply-is-ignored",
                  test_range_that_does_not_apply);
  g_test_add_func("/http/response/range-behind-the-end-is-416", test_outside);
  g_test_add_func("/http/response/errors-have-text-and-cors-but-no-conditions", test_errors);
  g_test_add_func("/http/response/options-allow-what-players-send", test_options);
  g_test_add_func("/http/response/without-cors-there-is-none", test_without_cors);
  g_test_add_func("/http/response/growing-is-chunked-or-ends-with-the-connection", test_growing);
  g_test_add_func("/http/response/buffers-are-shared-not-copied", test_buffers);
  return g_test_run();
}
