#include "fixture.h"

#include <string.h>
#include <unistd.h>

void
fixture_init(Fixture *f)
{
  *f = (Fixture){ .config = {
                      .listen = "127.0.0.1:0",
                      .cors = "*",
                      .max_connections = 1000,
                      .max_header = 16384,
                      .header_timeout = 30 * MG_SECOND,
                      .idle_timeout = 30 * MG_SECOND,
                      .min_rate = 1024,
                      .rate_window = 30 * MG_SECOND,
                  } };
}

void
fixture_start(Fixture *f)
{
  g_autoptr(GError) error = NULL;
  f->http = mg_http_start(&f->config, &error);
  g_assert_no_error(error);
  f->port = mg_listener_port(f->http->listener);
  f->folder = mg_http_interface.folder_new(f->http, "/files");
}

static void
on_gone(gpointer data)
{
  g_atomic_int_set((gint *) data, TRUE);
}

static gboolean
is_set(gpointer data)
{
  return g_atomic_int_get((gint *) data);
}

void
fixture_stop(Fixture *f)
{
  mg_http_interface.folder_free(f->folder);
  mg_http_stop(f->http, on_gone, &f->is_gone);
  g_assert_true(mg_client_wait(is_set, &f->is_gone));
}

void
fixture_put(Fixture *f, const char *name, const char *text)
{
  g_autoptr(MgData) data = mg_data_new_copy(text, strlen(text));
  MgHttpContent content = { .size = sizeof content,
                            .content_type = "text/plain",
                            .cache = MG_HTTP_CACHE_IMMUTABLE,
                            .etag = name,
                            .data = data };
  mg_http_interface.folder_put(f->folder, name, &content);
}

char *
fixture_crlf(const char *text)
{
  g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
  return g_strjoinv("\r\n", lines);
}

static void
take_date(char *head)
{
  char *date = strstr(head, "\r\nDate: ");
  g_assert_nonnull(date);
  char *end = strstr(date + 2, "\r\n");
  memmove(date, end, strlen(end) + 1);
}

/* The data of chunks up to the last one. */
static void
receive_chunks(int fd, Answer *answer)
{
  GString *body = g_string_new(NULL);
  for (;;) {
    g_autofree char *line = mg_client_receive_until(fd, "\r\n");
    gsize size = (gsize) g_ascii_strtoull(line, NULL, 16);
    g_autofree char *data = mg_client_receive(fd, size + 2);
    g_assert_true(g_str_has_suffix(line, "\r\n"));
    g_assert_cmpmem(data + size, 2, "\r\n", 2);
    g_string_append_len(body, data, (gssize) size);
    if (size == 0)
      break;
  }
  answer->body_size = body->len;
  answer->body = g_string_free(body, FALSE);
}

Answer
fixture_receive(int fd, gboolean has_body)
{
  Answer answer = { .head = mg_client_receive_until(fd, "\r\n\r\n") };
  g_assert_true(g_str_has_prefix(answer.head, "HTTP/1.1 "));
  answer.status = (guint) g_ascii_strtoull(answer.head + 9, NULL, 10);
  take_date(answer.head);
  g_autofree char *length = answer_field(&answer, "Content-Length");
  g_autofree char *coding = answer_field(&answer, "Transfer-Encoding");
  if (has_body && coding != NULL) {
    receive_chunks(fd, &answer);
  } else if (has_body && length != NULL) {
    answer.body_size = (gsize) g_ascii_strtoull(length, NULL, 10);
    answer.body = mg_client_receive(fd, answer.body_size);
  }
  return answer;
}

Answer
fixture_ask(int fd, const char *request)
{
  g_autofree char *bytes = fixture_crlf(request);
  mg_client_send_text(fd, bytes);
  return fixture_receive(fd, !g_str_has_prefix(request, "HEAD "));
}

void
answer_clear(Answer *answer)
{
  g_clear_pointer(&answer->head, g_free);
  g_clear_pointer(&answer->body, g_free);
}

char *
answer_field(const Answer *answer, const char *name)
{
  g_autofree char *key = g_strdup_printf("\r\n%s: ", name);
  const char *at = strstr(answer->head, key);
  if (at == NULL)
    return NULL;
  at += strlen(key);
  return g_strndup(at, strcspn(at, "\r"));
}

void
fixture_wait_closed(int fd)
{
  gsize size;
  g_free(mg_client_receive_all(fd, &size, NULL));
  g_assert_cmpuint(size, ==, 0);
}

Answer
fixture_ask_once(Fixture *f, const char *request)
{
  int fd = mg_client_connect(f->port);
  Answer answer = fixture_ask(fd, request);
  fixture_wait_closed(fd);
  close(fd);
  return answer;
}
