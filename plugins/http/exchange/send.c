#include "http/exchange/client.h"

#include <stdio.h>

/*
 * The clock of the sending rate runs while something waits to be sent. Most answers have left before it
 * is first looked at: asking what the peer has acknowledged costs a system call.
 */
static void
start_rate(MgHttpClient *c)
{
  if (c->rate_deadline != G_MAXINT64 || c->http->config.min_rate == 0)
    return;
  c->rate_goal = 0;
  c->rate_deadline = mg_now() + c->http->config.rate_window / 16;
}

void
mg_http_client_check_rate(MgHttpClient *c, MgTime now)
{
  const MgHttpConfig *config = &c->http->config;
  guint64 taken = mg_connection_acknowledged(c->connection);
  if (taken < c->rate_goal) {
    mg_http_count(config->counters.slow);
    mg_http_client_abort(c, "reads too slowly");
    return;
  }
  gdouble least = (gdouble) config->min_rate * (gdouble) config->rate_window / MG_SECOND;
  c->rate_goal = taken + (guint64) least;
  c->rate_deadline = now + config->rate_window;
}

/* Queues SIZE bytes of the resource's slices from FIRST on. */
static void
write_slices(MgHttpClient *c, const MgHttpResource *resource, guint64 first, guint64 size)
{
  for (guint i = 0; i < resource->n_slices && size > 0; i++) {
    const MgSlice *s = &resource->slices[i];
    guint64 skipped = MIN(first, s->size);
    guint64 n = MIN(size, s->size - skipped);
    if (n > 0)
      mg_connection_write_data(c->connection, mg_data_ref(s->data), s->offset + skipped, n);
    first -= skipped;
    size -= n;
  }
}

static void
write_chunk_size(MgHttpClient *c, guint64 size)
{
  char line[24];
  int n = snprintf(line, sizeof line, "%" G_GINT64_MODIFIER "x\r\n", size);
  mg_connection_write(c->connection, line, (gsize) n);
}

static void
write_first_chunk(MgHttpClient *c, const MgHttpResource *resource)
{
  write_chunk_size(c, resource->size);
  write_slices(c, resource, 0, resource->size);
  mg_connection_write(c->connection, "\r\n", 2);
}

void
mg_http_client_send_more(MgHttpClient *c, MgData *data, gboolean is_chunked)
{
  if (is_chunked)
    write_chunk_size(c, data->size);
  mg_connection_write_data(c->connection, mg_data_ref(data), 0, data->size);
  if (is_chunked)
    mg_connection_write(c->connection, "\r\n", 2);
  start_rate(c);
}

MgHttpAnswer
mg_http_client_send(MgHttpClient *c, const MgHttpAsked *asked, const MgHttpResource *resource)
{
  g_auto(MgWriter) scratch = MG_WRITER_INIT;
  MgHttpAnswer answer = mg_http_answer_plan(asked, resource, &scratch);
  mg_connection_write(c->connection, answer.head, answer.head_size);
  mg_connection_write(c->connection, answer.rest, answer.rest_size);
  if (answer.is_chunked && answer.size > 0)
    write_first_chunk(c, answer.resource);
  else
    write_slices(c, answer.resource, answer.first, answer.size);
  if (resource->status >= 400)
    mg_http_count(c->http->config.counters.errors);
  start_rate(c);
  return answer;
}

void
mg_http_client_send_error(MgHttpClient *c, const MgHttpAsked *asked, guint status)
{
  g_autoptr(MgHttpResource) resource = mg_http_resource_new_error(status, c->http->cors);
  mg_http_client_send(c, asked, resource);
}
