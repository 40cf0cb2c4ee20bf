#include "http/response.h"

#include "http/gzip.h"
#include "http/lazy.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* What ends a head, by what the connection does next; written once per second and thread. */
typedef struct {
  gint64 second;
  char plain[64], close[96], keep[96];
} Endings;

static __thread Endings endings = { .second = -1 };

static const char *const days[] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static void
update_endings(gint64 second)
{
  struct tm t;
  time_t time = (time_t) second;
  char date[40];
  gmtime_r(&time, &t);
  /* RFC 9110 §5.6.7; strftime() would speak the locale's language */
  snprintf(date, sizeof date, "Date: %s, %02d %s %04d %02d:%02d:%02d GMT", days[t.tm_wday],
           t.tm_mday, months[t.tm_mon], 1900 + t.tm_year, t.tm_hour, t.tm_min, t.tm_sec);
  snprintf(endings.plain, sizeof endings.plain, "%s\r\n\r\n", date);
  snprintf(endings.close, sizeof endings.close, "%s\r\nConnection: close\r\n\r\n", date);
  snprintf(endings.keep, sizeof endings.keep, "%s\r\nConnection: keep-alive\r\n\r\n", date);
  endings.second = second;
}

static void
set_ending(MgHttpAnswer *answer, gboolean closes, guint minor)
{
  gint64 second = mg_utc_now_us() / G_USEC_PER_SEC;
  if (second != endings.second)
    update_endings(second);
  answer->rest = closes ? endings.close : minor == 0 ? endings.keep : endings.plain;
  answer->rest_size = strlen(answer->rest);
}

