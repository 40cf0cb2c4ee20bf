#include "tunnel.h"

#include "client.h"
#include "post.h"

#include <string.h>
#include <sys/random.h>

enum { ID_BYTES = 16 };

/* What a tunnel keeps of the memory of its answers. */
enum { KEPT_BYTES = 4096 };

/* What a client is told to wait before it asks again, in units of its own: more each time there is nothing. */
enum { SHORTEST_WAIT = 0x01, LONGEST_WAIT = 0x21 };

struct Tunnel {
  Ingest *ingest; /* a reference */
  char id[2 * ID_BYTES + 1];
  MgLane *lane;         /* under the ingest's lock, as the next */
  gboolean is_moving;   /* to `lane` */
  char *peer, *network; /* owned; the second is who it is in the limit of each address */
  gboolean is_secure;
  Client *client;
  Post *post; /* whose request is being served */
  MgWriter out, answer;
  gsize charged; /* in the budget: both */
  guint8 wait;
  guint32 sequence; /* of the last request */
  gboolean has_sequence;
  gboolean is_deaf; /* the client does not want to read */
  gboolean is_closing;
  char *reason;
  MgLaneFunc then; /* while it moves */
  MgTimer resume, end, expiry;
};

/* --- the list ---------------------------------------------------------------------------------- */

Tunnel *
tunnel_find(Ingest *ingest, const char *id, MgLane **lane)
{
  g_mutex_lock(&ingest->lock);
  Tunnel *t = g_hash_table_lookup(ingest->tunnels, id);
  *lane = t != NULL ? t->lane : NULL;
  if (t != NULL && (t->is_moving || t->lane != mg_lane_current()))
    t = NULL;
  g_mutex_unlock(&ingest->lock);
  return t;
}

/* Whether there may be one more for T's peer. */
static gboolean
has_room(Ingest *ingest, const Tunnel *t)
{
  GHashTableIter iter;
  gpointer value;
  guint n = 0;
  g_hash_table_iter_init(&iter, ingest->tunnels);
  while (g_hash_table_iter_next(&iter, NULL, &value)) {
    const Tunnel *other = value;
    n += strcmp(other->network, t->network) == 0;
  }
  return n < ingest->most_per_address && g_hash_table_size(ingest->tunnels) < ingest->most;
}

static gboolean
list(Tunnel *t)
{
  Ingest *ingest = t->ingest;
  g_mutex_lock(&ingest->lock);
  gboolean fits = !ingest->is_closing && has_room(ingest, t);
  if (fits)
    g_hash_table_insert(ingest->tunnels, t->id, t);
  g_mutex_unlock(&ingest->lock);
  return fits;
}

/* --- the end ----------------------------------------------------------------------------------- */

static void
tunnel_free(Tunnel *t)
{
  mg_timer_stop(&t->resume);
  mg_timer_stop(&t->end);
  mg_timer_stop(&t->expiry);
  mg_writer_clear(&t->out);
  mg_writer_clear(&t->answer);
  budget_set(&t->ingest->budget, &t->charged, 0);
  ingest_unref(t->ingest);
  g_free(t->peer);
  g_free(t->network);
  g_free(t->reason);
  g_free(t);
}

/* From the loop: nobody is in the midst of a call. */
static void
on_end(gpointer data)
{
  Tunnel *t = data;
  Post *post = t->post;
  g_mutex_lock(&t->ingest->lock);
  g_hash_table_remove(t->ingest->tunnels, t->id);
  g_mutex_unlock(&t->ingest->lock);
  if (post != NULL)
    post_forget_tunnel(post);
  client_closed(t->client, t->reason);
  tunnel_free(t);
  if (post != NULL)
    post_resume(post);
}

static void
end_in(Tunnel *t, const char *reason, MgTime delay)
{
  if (t->reason == NULL)
    t->reason = g_strdup(reason);
  t->is_closing = TRUE;
  mg_timer_start_in(&t->end, delay);
}

void
tunnel_hang_up(Tunnel *t)
{
  end_in(t, "closed by peer", 0);
}

/* --- expiry ------------------------------------------------------------------------------------ */

/* There is no request, and none need ever come: no TCP connection is the tunnel's, whose end could tell. */
static void
await_request(Tunnel *t)
{
  mg_timer_start_in(&t->expiry, t->ingest->times.tunnel_timeout);
}

