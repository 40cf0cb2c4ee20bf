#include "rtmp/rtmpt.h"

#include "rtmp/error.h"

#include <string.h>

enum { MOST_HEAD_BYTES = 4096, MOST_BODY_BYTES = 16 << 20 };

void
mg_rtmpt_reader_clear(MgRtmptReader *r)
{
  if (r->head != NULL)
    g_string_free(r->head, TRUE);
  r->head = NULL;
}

static gboolean
refuse(GError **error, MgRtmpError code, const char *why)
{
  g_set_error(error, MG_RTMP_ERROR, code, "an HTTP request %s", why);
  return FALSE;
}

/* --- heads ------------------------------------------------------------------------------------- */

/* At most so large, and of digits alone. */
static gboolean
parse_number(const char *text, guint64 most, guint64 *number)
{
  return g_ascii_isdigit(*text) && g_ascii_string_to_unsigned(text, 10, 0, most, number, NULL);
}

/* "/send/ID/N" and the like. */
static void
parse_path(const char *path, MgRtmptRequest *request)
{
  static const struct {
    const char *word;
    MgRtmptCommand command;
  } words[] = { { "send", MG_RTMPT_SEND }, { "idle", MG_RTMPT_IDLE }, { "close", MG_RTMPT_CLOSE } };
  g_auto(GStrv) parts = g_strsplit(path, "/", 5);
  guint n = g_strv_length(parts);
  guint64 sequence;
  if (n >= 2 && g_str_equal(parts[1], "open"))
    request->command = MG_RTMPT_OPEN;
  if (n != 4 || strlen(parts[2]) >= sizeof request->id ||
      !parse_number(parts[3], G_MAXUINT32, &sequence))
    return;
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    if (g_str_equal(parts[1], words[i].word))
      request->command = words[i].command;
  g_strlcpy(request->id, parts[2], sizeof request->id);
  request->sequence = (guint32) sequence;
}

/* "POST /open/1 HTTP/1.1" */
static gboolean
parse_first_line(const char *line, MgRtmptRequest *request, GError **error)
{
  g_auto(GStrv) words = g_strsplit(line, " ", 4);
  if (g_strv_length(words) != 3 || !g_str_has_prefix(words[2], "HTTP/1."))
    return refuse(error, MG_RTMP_ERROR_PROTOCOL, "that is none");
  *request = (MgRtmptRequest){ .command = MG_RTMPT_OTHER,
                               .is_keep_alive = g_str_equal(words[2], "HTTP/1.1") };
  if (g_str_equal(words[0], "POST"))
    parse_path(words[1], request);
  return TRUE;
}

static gboolean
parse_field(MgRtmptReader *r, const char *line, gboolean *has_length, GError **error)
{
  const char *colon = strchr(line, ':');
  if (colon == NULL || !g_ascii_isalpha(*line))
    return refuse(error, MG_RTMP_ERROR_PROTOCOL, "with a line that is no field");
  g_autofree char *name = g_ascii_strdown(line, colon - line);
  g_autofree char *value = g_strstrip(g_ascii_strdown(colon + 1, -1));
  if (g_str_equal(name, "transfer-encoding"))
    return refuse(error, MG_RTMP_ERROR_PROTOCOL, "of unknown length");
  if (g_str_equal(name, "connection"))
    r->request.is_keep_alive = !g_str_equal(value, "close");
  if (!g_str_equal(name, "content-length"))
    return TRUE;
  if (*has_length || !parse_number(value, MOST_BODY_BYTES, &r->body_left))
    return refuse(error, MG_RTMP_ERROR_LIMIT, "with a length that is too much, or none");
  *has_length = TRUE;
  return TRUE;
}

/* The head is whole. */
static gboolean
parse_head(MgRtmptReader *r, GError **error)
{
  gboolean has_length = FALSE;
  g_auto(GStrv) lines = g_strsplit(r->head->str, "\r\n", -1);
  if (strlen(r->head->str) != r->head->len)
    return refuse(error, MG_RTMP_ERROR_PROTOCOL, "with a zero in it");
  if (!parse_first_line(lines[0], &r->request, error))
    return FALSE;
  r->body_left = 0;
  for (guint i = 1; lines[i][0] != '\0'; i++)
    if (!parse_field(r, lines[i], &has_length, error))
      return FALSE;
  return TRUE;
}

static gboolean
is_whole(const GString *head)
{
  static const char end[] = "\r\n\r\n";
  gsize n = sizeof end - 1;
  return head->len >= n && memcmp(head->str + (head->len - n), end, n) == 0;
}

/* TRUE when the head is whole, or ERROR is set. */
static gboolean
read_head(MgRtmptReader *r, MgReader *in, GError **error)
{
  if (r->head == NULL)
    r->head = g_string_sized_new(512);
  while (mg_reader_left(in) > 0) {
    g_string_append_c(r->head, (char) mg_reader_u8(in));
    if (is_whole(r->head))
      return TRUE;
    if (r->head->len >= MOST_HEAD_BYTES)
      return !refuse(error, MG_RTMP_ERROR_LIMIT, "with a head that is too long");
  }
  return FALSE;
}

static MgRtmptEvent
next_head(MgRtmptReader *r, MgReader *in, GError **error)
{
  GError *own = NULL;
  if (!read_head(r, in, &own))
    return MG_RTMPT_MORE;
  if (own == NULL)
    parse_head(r, &own);
  mg_rtmpt_reader_clear(r);
  r->is_in_body = own == NULL;
  if (own == NULL)
    return MG_RTMPT_HEAD;
  g_propagate_error(error, own);
  return MG_RTMPT_FAILED;
}

MgRtmptEvent
mg_rtmpt_next(MgRtmptReader *r, MgReader *in, const guint8 **bytes, gsize *size, GError **error)
{
  if (!r->is_in_body)
    return mg_reader_left(in) > 0 ? next_head(r, in, error) : MG_RTMPT_MORE;
  if (r->body_left == 0) {
    r->is_in_body = FALSE;
    return MG_RTMPT_END;
  }
  *size = (gsize) MIN(r->body_left, mg_reader_left(in));
  if (*size == 0)
    return MG_RTMPT_MORE;
  *bytes = mg_reader_take(in, *size);
  r->body_left -= *size;
  return MG_RTMPT_BODY;
}

/* --- answers ----------------------------------------------------------------------------------- */

void
mg_rtmpt_write_answer(MgWriter *out, const char *status, gconstpointer body, gsize size,
                      gboolean is_keep_alive)
{
  g_autofree char *head = g_strdup_printf("HTTP/1.1 %s\r\n"
                                          "Content-Type: application/x-fcs\r\n"
                                          "Content-Length: %" G_GSIZE_FORMAT "\r\n"
                                          "Cache-Control: no-cache\r\n"
                                          "Connection: %s\r\n\r\n",
                                          status, size, is_keep_alive ? "keep-alive" : "close");
  mg_writer_text(out, head);
  mg_writer_bytes(out, body, size);
}