static void write_line(MgWriter *w, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void
write_line(MgWriter *w, const char *format, ...)
{
  char line[128];
  va_list args;
  va_start(args, format);
  int n = vsnprintf(line, sizeof line, format, args);
  va_end(args);
  g_assert(n >= 0 && n < (int) sizeof line);
  mg_writer_bytes(w, line, (gsize) n);
  mg_writer_text(w, "\r\n");
}

static void
write_status(MgWriter *w, guint status)
{
  write_line(w, "HTTP/1.1 %u %s", status, mg_http_status_text(status));
}

static void
write_from(MgWriter *w, const MgHttpResource *resource, gsize offset)
{
  mg_writer_bytes(w, resource->head + offset, resource->head_size - offset);
}

static void
use_scratch(MgHttpAnswer *answer, const MgWriter *w)
{
  answer->head = (const char *) w->data;
  answer->head_size = w->size;
}

static void
plan_not_modified(MgHttpAnswer *answer, const MgHttpResource *resource, MgWriter *w)
{
  write_status(w, 304);
  write_from(w, resource, resource->common);
  use_scratch(answer, w);
  answer->size = 0;
}

static void
plan_part(MgHttpAnswer *answer, const MgHttpResource *resource, MgHttpRange range, MgWriter *w)
{
  write_status(w, 206);
  write_line(w, "Content-Length: %" G_GUINT64_FORMAT, range.size);
  guint64 last = range.first + range.size - 1;
  g_autofree char *size = resource->is_growing
                              ? g_strdup("*") /* RFC 9110 §14.4 */
                              : g_strdup_printf("%" G_GUINT64_FORMAT, resource->size);
  write_line(w, "Content-Range: bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%s", range.first,
             last, size);
  write_from(w, resource, resource->entity);
  use_scratch(answer, w);
  answer->first = range.first;
  answer->size = range.size;
}

/* The resource may be cached for ever; that it has no such bytes may not. */
static void
plan_outside(MgHttpAnswer *answer, const MgHttpResource *resource, MgWriter *w)
{
  write_status(w, 416);
  write_line(w, "Content-Length: 0");
  write_line(w, "Content-Range: bytes */%" G_GUINT64_FORMAT, resource->size);
  write_line(w, "Cache-Control: no-store");
  const char *common = resource->head + resource->common;
  const char *cors = strstr(common, "Access-Control-");
  if (cors != NULL)
    mg_writer_text(w, cors);
  use_scratch(answer, w);
  answer->size = 0;
}

static void
plan_chunked(MgHttpAnswer *answer, const MgHttpResource *resource, MgWriter *w)
{
  write_status(w, resource->status);
  write_line(w, "Transfer-Encoding: chunked");
  write_from(w, resource, resource->entity);
  use_scratch(answer, w);
  answer->is_chunked = TRUE;
}

/* Which part of a growing resource is asked for, if all of that is there; else nothing is. */
static MgHttpRange
range_that_is_there(const MgHttpAsked *asked, const MgHttpResource *resource)
{
  const MgHttpRange none = { MG_HTTP_RANGE_NONE, 0, 0 };
  if (asked->method != MG_HTTP_GET || asked->range.at == NULL ||
      (asked->if_range.at != NULL && !mg_http_etag_is_exactly(asked->if_range, resource->etag)))
    return none;
  MgHttpRange range = mg_http_range_parse(asked->range, G_MAXINT64);
  gboolean is_there = range.kind == MG_HTTP_RANGE_PART && range.first < resource->size &&
                      range.size <= resource->size - range.first;
  return is_there ? range : none;
}

gboolean
mg_http_answer_goes_on(const MgHttpAsked *asked, const MgHttpResource *resource)
{
  return resource->is_growing && asked->method != MG_HTTP_HEAD &&
         !mg_http_etag_is_listed(asked->if_none_match, resource->etag) &&
         range_that_is_there(asked, resource).kind == MG_HTTP_RANGE_NONE;
}

static void
plan_growing(MgHttpAnswer *answer, const MgHttpAsked *asked, const MgHttpResource *resource,
             MgWriter *w)
{
  MgHttpRange range = range_that_is_there(asked, resource);
  if (mg_http_etag_is_listed(asked->if_none_match, resource->etag))
    plan_not_modified(answer, resource, w);
  else if (range.kind == MG_HTTP_RANGE_PART)
    plan_part(answer, resource, range, w);
  else if (asked->minor > 0 && !asked->has_frames)
    plan_chunked(answer, resource, w);
}

static void
plan_range(MgHttpAnswer *answer, const MgHttpAsked *asked, const MgHttpResource *resource,
           MgWriter *w)
{
  if (asked->if_range.at != NULL && !mg_http_etag_is_exactly(asked->if_range, resource->etag))
    return;
  MgHttpRange range = mg_http_range_parse(asked->range, resource->size);
  if (range.kind == MG_HTTP_RANGE_PART)
    plan_part(answer, resource, range, w);
  else if (range.kind == MG_HTTP_RANGE_OUTSIDE)
    plan_outside(answer, resource, w);
}

/* Conditions and ranges are about what is there (RFC 9110 §13.2.2): a 404 has none. */
static void
plan_conditions(MgHttpAnswer *answer, const MgHttpAsked *asked, const MgHttpResource *resource,
                MgWriter *w)
{
  if (mg_http_etag_is_listed(asked->if_none_match, resource->etag))
    plan_not_modified(answer, resource, w);
  else if (asked->method == MG_HTTP_GET && asked->range.at != NULL)
    plan_range(answer, asked, resource, w);
}

/* There are no ranges of the gzip form: who asks for one gets it of the plain one. */
static const MgHttpResource *
choose_form(const MgHttpAsked *asked, const MgHttpResource *resource)
{
  const MgHttpResource *plain = mg_http_lazy_of(resource);
  return asked->wants_gzip && asked->range.at == NULL ? mg_http_gzip_of(plain) : plain;
}

MgHttpAnswer
mg_http_answer_plan(const MgHttpAsked *asked, const MgHttpResource *resource, MgWriter *scratch)
{
  resource = choose_form(asked, resource);
  MgHttpAnswer answer = { .resource = resource,
                          .head = resource->head,
                          .head_size = resource->head_size,
                          .size = resource->size };
  set_ending(&answer, asked->closes, asked->minor);
  if (resource->is_growing)
    plan_growing(&answer, asked, resource, scratch);
  else if (resource->status == 200)
    plan_conditions(&answer, asked, resource, scratch);
  if (asked->method == MG_HTTP_HEAD)
    answer.size = 0;
  return answer;
}
