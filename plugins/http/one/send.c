#include "http/exchange/client.h"
#include "http/one/one.h"

#include <stdio.h>

static MgConnection *
connection_of(const MgHttpExchange *x)
{
  return x->client->connection;
}

/* Queues SIZE bytes of the resource's slices from FIRST on. */
static void
write_slices(MgConnection *c, const MgHttpResource *resource, guint64 first, guint64 size)
{
  for (guint i = 0; i < resource->n_slices && size > 0; i++) {
    const MgSlice *s = &resource->slices[i];
    guint64 skipped = MIN(first, s->size);
    guint64 n = MIN(size, s->size - skipped);
    if (n > 0)
      mg_connection_write_data(c, mg_data_ref(s->data), s->offset + skipped, n);
    first -= skipped;
    size -= n;
  }
}

static void
write_chunk_size(MgConnection *c, guint64 size)
{
  char line[24];
  int n = snprintf(line, sizeof line, "%" G_GINT64_MODIFIER "x\r\n", size);
  mg_connection_write(c, line, (gsize) n);
}

static void
write_first_chunk(MgConnection *c, const MgHttpResource *resource)
{
  write_chunk_size(c, resource->size);
  write_slices(c, resource, 0, resource->size);
  mg_connection_write(c, "\r\n", 2);
}

/* Without chunks only the end of the connection tells where a growing body ends (RFC 9112 §6.3). */
static MgHttpAsked
what_is_asked(const MgHttpAsked *asked, const MgHttpResource *resource)
{
  MgHttpAsked a = *asked;
  a.closes |= resource->is_growing && a.minor == 0;
  return a;
}

static void
send_answer(MgHttpExchange *x, const MgHttpAsked *asked, const MgHttpResource *resource)
{
  MgConnection *c = connection_of(x);
  MgHttpAsked a = what_is_asked(asked, resource);
  g_auto(MgWriter) scratch = MG_WRITER_INIT;
  MgHttpAnswer answer = mg_http_answer_plan(&a, resource, &scratch);
  mg_connection_write(c, answer.head, answer.head_size);
  mg_connection_write(c, answer.rest, answer.rest_size);
  if (answer.is_chunked && answer.size > 0)
    write_first_chunk(c, answer.resource);
  else
    write_slices(c, answer.resource, answer.first, answer.size);
  x->client->is_closing |= a.closes;
  ((MgHttpOne *) x)->is_chunked = answer.is_chunked && a.method != MG_HTTP_HEAD;
  mg_http_client_start_rate(x->client);
}

static void
send_more(MgHttpExchange *x, const MgSlice *slices, guint n_slices)
{
  MgConnection *c = connection_of(x);
  gboolean is_chunked = ((MgHttpOne *) x)->is_chunked;
  gsize size = 0;
  for (guint i = 0; i < n_slices; i++)
    size += slices[i].size;
  if (size == 0) /* would be the end */
    return;
  if (is_chunked)
    write_chunk_size(c, size);
  for (guint i = 0; i < n_slices; i++)
    mg_connection_write_data(c, mg_data_ref(slices[i].data), slices[i].offset, slices[i].size);
  if (is_chunked)
    mg_connection_write(c, "\r\n", 2);
  mg_http_client_start_rate(x->client);
}

static void
send_end(MgHttpExchange *x)
{
  if (((MgHttpOne *) x)->is_chunked)
    mg_connection_write(connection_of(x), "0\r\n\r\n", 5);
}

static gsize
queued(const MgHttpExchange *x)
{
  return mg_connection_queued(connection_of(x));
}

static void
answered(MgHttpExchange *x)
{
  mg_http_one_resume((MgHttpOne *) x);
}

static void
abort_answer(MgHttpExchange *x, const char *reason)
{
  mg_http_client_abort(x->client, reason);
}

const MgHttpFraming mg_http_one_framing = {
  .send = send_answer,
  .send_more = send_more,
  .send_end = send_end,
  .queued = queued,
  .answered = answered,
  .abort = abort_answer,
};
