#include "http/exchange/client.h"
#include "http/two/two.h"

#include <string.h>

enum { MOST_LINES = 24 };

/* Counts it among the answers that wait for the viewer, or not any more. */
static void
update_waiting(MgHttpStream *s)
{
  gboolean is_waiting = s->left > 0;
  if (is_waiting == !!s->is_waiting)
    return;
  s->is_waiting = is_waiting;
  if (is_waiting)
    s->x.client->n_waiting++;
  else
    s->x.client->n_waiting--;
}

/* --- heads -------------------------------------------------------------------------------------- */

static nghttp2_nv
make_field(MgHttpText name, MgHttpText value, guint8 flags)
{
  union {
    const char *text;
    guint8 *bytes; /* nghttp2 does not write to it */
  } n = { name.at }, v = { value.at };
  return (nghttp2_nv){ n.bytes, v.bytes, name.size, value.size, flags };
}

/*
 * The fields of lines as they are in HTTP/1, behind the N that are there; nghttp2 copies them, in lower case.
 * Returns how many there are then.
 */
static guint
add_text(nghttp2_nv *fields, guint n, MgHttpText text)
{
  while (text.size > 0 && n < MOST_LINES) {
    MgHttpText value = mg_http_text_take_item(&text, '\n');
    if (value.size > 0 && value.at[value.size - 1] == '\r')
      value.size--;
    MgHttpText name = mg_http_text_take_item(&value, ':');
    if (name.size > 0)
      fields[n++] = make_field(name, mg_http_text_strip(value), NGHTTP2_NV_FLAG_NONE);
  }
  return n;
}

/* Those of a head that was made beforehand, which the stream holds. */
static guint
add_lines(nghttp2_nv *fields, guint n, const MgHttpLines *lines)
{
  for (guint i = 0; i < lines->n && n < MOST_LINES; i++)
    fields[n++] = make_field(lines->lines[i].name, lines->lines[i].value,
                             NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE);
  return n;
}

static guint
add_head(MgHttpStream *s, nghttp2_nv *fields, guint n, const MgHttpAnswer *answer)
{
  MgHttpText head = { answer->head, answer->head_size };
  if (answer->head == answer->resource->head) {
    s->lines = mg_http_lines_ref(answer->resource->lines);
    return add_lines(fields, n, s->lines);
  }
  mg_http_text_take_item(&head, '\n');
  return add_text(fields, n, head);
}

/* --- bodies ------------------------------------------------------------------------------------- */

/* How much of the next frame there is. */
static gssize
read_data(nghttp2_session *session, gint32 id, guint8 *room, size_t most, guint32 *flags,
          nghttp2_data_source *source, void *data)
{
  MgHttpStream *s = source->ptr;
  guint64 n = MIN(most, s->left);
  if (n == 0 && s->is_growing)
    return NGHTTP2_ERR_DEFERRED;
  *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
  if (n == s->left && !s->is_growing)
    *flags |= NGHTTP2_DATA_FLAG_EOF;
  return (gssize) n;
}

/* Beyond the first few, which are with the stream. */
static void
make_room(MgHttpStream *s)
{
  guint room = s->room * 2;
  MgSlice *body = g_new(MgSlice, room);
  memcpy(body, s->body + s->first, (s->n - s->first) * sizeof(MgSlice));
  if (s->body != s->small)
    g_free(s->body);
  s->n -= s->first;
  s->first = 0;
  s->body = body;
  s->room = room;
}

/* A reference is taken. */
static void
add_slice(MgHttpStream *s, const MgSlice *slice, gsize skip, gsize size)
{
  MgSlice added = { mg_data_ref(slice->data), slice->offset + skip, size };
  if (s->n == s->room)
    make_room(s);
  s->body[s->n++] = added;
  s->left += size;
}

/* Adds SIZE bytes from FIRST on. */
static void
add_part(MgHttpStream *s, const MgHttpResource *resource, guint64 first, guint64 size)
{
  for (guint i = 0; i < resource->n_slices && size > 0; i++) {
    const MgSlice *slice = &resource->slices[i];
    guint64 skipped = MIN(first, slice->size);
    guint64 n = MIN(size, slice->size - skipped);
    if (n > 0)
      add_slice(s, slice, skipped, n);
    first -= skipped;
    size -= n;
  }
}

