#include "peer.h"

static gpointer
on_accepted(MgConnection *connection, gpointer data)
{
  Server *s = data;
  Peer *peer = g_new0(Peer, 1);
  *peer = (Peer){ .server = s, .connection = connection, .is_inside = TRUE };
  gboolean is_welcome = s->accepted == NULL || s->accepted(peer);
  peer->is_inside = FALSE;
  if (!is_welcome) {
    g_free(peer);
    return NULL;
  }
  g_mutex_lock(&s->lock);
  s->n_accepted++;
  s->last = peer;
  g_mutex_unlock(&s->lock);
  return peer;
}

static void
on_received(MgConnection *connection, const guint8 *bytes, gsize size, gpointer data)
{
  Peer *peer = data;
  Server *s = peer->server;
  g_assert_false(peer->is_inside);
  g_mutex_lock(&s->lock);
  g_string_append_len(s->input, (const char *) bytes, (gssize) size);
  s->last_lane = mg_lane_current();
  g_mutex_unlock(&s->lock);
  peer->is_inside = TRUE;
  if (s->received != NULL)
    s->received(peer, bytes, size);
  peer->is_inside = FALSE;
}

static void
on_drained(MgConnection *connection, gpointer data)
{
  Peer *peer = data;
  Server *s = peer->server;
  g_assert_false(peer->is_inside);
  g_assert_cmpuint(mg_connection_queued(connection), ==, 0);
  peer->is_inside = TRUE;
  if (s->drained != NULL)
    s->drained(peer);
  peer->is_inside = FALSE;
  g_mutex_lock(&s->lock);
  s->n_drained++;
  g_mutex_unlock(&s->lock);
}

static void
on_closed(MgConnection *connection, const char *reason, gpointer data)
{
  Peer *peer = data;
  Server *s = peer->server;
  g_assert_false(peer->is_inside);
  g_mutex_lock(&s->lock);
  s->n_closed++;
  g_free(s->reason);
  s->reason = g_strdup(reason);
  g_mutex_unlock(&s->lock);
  g_free(peer);
}

static const MgConnectionEvents events = {
  .size = sizeof(MgConnectionEvents),
  .accepted = on_accepted,
  .received = on_received,
  .drained = on_drained,
  .closed = on_closed,
};

void
server_start(Server *server, const MgListenOptions *options)
{
  g_autoptr(GError) error = NULL;
  g_mutex_init(&server->lock);
  server->input = g_string_new(NULL);
  server->listener = mg_listener_new("127.0.0.1:0", &events, server, options, &error);
  g_assert_no_error(error);
  server->port = mg_listener_port(server->listener);
}

static void
on_done(gpointer data)
{
  Server *s = data;
  g_mutex_lock(&s->lock);
  s->is_done = TRUE;
  g_mutex_unlock(&s->lock);
}

static gboolean
is_done(gpointer data)
{
  Server *s = data;
  g_mutex_lock(&s->lock);
  gboolean done = s->is_done;
  g_mutex_unlock(&s->lock);
  return done;
}

void
server_stop(Server *server)
{
  mg_listener_close(server->listener, on_done, server);
  g_assert_true(mg_client_wait(is_done, server));
  g_assert_cmpuint(server->n_closed, ==, server->n_accepted);
  g_string_free(server->input, TRUE);
  g_free(server->reason);
  g_mutex_clear(&server->lock);
}

/* A counter of the server and the value it is to reach. */
typedef struct {
  Server *server;
  const guint *counter;
  guint least;
} Goal;

static gboolean
is_reached(gpointer data)
{
  Goal *goal = data;
  g_mutex_lock(&goal->server->lock);
  gboolean reached = *goal->counter >= goal->least;
  g_mutex_unlock(&goal->server->lock);
  return reached;
}

static void
wait_for(Server *server, const guint *counter, guint least)
{
  Goal goal = { server, counter, least };
  g_assert_true(mg_client_wait(is_reached, &goal));
}

void
server_wait_accepted(Server *server, guint n)
{
  wait_for(server, &server->n_accepted, n);
}

void
server_wait_closed(Server *server, guint n)
{
  wait_for(server, &server->n_closed, n);
}

void
server_wait_drained(Server *server, guint n)
{
  wait_for(server, &server->n_drained, n);
}

typedef struct {
  Server *server;
  const char *text;
} Expected;

static gboolean
has_input(gpointer data)
{
  Expected *expected = data;
  g_mutex_lock(&expected->server->lock);
  gboolean has = g_str_equal(expected->server->input->str, expected->text);
  g_mutex_unlock(&expected->server->lock);
  return has;
}

void
server_wait_input(Server *server, const char *text)
{
  Expected expected = { server, text };
  g_assert_true(mg_client_wait(has_input, &expected));
}

typedef struct {
  MgLaneFunc func;
  gpointer data;
  gint is_over;
} Job;

static void
run_job(gpointer data)
{
  Job *job = data;
  job->func(job->data);
  g_atomic_int_set(&job->is_over, TRUE);
}

static gboolean
is_over(gpointer data)
{
  return g_atomic_int_get(&((Job *) data)->is_over);
}

void
run_on_lane(guint index, MgLaneFunc func, gpointer data)
{
  Job job = { func, data, FALSE };
  mg_lane_post(mg_lane_io(index), run_job, &job);
  g_assert_true(mg_client_wait(is_over, &job));
}