static void
on_expired(gpointer data)
{
  Tunnel *t = data;
  if (t->is_closing)
    return;
  gdouble seconds = (gdouble) t->ingest->times.tunnel_timeout / MG_SECOND;
  g_autofree char *reason = g_strdup_printf("no request of its tunnel for %g s", seconds);
  end_in(t, reason, 0);
}

/* --- the client's link ------------------------------------------------------------------------- */

static void
starve(Tunnel *t)
{
  if (t->is_closing)
    return;
  g_autofree char *why = budget_complain(&t->ingest->budget, t->ingest->node, t->peer);
  end_in(t, why, 0);
}

static void
write_bytes(gpointer carrier, gconstpointer bytes, gsize size)
{
  Tunnel *t = carrier;
  if (!budget_set(&t->ingest->budget, &t->charged, t->out.size + t->answer.size + size)) {
    starve(t);
    return;
  }
  mg_writer_bytes(&t->out, bytes, size);
  if (t->out.size > client_most_queued(t->client))
    end_in(t, "the peer asks too rarely: more is waiting for it than may be", 0);
}

static void
write_data(gpointer carrier, MgData *data, gsize offset, gsize size)
{
  write_bytes(carrier, data->bytes + offset, size);
  mg_data_unref(data);
}

static gsize
queued(gpointer carrier)
{
  return ((Tunnel *) carrier)->out.size;
}

/* Empties it, and keeps no more memory than what it is used for as a rule. */
static void
recycle(MgWriter *w)
{
  if (w->room > KEPT_BYTES)
    mg_writer_clear(w);
  else
    mg_writer_reset(w);
}

/* What nobody will ask for any more. */
static void
drop_output(Tunnel *t)
{
  recycle(&t->out);
  budget_set(&t->ingest->budget, &t->charged, t->answer.size);
}

static void
go_on(Tunnel *t)
{
  t->is_deaf = FALSE;
  mg_timer_start_in(&t->resume, 0);
}

/* What is there is said to whoever asks in the meantime. */
static void
close_softly(gpointer carrier, const char *reason, MgTime linger)
{
  Tunnel *t = carrier;
  if (linger == 0)
    drop_output(t);
  end_in(t, reason, linger);
  go_on(t);
}

static void
set_reading(gpointer carrier, gboolean is_reading)
{
  Tunnel *t = carrier;
  t->is_deaf = !is_reading;
  if (is_reading)
    go_on(t);
}

static void
set_patient(gpointer carrier, gboolean is_patient)
{
}

static void
set_lane(Tunnel *t, MgLane *lane, gboolean is_moving)
{
  g_mutex_lock(&t->ingest->lock);
  t->lane = lane;
  t->is_moving = is_moving;
  g_mutex_unlock(&t->ingest->lock);
}

void
tunnel_arrived(Tunnel *t)
{
  set_lane(t, mg_lane_current(), FALSE);
  if (t->is_closing)
    mg_timer_start_in(&t->end, 0);
  if (t->post == NULL)
    await_request(t);
  t->then(t->client);
}

static void
on_arrived_alone(gpointer data)
{
  tunnel_arrived(data);
}

static void
move(gpointer carrier, MgLane *lane, MgLaneFunc then)
{
  Tunnel *t = carrier;
  t->then = then;
  mg_timer_stop(&t->resume);
  mg_timer_stop(&t->end);
  mg_timer_stop(&t->expiry);
  set_lane(t, lane, TRUE);
  if (t->post != NULL)
    post_move(t->post, lane);
  else
    mg_lane_post(lane, on_arrived_alone, t);
}

