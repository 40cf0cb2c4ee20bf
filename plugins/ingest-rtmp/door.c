#include "door.h"

#include "client.h"
#include "post.h"

struct Door {
  Ingest *ingest;
  MgConnection *connection;
  gsize charged; /* in the budget: the copies among what is queued */
  gboolean is_starved;
  Client *client; /* one of the two */
  Post *post;
  MgLaneFunc then; /* while it moves */
};

/* --- the client's link ------------------------------------------------------------------------- */

/* Who does not play is owed replies, which are small: so many of them mean that it reads nothing. */
static void
check_queue(Door *door)
{
  gsize most = client_most_queued(door->client);
  if (mg_connection_queued(door->connection) > most)
    mg_connection_abort(door->connection,
                        "the peer reads too slowly: more is waiting for it than may be");
}

/* Not at once: it may be in the midst of something. */
static void
starve(Door *door)
{
  if (door->is_starved)
    return;
  Ingest *ingest = door->ingest;
  door->is_starved = TRUE;
  g_autofree char *why =
      budget_complain(&ingest->budget, ingest->node, mg_connection_peer(door->connection));
  mg_connection_abort(door->connection, why);
}

static void
write_bytes(gpointer carrier, gconstpointer bytes, gsize size)
{
  Door *door = carrier;
  gsize copies = MIN(door->charged, mg_connection_queued(door->connection));
  if (!budget_set(&door->ingest->budget, &door->charged, copies + size)) {
    starve(door);
    return;
  }
  mg_connection_write(door->connection, bytes, size);
  check_queue(door);
}

static void
write_data(gpointer carrier, MgData *data, gsize offset, gsize size)
{
  Door *door = carrier;
  mg_connection_write_data(door->connection, data, offset, size);
  check_queue(door);
}

static gsize
queued(gpointer carrier)
{
  return mg_connection_queued(((Door *) carrier)->connection);
}

static void
close_softly(gpointer carrier, const char *reason, MgTime linger)
{
  mg_connection_close(((Door *) carrier)->connection, reason, linger);
}

static void
set_reading(gpointer carrier, gboolean is_reading)
{
  mg_connection_set_reading(((Door *) carrier)->connection, is_reading);
}

static void
set_patient(gpointer carrier, gboolean is_patient)
{
  mg_connection_set_patient(((Door *) carrier)->connection, is_patient);
}

static void
on_moved(gpointer data)
{
  Door *door = data;
  door->then(door->client);
}

static void
move(gpointer carrier, MgLane *lane, MgLaneFunc then)
{
  Door *door = carrier;
  door->then = then;
  mg_connection_move(door->connection, lane, on_moved);
}

static const char *
peer(gpointer carrier)
{
  return mg_connection_peer(((Door *) carrier)->connection);
}

static const LinkClass link_class = {
  .write = write_bytes,
  .write_data = write_data,
  .queued = queued,
  .close = close_softly,
  .set_reading = set_reading,
  .set_patient = set_patient,
  .move = move,
  .peer = peer,
};

Post *
door_post(gpointer door)
{
  return ((Door *) door)->post;
}

/* --- the connection ---------------------------------------------------------------------------- */

static gpointer
on_accepted(MgConnection *connection, gpointer data)
{
  Ingest *ingest = data;
  if (g_atomic_int_get(&ingest->is_draining))
    return NULL;
  Door *door = g_new0(Door, 1);
  door->ingest = ingest;
  door->connection = connection;
  door->client = client_new(ingest, (Link){ &link_class, door });
  if (door->client == NULL)
    g_clear_pointer(&door, g_free);
  return door;
}

/* It is HTTP, and may be: there is no client until somebody opens a tunnel. */
static void
begin_post(Door *door)
{
  client_closed(g_steal_pointer(&door->client), "it is HTTP");
  door->post = post_new(door->ingest, door->connection);
}

static void
on_received(MgConnection *connection, const guint8 *bytes, gsize size, gpointer data)
{
  Door *door = data;
  Carrier carrier = mg_connection_is_secure(connection) ? CARRIER_TLS : CARRIER_TCP;
  if (door->client != NULL && !client_has_begun(door->client)) {
    if (!client_begin(door->client, bytes[0], carrier))
      return;
    if (protocol_is_http(bytes[0]))
      begin_post(door);
  }
  if (door->post != NULL)
    post_receive(door->post, bytes, size);
  else
    client_receive(door->client, bytes, size);
}

static void
on_drained(MgConnection *connection, gpointer data)
{
  Door *door = data;
  budget_set(&door->ingest->budget, &door->charged, 0);
  if (door->post != NULL)
    post_drained(door->post);
}

static void
on_closed(MgConnection *connection, const char *reason, gpointer data)
{
  Door *door = data;
  if (door->client != NULL && mg_connection_is_secure(connection))
    client_note_failure(door->client, reason);
  if (door->client != NULL)
    client_closed(door->client, reason);
  post_free(door->post);
  budget_set(&door->ingest->budget, &door->charged, 0);
  g_free(door);
}

const MgConnectionEvents door_events = {
  .size = sizeof door_events,
  .accepted = on_accepted,
  .received = on_received,
  .drained = on_drained,
  .closed = on_closed,
};
