#include "two-client.h"

#include "doubles/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void
answer_free(gpointer data)
{
  TwoAnswer *answer = data;
  g_hash_table_unref(answer->fields);
  g_byte_array_unref(answer->body);
  g_free(answer);
}

static TwoAnswer *
answer_of(TwoClient *c, gint32 stream)
{
  return g_hash_table_lookup(c->answers, GINT_TO_POINTER(stream));
}

static int
on_header(nghttp2_session *session, const nghttp2_frame *frame, const guint8 *name, size_t n_name,
          const guint8 *value, size_t n_value, guint8 flags, void *data)
{
  TwoAnswer *answer = answer_of(data, frame->hd.stream_id);
  if (n_name == 7 && memcmp(name, ":status", 7) == 0)
    answer->status = (guint) g_ascii_strtoull((const char *) value, NULL, 10);
  g_hash_table_insert(answer->fields, g_strndup((const char *) name, n_name),
                      g_strndup((const char *) value, n_value));
  return 0;
}

static int
on_data(nghttp2_session *session, guint8 flags, gint32 id, const guint8 *bytes, size_t n,
        void *data)
{
  g_byte_array_append(answer_of(data, id)->body, bytes, (guint) n);
  return 0;
}

static int
on_stream_close(nghttp2_session *session, gint32 id, guint32 error, void *data)
{
  TwoAnswer *answer = answer_of(data, id);
  answer->has_ended = TRUE;
  answer->error = error;
  return 0;
}

static int
on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *data)
{
  TwoClient *c = data;
  if (frame->hd.type == NGHTTP2_GOAWAY)
    c->goaway = frame->goaway.error_code;
  return 0;
}

static void
make_session(TwoClient *c)
{
  nghttp2_session_callbacks *callbacks;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_header_callback(callbacks, on_header);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_stream_close);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  g_assert_cmpint(nghttp2_session_client_new(&c->session, callbacks, c), ==, 0);
  nghttp2_session_callbacks_del(callbacks);
}

void
two_init(TwoClient *c, guint port, guint32 window)
{
  nghttp2_settings_entry settings = { NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, window };
  *c = (TwoClient){ .fd = mg_client_connect(port), .goaway = G_MAXUINT32 };
  setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
  c->answers = g_hash_table_new_full(NULL, NULL, NULL, answer_free);
  make_session(c);
  nghttp2_submit_settings(c->session, NGHTTP2_FLAG_NONE, &settings, 1);
  two_send(c);
}

void
two_clear(TwoClient *c)
{
  nghttp2_session_del(c->session);
  g_hash_table_unref(c->answers);
  close(c->fd);
}

void
two_send(TwoClient *c)
{
  const guint8 *bytes;
  gssize n;
  while ((n = nghttp2_session_mem_send(c->session, &bytes)) > 0)
    if (!c->is_closed && send(c->fd, bytes, (gsize) n, MSG_NOSIGNAL) < 0)
      c->is_closed = TRUE;
}

static nghttp2_nv
make_field(const char *name, const char *value)
{
  return (nghttp2_nv){ (guint8 *) g_strdup(name), (guint8 *) g_strdup(value), strlen(name),
                       strlen(value), NGHTTP2_NV_FLAG_NONE };
}

gint32
two_ask(TwoClient *c, const char *method, const char *path, const char *const *fields)
{
  nghttp2_nv nv[20];
  guint n = 0;
  nv[n++] = make_field(":method", method);
  nv[n++] = make_field(":scheme", "http");
  nv[n++] = make_field(":authority", "x");
  nv[n++] = make_field(":path", path);
  for (guint i = 0; fields != NULL && fields[i] != NULL; i += 2)
    nv[n++] = make_field(fields[i], fields[i + 1]);
  gint32 id = nghttp2_submit_request(c->session, NULL, nv, n, NULL, NULL);
  g_assert_cmpint(id, >, 0);
  for (guint i = 0; i < n; i++) {
    g_free(nv[i].name);
    g_free(nv[i].value);
  }
  TwoAnswer *answer = g_new0(TwoAnswer, 1);
  answer->fields = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
  answer->body = g_byte_array_new();
  g_hash_table_insert(c->answers, GINT_TO_POINTER(id), answer);
  two_send(c);
  return id;
}

gboolean
two_receive(TwoClient *c)
{
  guint8 bytes[65536];
  gssize n = c->is_closed ? 0 : recv(c->fd, bytes, sizeof bytes, 0);
  if (n <= 0) {
    c->is_closed = TRUE;
    return FALSE;
  }
  g_assert_cmpint(nghttp2_session_mem_recv(c->session, bytes, (gsize) n), ==, n);
  two_send(c);
  return TRUE;
}

const TwoAnswer *
two_wait(TwoClient *c, gint32 stream)
{
  const TwoAnswer *answer = answer_of(c, stream);
  while (!answer->has_ended)
    g_assert_true(two_receive(c));
  return answer;
}

const TwoAnswer *
two_wait_body(TwoClient *c, gint32 stream, gsize size)
{
  const TwoAnswer *answer = answer_of(c, stream);
  while (answer->body->len < size)
    g_assert_true(two_receive(c));
  return answer;
}

const TwoAnswer *
two_get(TwoClient *c, const char *path)
{
  return two_wait(c, two_ask(c, "GET", path, NULL));
}

void
two_wait_closed(TwoClient *c)
{
  while (two_receive(c))
    continue;
}

void
two_assert_body(const TwoAnswer *answer, const char *text)
{
  g_assert_cmpmem(answer->body->data, answer->body->len, text, strlen(text));
}

const char *
two_field(const TwoAnswer *answer, const char *name)
{
  return g_hash_table_lookup(answer->fields, name);
}
