#include "graph/private.h"

#include "doubles/call.h"

static void
evicted(gpointer data, const char *reason)
{
  Publisher *p = data;
  p->reason = g_strdup(reason);
  p->publication = NULL;
  g_ptr_array_set_size(p->ports, 0);
  g_atomic_int_set(&p->is_evicted, TRUE);
}

typedef struct {
  Publisher *publisher;
  const char *id;
  guint width, dts_ms, flags;
  GError *error;
} Order;

static void
attach_here(gpointer data)
{
  static const MgPublisherEvents events = { evicted };
  Order *order = data;
  Publisher *p = order->publisher;
  p->publication =
      mg_session_attach(p->session, p->listener, "192.0.2.7:1", &events, p, &order->error);
  if (p->publication != NULL)
    p->base = mg_publication_base(p->publication);
}

static void
publisher_free(Publisher *p)
{
  mg_session_unref(p->session);
  g_ptr_array_unref(p->ports);
  g_ptr_array_unref(p->streams);
  g_free(p->reason);
  g_free(p);
}

static MgSession *
claim(MgNode *listener, const char *stream, GError **error)
{
  g_auto(GStrv) names = g_strsplit(stream, "/", 2);
  gboolean has_app = g_strv_length(names) == 2;
  return mg_session_claim(listener, has_app ? names[0] : "live", names[has_app], error);
}

Publisher *
publisher_try_new(Rig *rig, guint listener, const char *stream, GError **error)
{
  Publisher *p = g_new0(Publisher, 1);
  p->rig = rig;
  p->listener = rig_listener(rig, listener);
  p->ports = g_ptr_array_new();
  p->streams = g_ptr_array_new_with_free_func((GDestroyNotify) mg_stream_unref);
  p->session = claim(p->listener, stream, error);
  Order order = { .publisher = p };
  if (p->session != NULL)
    mg_call_on(mg_session_lane(p->session), attach_here, &order);
  if (order.error != NULL)
    g_propagate_error(error, order.error);
  if (p->publication != NULL)
    return p;
  publisher_free(p);
  return NULL;
}

Publisher *
publisher_new(Rig *rig, const char *stream)
{
  GError *error = NULL;
  Publisher *p = publisher_try_new(rig, 0, stream, &error);
  g_assert_no_error(error);
  return p;
}

static MgPort *
find_port(Publisher *p, const char *id)
{
  for (guint i = 0; i < p->ports->len; i++) {
    MgPort *port = g_ptr_array_index(p->ports, i);
    if (g_str_equal(mg_stream_info(mg_port_stream(port))->id, id))
      return port;
  }
  return NULL;
}

static MgPort *
declare(Publisher *p, const char *id, guint width)
{
  MgStream *stream = rig_make_stream(id, width);
  g_ptr_array_add(p->streams, stream);
  MgPort *port = find_port(p, id);
  if (port != NULL) {
    mg_port_set_stream(port, stream);
  } else {
    port = mg_publication_add(p->publication, stream);
    g_ptr_array_add(p->ports, port);
  }
  mg_port_set_data(port, stream);
  return port;
}

static void
add_here(gpointer data)
{
  Order *order = data;
  if (order->publisher->publication != NULL)
    declare(order->publisher, order->id, order->width);
}

void
publisher_add(Publisher *p, const char *id, guint width)
{
  Order order = { .publisher = p, .id = id, .width = width };
  mg_call_on(mg_session_lane(p->session), add_here, &order);
}

static void
push_here(gpointer data)
{
  Order *order = data;
  Publisher *p = order->publisher;
  if (p->publication == NULL)
    return;
  MgPort *port = find_port(p, order->id);
  if (port == NULL)
    port = declare(p, order->id, 16);
  MgBuffer *buffer = mg_buffer_new(mg_port_data(port), 1);
  buffer->pts = buffer->dts = p->base + order->dts_ms * MG_MILLISECOND;
  buffer->arrival = buffer->dts; /* as if it had come when it was due */
  buffer->flags = order->flags;
  mg_buffer_append(buffer, mg_data_new_copy("0123456789", 10), 0, 10);
  mg_push(port, buffer);
}

void
publisher_push(Publisher *p, const char *id, guint dts_ms, guint flags)
{
  Order order = { .publisher = p, .id = id, .dts_ms = dts_ms, .flags = flags };
  mg_call_on(mg_session_lane(p->session), push_here, &order);
}

static void
end_track_here(gpointer data)
{
  Order *order = data;
  MgPort *port = find_port(order->publisher, order->id);
  g_ptr_array_remove(order->publisher->ports, port);
  mg_port_end(port);
}

void
publisher_end_track(Publisher *p, const char *id)
{
  Order order = { .publisher = p, .id = id };
  mg_call_on(mg_session_lane(p->session), end_track_here, &order);
}

static void
leave_here(gpointer data)
{
  Publisher *p = data;
  if (p->publication != NULL)
    mg_publication_end(p->publication, "the test is over");
}

void
publisher_leave(Publisher *p)
{
  mg_call_on(mg_session_lane(p->session), leave_here, p);
  publisher_free(p);
}
