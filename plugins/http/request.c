#include "http/request.h"

#include "bytes/reader.h"
#include "http/kinds.h"

#include <string.h>

enum { MOST_FIELDS = 100 };

static gboolean
consists_of(MgHttpText text, guint8 kind)
{
  const guint8 *table = mg_http_kinds();
  for (gsize i = 0; i < text.size; i++)
    if (!(table[(guint8) text.at[i]] & kind))
      return FALSE;
  return TRUE;
}

static gboolean
is_exactly(MgHttpText text, const char *word)
{
  return text.size == strlen(word) && memcmp(text.at, word, text.size) == 0;
}

/* What stands before the next END, which is moved past; absent when there is none. */
static MgHttpText
take_until(MgReader *r, char end)
{
  gsize left = mg_reader_left(r);
  const guint8 *from = mg_reader_peek(r, left);
  const guint8 *to = left > 0 ? memchr(from, end, left) : NULL;
  if (to == NULL)
    return (MgHttpText){ NULL };
  gsize size = (gsize) (to - from);
  mg_reader_skip(r, size + 1);
  return (MgHttpText){ (const char *) from, size };
}

/* A line without its CRLF; absent when it does not end so. */
static MgHttpText
take_line(MgReader *r)
{
  MgHttpText line = take_until(r, '\n');
  if (line.at == NULL || line.size == 0 || line.at[line.size - 1] != '\r')
    return (MgHttpText){ NULL };
  return (MgHttpText){ line.at, line.size - 1 };
}

static guint
parse_method(MgHttpText text, MgHttpHead *head)
{
  if (text.size == 0 || !consists_of(text, MG_HTTP_KIND_TOKEN))
    return 400;
  head->method = is_exactly(text, "GET")       ? MG_HTTP_GET
                 : is_exactly(text, "HEAD")    ? MG_HTTP_HEAD
                 : is_exactly(text, "OPTIONS") ? MG_HTTP_OPTIONS
                                               : MG_HTTP_OTHER;
  return 0;
}

static guint
parse_version(MgHttpText text, MgHttpHead *head)
{
  if (text.size != 8 || memcmp(text.at, "HTTP/", 5) != 0 || text.at[6] != '.' ||
      !g_ascii_isdigit(text.at[5]) || !g_ascii_isdigit(text.at[7]))
    return 400;
  if (text.at[5] != '1')
    return 505;
  head->minor = text.at[7] == '0' ? 0 : 1;
  head->is_persistent = head->minor == 1;
  return 0;
}

/* The absolute form, which servers must take (RFC 9112 §3.2.2): drops scheme and authority. */
static gboolean
drop_authority(MgHttpText *target)
{
  static const char scheme[] = "http://";
  gsize n = sizeof scheme - 1;
  if (target->size <= n || g_ascii_strncasecmp(target->at, scheme, n) != 0)
    return FALSE;
  const char *path = memchr(target->at + n, '/', target->size - n);
  if (path == NULL || path == target->at + n)
    return FALSE;
  *target = (MgHttpText){ path, target->size - (gsize) (path - target->at) };
  return TRUE;
}

static guint
parse_target(MgHttpText target, MgHttpHead *head)
{
  if (target.size == 0 || !consists_of(target, MG_HTTP_KIND_TARGET))
    return 400;
  if (head->method == MG_HTTP_OPTIONS && is_exactly(target, "*")) {
    head->path = target;
    return 0;
  }
  if (head->method == MG_HTTP_OTHER)
    return 0; /* it is refused anyway, and CONNECT has a form of its own */
  if (target.at[0] != '/' && !drop_authority(&target))
    return 400;
  const char *mark = memchr(target.at, '?', target.size);
  head->path = target;
  if (mark != NULL) {
    head->path.size = (gsize) (mark - target.at);
    head->query = (MgHttpText){ mark + 1, target.size - head->path.size - 1 };
  }
  return 0;
}

static guint
parse_request_line(MgHttpText line, MgHttpHead *head)
{
  MgReader r = MG_READER((const guint8 *) line.at, line.size);
  MgHttpText method = take_until(&r, ' ');
  MgHttpText target = take_until(&r, ' ');
  MgHttpText version = { (const char *) mg_reader_peek(&r, mg_reader_left(&r)),
                         mg_reader_left(&r) };
  if (method.at == NULL || target.at == NULL)
    return 400;
  guint status = parse_method(method, head);
  if (status == 0)
    status = parse_version(version, head);
  return status != 0 ? status : parse_target(target, head);
}

static guint
on_host(MgHttpFields *f, MgHttpText value)
{
  return f->n_hosts++ == 0 && consists_of(value, MG_HTTP_KIND_HOST) ? 0 : 400;
}

static guint
on_length(MgHttpFields *f, MgHttpText value)
{
  gboolean is_zero = TRUE;
  if (f->n_lengths++ > 0 || value.size == 0 || value.size > 18)
    return 400;
  for (gsize i = 0; i < value.size; i++) {
    if (!g_ascii_isdigit(value.at[i]))
      return 400;
    is_zero &= value.at[i] == '0';
  }
  f->head->has_body |= !is_zero;
  return 0;
}

static guint
on_coding(MgHttpFields *f, MgHttpText value)
{
  f->head->has_body = TRUE;
  if (f->n_codings++ > 0)
    return 400;
  return mg_http_text_is(value, "chunked") ? 0 : 501;
}

