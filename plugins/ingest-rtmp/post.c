#include "post.h"

#include "door.h"
#include "guest.h"

#include <rtmp/rtmpt.h>

#include <string.h>

/* For a request, and until the next. */
#define PATIENCE (30 * MG_SECOND)

/* How soon a tunnel that is on its way is asked for again; how long the last answer may take. */
#define RETRY  (2 * MG_MILLISECOND)
#define LINGER MG_SECOND

typedef enum {
  NO_TUNNEL,  /* the request is for none, or for one that there is not */
  HAS_TUNNEL, /* `tunnel` serves it */
  WANTS_TUNNEL,
} Want;

struct Post {
  Ingest *ingest;
  MgConnection *connection;
  Guest *guest; /* until it has served a tunnel that publishes or plays; owned */
  MgRtmptReader reader;
  Want want;
  Tunnel *tunnel;        /* whose request is being read */
  const char *complaint; /* the status to answer with; NULL: none */
  gboolean is_again;     /* a request that has been answered before */
  gboolean is_waiting;   /* nothing is read: REST goes first */
  gboolean is_over;
  guint8 *rest; /* owned */
  gsize rest_size;
  gsize charged; /* in the budget: the rest, and what is queued */
  MgTimer deadline, retry;
};

/* --- answers ----------------------------------------------------------------------------------- */

/* Counts what it has, and SIZE more. FALSE: there is not so much left. */
static gboolean
charge(Post *p, gsize size)
{
  gsize rest_size = p->rest != NULL ? p->rest_size : 0;
  return budget_set(&p->ingest->budget, &p->charged,
                    rest_size + mg_connection_queued(p->connection) + size);
}

static void
starve(Post *p)
{
  if (p->is_over)
    return;
  p->is_over = TRUE;
  g_autofree char *why =
      budget_complain(&p->ingest->budget, p->ingest->node, mg_connection_peer(p->connection));
  mg_connection_abort(p->connection, why);
}

void
post_drained(Post *p)
{
  charge(p, 0);
}

static void
answer(Post *p, const char *status, gconstpointer body, gsize size)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  gboolean is_keep_alive = p->reader.request.is_keep_alive && !p->is_over;
  mg_rtmpt_write_answer(&out, status, body, size, is_keep_alive);
  if (!charge(p, out.size)) {
    starve(p);
    return;
  }
  mg_connection_write(p->connection, out.data, out.size);
  if (is_keep_alive)
    return;
  p->is_over = TRUE;
  mg_connection_close(p->connection, "the last request was answered", LINGER);
}

static void
open_tunnel(Post *p)
{
  gboolean is_secure = mg_connection_is_secure(p->connection);
  g_autofree char *id = tunnel_open(p->ingest, mg_connection_peer(p->connection), is_secure);
  if (id == NULL) {
    answer(p, "503 Service Unavailable", "", 0);
    return;
  }
  g_autofree char *line = g_strconcat(id, "\n", NULL);
  answer(p, "200 OK", line, strlen(line));
}

static void
answer_by_tunnel(Post *p)
{
  Tunnel *tunnel = g_steal_pointer(&p->tunnel);
  gsize size;
  if (tunnel_is_admitted(tunnel))
    guest_settle(p->guest);
  const guint8 *body = tunnel_answer(tunnel, p->is_again, &size);
  answer(p, "200 OK", body, size);
  if (p->reader.request.command == MG_RTMPT_CLOSE)
    tunnel_hang_up(tunnel);
  tunnel_unbind(tunnel);
}

static void
on_end(Post *p)
{
  mg_timer_start_in(&p->deadline, PATIENCE);
  if (p->tunnel != NULL)
    answer_by_tunnel(p);
  else if (p->complaint == NULL && p->reader.request.command == MG_RTMPT_OPEN)
    open_tunnel(p);
  else
    answer(p, p->complaint != NULL ? p->complaint : "404 Not Found", "", 0);
  p->complaint = NULL;
}

/* --- tunnels ----------------------------------------------------------------------------------- */

static void
wait(Post *p)
{
  p->is_waiting = TRUE;
  mg_connection_set_reading(p->connection, FALSE);
}

static void
on_moved(gpointer data)
{
  Post *p = door_post(data);
  guest_arrive(p->guest);
  post_resume(p);
}

static void
go_to(Post *p, MgLane *lane)
{
  wait(p);
  mg_timer_stop(&p->deadline);
  guest_depart(p->guest);
  mg_connection_move(p->connection, lane, on_moved);
}

/* The tunnel is here: whether this request is its next. */
static void
bind_here(Post *p, Tunnel *tunnel)
{
  p->want = HAS_TUNNEL;
  switch (tunnel_bind(tunnel, p, p->reader.request.sequence)) {
  case TUNNEL_NEXT: p->is_again = FALSE; break;
  case TUNNEL_AGAIN: p->is_again = TRUE; break;
  case TUNNEL_WRONG:
    p->want = NO_TUNNEL;
    p->complaint = "400 Bad Request";
    return;
  }
  p->tunnel = tunnel;
}

