#include "net/resolve.h"

#include <netdb.h>
#include <string.h>

enum { MOST_THREADS = 64, MOST_ADDRESSES = 16 };

struct MgQuestion {
  gint ref_count; /* the asker's, the thread's, and that of the answer on its way */
  GMutex lock;    /* guards the next one */
  gboolean is_abandoned;
  char *host;
  guint port;
  MgLane *lane; /* alive until it is answered or abandoned */
  MgResolved resolved;
  gpointer data;
  GArray *addresses;
  char *why;
};

static void
ask_system(const char *host, guint port, GArray *addresses, char **why)
{
  char service[8];
  g_snprintf(service, sizeof service, "%u", port);
  struct addrinfo hints = { .ai_socktype = SOCK_STREAM,
                            .ai_flags = AI_ADDRCONFIG | AI_NUMERICSERV };
  struct addrinfo *all = NULL;
  int failure = getaddrinfo(host, service, &hints, &all);
  if (failure != 0)
    *why = g_strdup(gai_strerror(failure));
  for (struct addrinfo *a = all; a != NULL && addresses->len < MOST_ADDRESSES; a = a->ai_next) {
    MgAddress address = { .size = a->ai_addrlen };
    if (a->ai_addrlen > sizeof address.v6)
      continue;
    memcpy(&address.any, a->ai_addr, a->ai_addrlen);
    g_array_append_val(addresses, address);
  }
  if (all != NULL)
    freeaddrinfo(all);
}

static MgLookup lookup = ask_system;

void
mg_resolve_use(MgLookup other)
{
  lookup = other != NULL ? other : ask_system;
}

static void
question_unref(MgQuestion *q)
{
  if (!g_atomic_int_dec_and_test(&q->ref_count))
    return;
  if (q->addresses != NULL)
    g_array_unref(q->addresses);
  g_mutex_clear(&q->lock);
  g_free(q->host);
  g_free(q->why);
  g_free(q);
}

static void
deliver(gpointer data)
{
  MgQuestion *q = data;
  if (!q->is_abandoned) {
    q->resolved(g_steal_pointer(&q->addresses), q->why != NULL ? q->why : "it has no address",
                q->data);
    question_unref(q);
  }
  question_unref(q);
}

void
mg_resolve_abandon(MgQuestion *q)
{
  g_mutex_lock(&q->lock);
  q->is_abandoned = TRUE;
  g_mutex_unlock(&q->lock);
  question_unref(q);
}

/* The lane is there as long as somebody on it waits: it is posted to under the lock. */
static void
give(MgQuestion *q)
{
  g_mutex_lock(&q->lock);
  if (!q->is_abandoned) {
    g_atomic_int_inc(&q->ref_count);
    mg_lane_post(q->lane, deliver, q);
  }
  g_mutex_unlock(&q->lock);
  question_unref(q);
}

static gint n_threads;

static gpointer
answer(gpointer data)
{
  MgQuestion *q = data;
  lookup(q->host, q->port, q->addresses, &q->why);
  g_atomic_int_add(&n_threads, -1);
  give(q);
  return NULL;
}

/* A thread for each, as names are asked for rarely, and take as long as they like. */
static void
ask(MgQuestion *q)
{
  GThread *thread = NULL;
  if (g_atomic_int_add(&n_threads, 1) < MOST_THREADS)
    thread = g_thread_try_new("resolve", answer, q, NULL);
  if (thread != NULL) {
    g_thread_unref(thread);
    return;
  }
  g_atomic_int_add(&n_threads, -1);
  q->why = g_strdup("too many names are being resolved");
  give(q);
}

MgQuestion *
mg_resolve(const char *host, guint port, MgResolved resolved, gpointer data)
{
  MgQuestion *q = g_new0(MgQuestion, 1);
  g_mutex_init(&q->lock);
  q->ref_count = 2;
  q->host = g_strdup(host);
  q->port = port;
  q->lane = mg_lane_current();
  q->resolved = resolved;
  q->data = data;
  q->addresses = g_array_new(FALSE, FALSE, sizeof(MgAddress));
  ask(q);
  return q;
}