static guint
on_connection(MgHttpFields *f, MgHttpText value)
{
  while (value.size > 0) {
    MgHttpText option = mg_http_text_take_item(&value, ',');
    f->closes |= mg_http_text_is(option, "close");
    f->keeps |= mg_http_text_is(option, "keep-alive");
  }
  return 0;
}

/* Of conditions that are sent twice the first counts, but never a mix of them. */
static guint
keep_first(MgHttpText *field, MgHttpText value)
{
  if (field->at == NULL)
    *field = value;
  return 0;
}

static guint
on_range(MgHttpFields *f, MgHttpText value)
{
  return keep_first(&f->head->range, value);
}

static guint
on_if_range(MgHttpFields *f, MgHttpText value)
{
  return keep_first(&f->head->if_range, value);
}

static guint
on_if_none_match(MgHttpFields *f, MgHttpText value)
{
  return keep_first(&f->head->if_none_match, value);
}

static guint
on_accept_encoding(MgHttpFields *f, MgHttpText value)
{
  mg_http_accept_read(&f->accept, value);
  return 0;
}

static guint
on_x_forwarded_for(MgHttpFields *f, MgHttpText value)
{
  f->head->x_forwarded_for = value;
  return 0;
}

static guint
on_forwarded(MgHttpFields *f, MgHttpText value)
{
  f->head->forwarded = value;
  return 0;
}

static const struct {
  const char *name;
  gsize size;
  guint (*on_field)(MgHttpFields *f, MgHttpText value);
} known[] = {
  { "Host", 4, on_host },
  { "Range", 5, on_range },
  { "If-Range", 8, on_if_range },
  { "Forwarded", 9, on_forwarded },
  { "Connection", 10, on_connection },
  { "If-None-Match", 13, on_if_none_match },
  { "Content-Length", 14, on_length },
  { "Accept-Encoding", 15, on_accept_encoding },
  { "X-Forwarded-For", 15, on_x_forwarded_for },
  { "Transfer-Encoding", 17, on_coding },
};

/* Its place, or the number of places. */
static guint
find_known(MgHttpText name)
{
  guint i = 0;
  while (i < G_N_ELEMENTS(known) && (name.size != known[i].size ||
                                     g_ascii_strncasecmp(name.at, known[i].name, name.size) != 0))
    i++;
  return i;
}

gboolean
mg_http_fields_knows(MgHttpText name)
{
  return find_known(name) < G_N_ELEMENTS(known);
}

guint
mg_http_fields_add(MgHttpFields *f, MgHttpText name, MgHttpText value)
{
  if (!consists_of(value, MG_HTTP_KIND_VALUE))
    return 400;
  guint i = find_known(name);
  return i < G_N_ELEMENTS(known) ? known[i].on_field(f, value) : 0;
}

static guint
parse_field(MgHttpText line, MgHttpFields *f)
{
  MgReader r = MG_READER((const guint8 *) line.at, line.size);
  MgHttpText name = take_until(&r, ':');
  if (name.at == NULL || name.size == 0 || !consists_of(name, MG_HTTP_KIND_TOKEN))
    return 400; /* folded lines end here too: they start with a space */
  gsize left = mg_reader_left(&r);
  MgHttpText value = { (const char *) mg_reader_take(&r, left), left };
  return mg_http_fields_add(f, name, mg_http_text_strip(value));
}

static guint
parse_fields(MgReader *r, MgHttpFields *f)
{
  for (guint n = 0; n <= MOST_FIELDS; n++) {
    MgHttpText line = take_line(r);
    if (line.at == NULL)
      return 400;
    if (line.size == 0)
      return 0;
    guint status = parse_field(line, f);
    if (status != 0)
      return status;
  }
  return 431;
}

/* What only shows when all fields are known (RFC 9112 §3.2, §6.1, §9.3). */
guint
mg_http_fields_end(MgHttpFields *f)
{
  MgHttpHead *head = f->head;
  if (head->minor == 1 && f->n_hosts == 0)
    return 400;
  if (f->n_codings > 0 && (f->n_lengths > 0 || head->minor == 0))
    return 400;
  head->is_persistent = !f->closes && (head->is_persistent || f->keeps);
  head->wants_gzip = mg_http_accept_wants_gzip(&f->accept);
  return 0;
}

void
mg_http_fields_begin(MgHttpFields *f, MgHttpHead *head)
{
  *head = (MgHttpHead){ .method = MG_HTTP_OTHER };
  *f = (MgHttpFields){ .head = head, .accept = MG_HTTP_ACCEPT_INIT };
}

guint
mg_http_fields_method(MgHttpFields *f, MgHttpText method)
{
  return parse_method(method, f->head);
}

guint
mg_http_fields_target(MgHttpFields *f, MgHttpText target)
{
  return parse_target(target, f->head);
}

guint
mg_http_head_parse(const guint8 *bytes, gsize size, MgHttpHead *head)
{
  MgHttpFields fields;
  mg_http_fields_begin(&fields, head);
  MgReader r = MG_READER(bytes, size);
  if (size >= 2 && bytes[0] == '\r' && bytes[1] == '\n')
    mg_reader_skip(&r, 2);
  MgHttpText line = take_line(&r);
  if (line.at == NULL)
    return 400;
  guint status = parse_request_line(line, head);
  if (status == 0)
    status = parse_fields(&r, &fields);
  return status != 0 ? status : mg_http_fields_end(&fields);
}