static const char *
peer(gpointer carrier)
{
  return ((Tunnel *) carrier)->peer;
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

static void
on_resume(gpointer data)
{
  Tunnel *t = data;
  if (t->post != NULL)
    post_resume(t->post);
}

/* --- requests ---------------------------------------------------------------------------------- */

TunnelTurn
tunnel_bind(Tunnel *t, Post *post, guint32 sequence)
{
  gboolean is_again = t->has_sequence && sequence == t->sequence;
  gboolean is_next = !t->has_sequence || sequence == t->sequence + 1;
  if (t->post != NULL || !(is_again || is_next))
    return TUNNEL_WRONG;
  t->post = post;
  t->sequence = sequence;
  t->has_sequence = TRUE;
  mg_timer_stop(&t->expiry);
  return is_again ? TUNNEL_AGAIN : TUNNEL_NEXT;
}

void
tunnel_unbind(Tunnel *t)
{
  t->post = NULL;
  if (!t->is_moving)
    await_request(t);
}

gboolean
tunnel_takes(const Tunnel *t)
{
  return !t->is_deaf && !t->is_moving;
}

gboolean
tunnel_take(Tunnel *t, const guint8 *bytes, gsize size)
{
  Carrier carrier = t->is_secure ? CARRIER_TLS_TUNNEL : CARRIER_TUNNEL;
  if (client_has_begun(t->client) || client_begin(t->client, bytes[0], carrier))
    client_receive(t->client, bytes, size);
  return tunnel_takes(t);
}

const guint8 *
tunnel_answer(Tunnel *t, gboolean again, gsize *size)
{
  if (!again) {
    t->wait = t->out.size > 0 ? SHORTEST_WAIT : MIN(t->wait * 2 + 1, LONGEST_WAIT);
    recycle(&t->answer);
    mg_writer_u8(&t->answer, t->wait);
    mg_writer_bytes(&t->answer, t->out.data, t->out.size);
    recycle(&t->out);
    budget_set(&t->ingest->budget, &t->charged, t->answer.size);
  }
  *size = t->answer.size;
  return t->answer.data;
}

gboolean
tunnel_is_admitted(const Tunnel *t)
{
  return client_is_admitted(t->client);
}

/* --- life -------------------------------------------------------------------------------------- */

static gboolean
make_id(Tunnel *t)
{
  guint8 bytes[ID_BYTES];
  if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
    return FALSE;
  for (guint i = 0; i < ID_BYTES; i++)
    g_snprintf(t->id + 2 * i, 3, "%02x", bytes[i]);
  return TRUE;
}

char *
tunnel_open(Ingest *ingest, const char *peer_text, gboolean is_secure)
{
  Tunnel *t = g_new0(Tunnel, 1);
  t->ingest = ingest_ref(ingest);
  t->peer = g_strdup(peer_text);
  t->network = mg_peer_network(peer_text);
  t->is_secure = is_secure;
  t->lane = mg_lane_current();
  mg_timer_init(&t->resume, on_resume, t);
  mg_timer_init(&t->end, on_end, t);
  mg_timer_init(&t->expiry, on_expired, t);
  gboolean is_welcome = !g_atomic_int_get(&ingest->is_draining) && make_id(t) && list(t);
  t->client = is_welcome ? client_new(ingest, (Link){ &link_class, t }) : NULL;
  if (t->client != NULL) {
    await_request(t);
    return g_strdup(t->id);
  }
  g_mutex_lock(&ingest->lock);
  g_hash_table_remove(ingest->tunnels, t->id);
  g_mutex_unlock(&ingest->lock);
  tunnel_free(t);
  return NULL;
}

/* A tunnel that is to end, looked for where it is. */
typedef struct {
  Ingest *ingest; /* a reference */
  char *id;
} Search;

static void
search(gpointer data)
{
  Search *s = data;
  MgLane *lane;
  Tunnel *t = tunnel_find(s->ingest, s->id, &lane);
  if (t == NULL && lane != NULL) {
    mg_lane_post(lane, search, s);
    return;
  }
  if (t != NULL)
    end_in(t, "the server stops", 0);
  ingest_unref(s->ingest);
  g_free(s->id);
  g_free(s);
}

void
tunnels_end(Ingest *ingest)
{
  GHashTableIter iter;
  gpointer value;
  g_mutex_lock(&ingest->lock);
  ingest->is_closing = TRUE;
  g_hash_table_iter_init(&iter, ingest->tunnels);
  while (g_hash_table_iter_next(&iter, NULL, &value)) {
    Search *s = g_new(Search, 1);
    *s = (Search){ ingest_ref(ingest), g_strdup(((Tunnel *) value)->id) };
    mg_lane_post(((Tunnel *) value)->lane, search, s);
  }
  g_mutex_unlock(&ingest->lock);
}