static void
find_tunnel(Post *p)
{
  MgLane *lane;
  Tunnel *tunnel = tunnel_find(p->ingest, p->reader.request.id, &lane);
  if (tunnel != NULL) {
    bind_here(p, tunnel);
  } else if (lane == NULL) {
    p->want = NO_TUNNEL;
  } else if (lane != mg_lane_current()) {
    go_to(p, lane);
  } else {
    wait(p);
    mg_timer_start_in(&p->retry, RETRY);
  }
}

static void
on_head(Post *p)
{
  MgRtmptCommand command = p->reader.request.command;
  gboolean is_for_one =
      command == MG_RTMPT_SEND || command == MG_RTMPT_IDLE || command == MG_RTMPT_CLOSE;
  p->want = is_for_one ? WANTS_TUNNEL : NO_TUNNEL;
  if (is_for_one)
    find_tunnel(p);
  if (p->tunnel != NULL && command == MG_RTMPT_SEND && !tunnel_takes(p->tunnel))
    wait(p);
}

/* --- requests ---------------------------------------------------------------------------------- */

static void
on_body(Post *p, const guint8 *bytes, gsize size)
{
  if (p->tunnel == NULL || p->is_again || p->reader.request.command != MG_RTMPT_SEND)
    return;
  if (!tunnel_take(p->tunnel, bytes, size) && !p->is_waiting)
    wait(p);
}

/* FALSE: there is no more for now. */
static gboolean
handle(Post *p, MgReader *in)
{
  g_autoptr(GError) error = NULL;
  const guint8 *bytes = NULL;
  gsize size = 0;
  switch (mg_rtmpt_next(&p->reader, in, &bytes, &size, &error)) {
  case MG_RTMPT_MORE: return FALSE;
  case MG_RTMPT_HEAD: on_head(p); break;
  case MG_RTMPT_BODY: on_body(p, bytes, size); break;
  case MG_RTMPT_END: on_end(p); break;
  case MG_RTMPT_FAILED:
    mg_debug(p->ingest->node, "%s: %s", mg_connection_peer(p->connection), error->message);
    p->is_over = TRUE;
    answer(p, "400 Bad Request", "", 0);
    break;
  }
  return !p->is_waiting && !p->is_over;
}

static void
keep_rest(Post *p, MgReader *in)
{
  gsize n = mg_reader_left(in);
  if (!charge(p, n)) {
    starve(p);
    return;
  }
  p->rest = g_malloc(n + 1); /* never NULL */
  memcpy(p->rest, mg_reader_take(in, n), n);
  p->rest_size = n;
}

void
post_receive(Post *p, const guint8 *bytes, gsize size)
{
  MgReader in = MG_READER(bytes, size);
  if (p->is_over)
    return;
  while (handle(p, &in))
    continue;
  if (p->is_waiting)
    keep_rest(p, &in);
}

void
post_resume(Post *p)
{
  if (!p->is_waiting || (p->tunnel != NULL && !tunnel_takes(p->tunnel)))
    return;
  mg_timer_start_at(&p->deadline, p->deadline.deadline);
  p->is_waiting = FALSE;
  if (p->want == WANTS_TUNNEL)
    find_tunnel(p);
  if (p->is_waiting)
    return;
  g_autofree guint8 *rest = g_steal_pointer(&p->rest);
  charge(p, 0);
  mg_connection_set_reading(p->connection, TRUE);
  post_receive(p, rest, p->rest_size);
}

static void
on_moved_with_tunnel(gpointer data)
{
  Post *p = door_post(data);
  mg_timer_start_at(&p->deadline, p->deadline.deadline);
  guest_arrive(p->guest);
  tunnel_arrived(p->tunnel);
}

void
post_move(Post *p, MgLane *lane)
{
  mg_timer_stop(&p->deadline);
  if (!p->is_waiting)
    wait(p);
  guest_depart(p->guest);
  mg_connection_move(p->connection, lane, on_moved_with_tunnel);
}

void
post_forget_tunnel(Post *p)
{
  p->tunnel = NULL;
  p->want = NO_TUNNEL;
}

/* --- life -------------------------------------------------------------------------------------- */

static void
on_deadline(gpointer data)
{
  Post *p = data;
  mg_connection_abort(p->connection, "no HTTP request for 30 s");
}

static void
on_crowded_out(gpointer data)
{
  Post *p = data;
  mg_connection_abort(p->connection, "newer connections need its place");
}

static void
on_retry(gpointer data)
{
  post_resume(data);
}

Post *
post_new(Ingest *ingest, MgConnection *connection)
{
  Post *p = g_new0(Post, 1);
  p->ingest = ingest;
  p->connection = connection;
  p->guest = guest_new(ingest, on_crowded_out, p);
  guest_wait(p->guest);
  mg_timer_init(&p->deadline, on_deadline, p);
  mg_timer_init(&p->retry, on_retry, p);
  mg_timer_start_in(&p->deadline, PATIENCE);
  return p;
}

void
post_free(Post *p)
{
  if (p == NULL)
    return;
  mg_timer_stop(&p->deadline);
  mg_timer_stop(&p->retry);
  if (p->tunnel != NULL)
    tunnel_unbind(p->tunnel);
  guest_free(p->guest);
  budget_set(&p->ingest->budget, &p->charged, 0);
  mg_rtmpt_reader_clear(&p->reader);
  g_free(p->rest);
  g_free(p);
}
