/*
 * Any bytes as a run of HTTP requests: where a head ends does not depend on how its bytes came, a path that
 * is taken is clean, and an answer stays inside of what it is about.
 */
#include "http/response.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* The same bytes, one more at a time. */
static MgHttpScanned
scan_slowly(MgHttpScan *scan, const guint8 *data, gsize size)
{
  MgHttpScanned scanned = MG_HTTP_SCAN_MORE;
  for (gsize n = 0; n <= size && scanned == MG_HTTP_SCAN_MORE; n++)
    scanned = mg_http_scan(scan, data, n);
  return scanned;
}

static void
check_path(MgHttpText path)
{
  g_autofree char *out = g_malloc(path.size + 1);
  if (!mg_http_path_decode(path, out))
    return;
  g_assert(out[0] == '/' && strlen(out) <= path.size);
  g_assert(g_utf8_validate(out, -1, NULL));
  g_assert(strstr(out, "//") == NULL && strstr(out, "/../") == NULL);
  g_assert(!g_str_has_suffix(out, "/..") && !g_str_has_suffix(out, "/."));
}

static MgHttpResource *
make_resource(void)
{
  g_autofree char *text = g_strnfill(200, 'x');
  g_autoptr(MgData) data = mg_data_new_copy(text, 200);
  MgHttpContent content = {
    .size = sizeof content, .content_type = "text/plain", .etag = "e", .data = data
  };
  return mg_http_resource_new(&content, "*");
}

static void
check_answer(const MgHttpHead *head)
{
  g_autoptr(MgHttpResource) resource = make_resource();
  g_auto(MgWriter) scratch = MG_WRITER_INIT;
  MgHttpAsked asked = { .method = head->method,
                        .minor = head->minor,
                        .closes = !head->is_persistent,
                        .range = head->range,
                        .if_range = head->if_range,
                        .if_none_match = head->if_none_match,
                        .wants_gzip = head->wants_gzip };
  MgHttpAnswer answer = mg_http_answer_plan(&asked, resource, &scratch);
  guint64 all = answer.resource->size;
  g_assert(answer.first <= all && answer.size <= all - answer.first);
  g_assert(answer.head_size > 0 && answer.rest_size > 0);
}

static void
check_head(const guint8 *data, gsize size)
{
  MgHttpHead head;
  guint status = mg_http_head_parse(data, size, &head);
  g_assert(status == 0 || (status >= 400 && status <= 505));
  if (status != 0 || head.method == MG_HTTP_OTHER)
    return;
  check_path(head.path);
  check_answer(&head);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  while (size > 0) {
    MgHttpScan scan = { 0 }, slow = { 0 };
    MgHttpScanned scanned = mg_http_scan(&scan, data, size);
    g_assert(scan_slowly(&slow, data, size) == scanned);
    check_head(data, size); /* whole or not: it must hold its own */
    if (scanned != MG_HTTP_SCAN_DONE)
      return 0;
    g_assert(slow.pos == scan.pos && scan.pos <= size);
    check_head(data, scan.pos);
    data += scan.pos;
    size -= scan.pos;
  }
  return 0;
}