/* Writes up to SIZE bytes of the first slice; returns how many. */
static gsize
write_some(MgHttpStream *s, gsize size)
{
  MgSlice *slice = &s->body[s->first];
  gboolean is_all = slice->size <= size;
  gsize n = MIN(slice->size, size), offset = slice->offset;
  slice->offset += n;
  slice->size -= n;
  s->first += is_all ? 1 : 0;
  mg_connection_write_data(s->x.client->connection, is_all ? slice->data : mg_data_ref(slice->data),
                           offset, n);
  return n;
}

int
mg_http_two_send_data(nghttp2_session *session, nghttp2_frame *frame, const guint8 *head,
                      size_t size, nghttp2_data_source *source, void *data)
{
  enum { FRAME_HEAD = 9 };
  MgHttpStream *s = source->ptr;
  mg_connection_write(s->x.client->connection, head, FRAME_HEAD);
  s->left -= size;
  while (size > 0)
    size -= write_some(s, size);
  if (s->left == 0)
    s->first = s->n = 0;
  update_waiting(s);
  return 0;
}

/* --- the framing ----------------------------------------------------------------------------------- */

static void
submit(MgHttpStream *s, const MgHttpAnswer *answer, const char *status)
{
  nghttp2_nv fields[MOST_LINES];
  nghttp2_data_provider provider = { .source.ptr = s, .read_callback = read_data };
  gboolean has_body = s->is_growing || s->left > 0;
  fields[0] = make_field((MgHttpText){ ":status", 7 }, (MgHttpText){ status, 3 },
                         NGHTTP2_NV_FLAG_NO_COPY_NAME);
  guint n = add_head(s, fields, 1, answer);
  n = add_text(fields, n, (MgHttpText){ answer->rest, answer->rest_size });
  nghttp2_submit_response(s->two->session, s->id, fields, n, has_body ? &provider : NULL);
}

static void
send_answer(MgHttpExchange *x, const MgHttpAsked *asked, const MgHttpResource *resource)
{
  MgHttpStream *s = (MgHttpStream *) x;
  MgHttpAsked a = *asked;
  g_auto(MgWriter) scratch = MG_WRITER_INIT;
  a.has_frames = TRUE;
  MgHttpAnswer answer = mg_http_answer_plan(&a, resource, &scratch);
  add_part(s, answer.resource, answer.first, answer.size);
  s->is_growing = mg_http_answer_goes_on(&a, resource);
  submit(s, &answer, answer.head + strlen("HTTP/1.1 "));
  update_waiting(s);
  mg_http_two_wake(s->two);
}

static void
send_more(MgHttpExchange *x, const MgSlice *slices, guint n_slices)
{
  MgHttpStream *s = (MgHttpStream *) x;
  if (!s->is_growing)
    return;
  for (guint i = 0; i < n_slices; i++)
    if (slices[i].size > 0)
      add_slice(s, &slices[i], 0, slices[i].size);
  update_waiting(s);
  nghttp2_session_resume_data(s->two->session, s->id);
  mg_http_two_wake(s->two);
}

static void
send_end(MgHttpExchange *x)
{
  MgHttpStream *s = (MgHttpStream *) x;
  if (!s->is_growing)
    return;
  s->is_growing = FALSE;
  nghttp2_session_resume_data(s->two->session, s->id);
  mg_http_two_wake(s->two);
}

static gsize
queued(const MgHttpExchange *x)
{
  const MgHttpStream *s = (const MgHttpStream *) x;
  return s->left + mg_connection_queued(x->client->connection);
}

static void
answered(MgHttpExchange *x)
{
  mg_http_two_wake(((MgHttpStream *) x)->two);
}

static void
abort_answer(MgHttpExchange *x, const char *reason)
{
  MgHttpStream *s = (MgHttpStream *) x;
  nghttp2_submit_rst_stream(s->two->session, NGHTTP2_FLAG_NONE, s->id, NGHTTP2_INTERNAL_ERROR);
  mg_http_two_wake(s->two);
}

void
mg_http_two_answer_clear(MgHttpStream *s)
{
  s->left = 0;
  update_waiting(s);
  for (guint i = s->first; i < s->n; i++)
    mg_data_unref(s->body[i].data);
  if (s->body != s->small)
    g_free(s->body);
  mg_http_lines_unref(s->lines);
}

const MgHttpFraming mg_http_two_framing = {
  .send = send_answer,
  .send_more = send_more,
  .send_end = send_end,
  .queued = queued,
  .answered = answered,
  .abort = abort_answer,
};
