#include "rtmp/error.h"
#include "rtmp/rtmpt.h"

#include <string.h>

/* What has been read, as text: "send ID 7 [body] end close" and the like. */
static void
note(GString *log, const MgRtmptRequest *request)
{
  static const char *const words[] = { "open", "send", "idle", "close", "other" };
  g_string_append_printf(log, "%s", words[request->command]);
  if (request->command != MG_RTMPT_OPEN && request->command != MG_RTMPT_OTHER)
    g_string_append_printf(log, " %s %u", request->id, request->sequence);
}

/* Returned-owned: of TEXT, in pieces of that size. */
static char *
read_in(const char *text, gsize size, gsize piece)
{
  MgRtmptReader r = MG_RTMPT_READER_INIT;
  GString *log = g_string_new(NULL);
  MgRtmptEvent event = MG_RTMPT_MORE;
  for (gsize at = 0; at < size && event != MG_RTMPT_FAILED; at += piece) {
    MgReader in = MG_READER((const guint8 *) text + at, MIN(piece, size - at));
    g_autoptr(GError) error = NULL;
    const guint8 *bytes;
    gsize n;
    while ((event = mg_rtmpt_next(&r, &in, &bytes, &n, &error)) != MG_RTMPT_MORE) {
      if (event == MG_RTMPT_HEAD)
        note(log, &r.request);
      else if (event == MG_RTMPT_BODY)
        g_string_append_printf(log, "%.*s", (int) n, bytes);
      else if (event == MG_RTMPT_END)
        g_string_append(log, r.request.is_keep_alive ? " more; " : " last; ");
      if (event == MG_RTMPT_FAILED)
        g_string_append(log, error->message);
      if (event == MG_RTMPT_FAILED)
        break;
    }
  }
  mg_rtmpt_reader_clear(&r);
  return g_string_free(log, FALSE);
}

static void
assert_read(const char *text, const char *expected)
{
  for (gsize piece = 1; piece <= strlen(text); piece++) {
    g_autofree char *log = read_in(text, strlen(text), piece);
    g_assert_cmpstr(log, ==, expected);
  }
}

static void
test_requests(void)
{
  assert_read("POST /open/1 HTTP/1.1\r\nContent-Length: 1\r\n\r\n0"
              "POST /send/abc/0 HTTP/1.1\r\nHost: x\r\ncontent-length:4\r\n\r\nbody"
              "POST /idle/abc/4294967295 HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
              "POST /close/abc/2 HTTP/1.1\r\nConnection: Close\r\nContent-Length: 1\r\n\r\n0",
              "open0 more; send abc 0body more; idle abc 4294967295 more; close abc 20 last; ");
}

static void
test_others(void)
{
  assert_read("GET /fcs/ident2 HTTP/1.1\r\n\r\n", "other more; ");
  assert_read("GET / HTTP/1.0\r\n\r\n", "other last; ");
  assert_read("POST /fcs/ident2 HTTP/1.1\r\nContent-Length: 1\r\n\r\n0", "other0 more; ");
  assert_read("POST /send/abc HTTP/1.1\r\n\r\n", "other more; ");
  assert_read("POST /send/abc/x HTTP/1.1\r\n\r\n", "other more; ");
  assert_read("POST /send/abc/4294967296 HTTP/1.1\r\n\r\n", "other more; ");
  assert_read("POST /send/abc/1/2 HTTP/1.1\r\n\r\n", "other more; ");
}

static void
test_refused(void)
{
  assert_read("hello\r\n\r\n", "an HTTP request that is none");
  assert_read("POST / SPDY/3\r\n\r\n", "an HTTP request that is none");
  assert_read("POST / HTTP/1.1\r\nno field\r\n\r\n",
              "an HTTP request with a line that is no field");
  assert_read("POST / HTTP/1.1\r\nA: b\r\n folded: c\r\n\r\n",
              "an HTTP request with a line that is no field");
  assert_read("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n",
              "an HTTP request of unknown length");
  static const char *const lengths[] = {
    "-1", "+1", "1x", "", "16777217", "99999999999999999999", "1\r\nContent-Length: 1"
  };
  for (guint i = 0; i < G_N_ELEMENTS(lengths); i++) {
    g_autofree char *text =
        g_strdup_printf("POST / HTTP/1.1\r\nContent-Length: %s\r\n\r\n", lengths[i]);
    assert_read(text, "an HTTP request with a length that is too much, or none");
  }
}

static void
test_zero(void)
{
  static const char text[] = "POST /\0 HTTP/1.1\r\n\r\n";
  g_autofree char *log = read_in(text, sizeof text - 1, sizeof text);
  g_assert_cmpstr(log, ==, "an HTTP request with a zero in it");
}

static void
test_long_head(void)
{
  g_autofree char *field = g_strnfill(5000, 'a');
  g_autofree char *text = g_strconcat("POST / HTTP/1.1\r\nA: ", field, NULL);
  g_autofree char *log = read_in(text, strlen(text), 100);
  g_assert_cmpstr(log, ==, "an HTTP request with a head that is too long");
}

static void
test_answer(void)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  static const char expected[] = "HTTP/1.1 200 OK\r\n"
                                 "Content-Type: application/x-fcs\r\n"
                                 "Content-Length: 3\r\n"
                                 "Cache-Control: no-cache\r\n"
                                 "Connection: keep-alive\r\n\r\nabc";
  mg_rtmpt_write_answer(&out, "200 OK", "abc", 3, TRUE);
  g_assert_cmpmem(out.data, out.size, expected, sizeof expected - 1);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/rtmpt/requests-are-read-in-any-split", test_requests);
  g_test_add_func("/rtmp/rtmpt/other-requests-are-told-apart", test_others);
  g_test_add_func("/rtmp/rtmpt/what-is-no-request-is-refused", test_refused);
  g_test_add_func("/rtmp/rtmpt/a-zero-is-refused", test_zero);
  g_test_add_func("/rtmp/rtmpt/a-long-head-is-refused", test_long_head);
  g_test_add_func("/rtmp/rtmpt/answers-have-a-length", test_answer);
  return g_test_run();
}
