#include "http/promise.h"

#include "http/exchange/wait.h"

typedef struct {
  GQueue requests;  /* on the lane */
  gboolean is_used; /* somebody there has looked */
  gboolean is_told; /* a look is on its way */
} Waiters;

struct MgHttpPromise {
  gint ref_count;
  MgTime wait;
  const char *cors;
  GMutex lock; /* guards what follows */
  MgHttpPromiseState state;
  MgHttpContent content; /* once it has begun; without a body */
  MgHttpResource *start, *whole;
  MgHttpPiece *first, *last;
  guint n_lanes;
  Waiters lanes[];
};

/* For one lane. */
typedef struct {
  MgHttpPromise *promise; /* a reference */
  guint lane;
} Look;

MgHttpPromise *
mg_http_promise_new(MgTime wait, const char *cors)
{
  guint n = mg_lane_n_io();
  MgHttpPromise *promise = g_malloc0(sizeof(MgHttpPromise) + n * sizeof(Waiters));
  promise->ref_count = 1;
  promise->wait = wait;
  promise->cors = cors;
  promise->n_lanes = n;
  g_mutex_init(&promise->lock);
  return promise;
}

MgHttpPromise *
mg_http_promise_ref(MgHttpPromise *promise)
{
  g_atomic_int_inc(&promise->ref_count);
  return promise;
}

static void
free_pieces(MgHttpPiece *piece)
{
  while (piece != NULL) {
    MgHttpPiece *next = piece->next;
    mg_buffer_unref(piece->buffer);
    g_free(piece);
    piece = next;
  }
}

void
mg_http_promise_unref(MgHttpPromise *promise)
{
  if (promise == NULL || !g_atomic_int_dec_and_test(&promise->ref_count))
    return;
  free_pieces(promise->first);
  mg_http_resource_unref(promise->start);
  mg_http_resource_unref(promise->whole);
  g_mutex_clear(&promise->lock);
  g_free(promise);
}

MgTime
mg_http_promise_wait(const MgHttpPromise *promise)
{
  return promise->wait;
}

/* --- changes ----------------------------------------------------------------------------------- */

static void
look(gpointer data)
{
  Look *job = data;
  mg_http_wait_look(job->promise, job->lane);
  mg_http_promise_unref(job->promise);
  g_free(job);
}

/* Under the lock. */
static void
tell(MgHttpPromise *promise)
{
  for (guint i = 0; i < promise->n_lanes; i++) {
    Waiters *waiters = &promise->lanes[i];
    if (!waiters->is_used || waiters->is_told)
      continue;
    waiters->is_told = TRUE;
    Look *job = g_new(Look, 1);
    *job = (Look){ mg_http_promise_ref(promise), i };
    mg_lane_post(mg_lane_io(i), look, job);
  }
}

gboolean
mg_http_promise_begin(MgHttpPromise *promise, const MgHttpContent *content)
{
  MgHttpContent head = *content;
  head.data = NULL;
  head.buffers = NULL;
  head.n_buffers = 0;
  MgHttpResource *start = mg_http_resource_new_growing(&head, promise->cors);
  head.etag = start->etag;
  g_mutex_lock(&promise->lock);
  gboolean is_awaited = promise->state == MG_HTTP_AWAITED;
  if (is_awaited) {
    promise->state = MG_HTTP_GROWING;
    promise->content = head;
    promise->start = g_steal_pointer(&start);
    tell(promise);
  }
  g_mutex_unlock(&promise->lock);
  mg_http_resource_unref(start);
  return is_awaited;
}

void
mg_http_promise_append(MgHttpPromise *promise, MgBuffer *buffer)
{
  MgHttpPiece *piece = g_new(MgHttpPiece, 1);
  *piece = (MgHttpPiece){ NULL, mg_buffer_ref(buffer) };
  g_mutex_lock(&promise->lock);
  if (promise->last != NULL)
    promise->last->next = piece;
  else
    promise->first = piece;
  promise->last = piece;
  tell(promise);
  g_mutex_unlock(&promise->lock);
}

/* Under the lock. */
static void
end(MgHttpPromise *promise, MgHttpResource *whole)
{
  if (promise->state == MG_HTTP_KEPT)
    return;
  promise->state = whole != NULL ? MG_HTTP_KEPT : MG_HTTP_BROKEN;
  promise->whole = whole != NULL ? mg_http_resource_ref(whole) : NULL;
  tell(promise);
}

void
mg_http_promise_keep(MgHttpPromise *promise, MgHttpResource *resource)
{
  g_mutex_lock(&promise->lock);
  end(promise, resource);
  g_mutex_unlock(&promise->lock);
}

void
mg_http_promise_replace(MgHttpPromise *promise, MgHttpResource *resource)
{
  g_mutex_lock(&promise->lock);
  end(promise, promise->state == MG_HTTP_AWAITED ? resource : NULL);
  g_mutex_unlock(&promise->lock);
}

void
mg_http_promise_break(MgHttpPromise *promise)
{
  g_mutex_lock(&promise->lock);
  end(promise, NULL);
  g_mutex_unlock(&promise->lock);
}

/* --- what there is ----------------------------------------------------------------------------- */

MgHttpSeen
mg_http_promise_look(MgHttpPromise *promise, guint lane)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&promise->lock);
  promise->lanes[lane].is_used = TRUE;
  promise->lanes[lane].is_told = FALSE;
  return (MgHttpSeen){ promise->state, promise->whole, promise->start, promise->first,
                       promise->last };
}

GQueue *
mg_http_promise_requests(MgHttpPromise *promise, guint lane)
{
  return &promise->lanes[lane].requests;
}

/* Returned-owned, as is its memory, but not the buffers. */
static GPtrArray *
list_buffers(const MgHttpPiece *first, const MgHttpPiece *last)
{
  GPtrArray *buffers = g_ptr_array_new();
  for (const MgHttpPiece *piece = first; piece != NULL; piece = piece->next) {
    g_ptr_array_add(buffers, piece->buffer);
    if (piece == last)
      break;
  }
  return buffers;
}

static MgHttpContent
content_with(const MgHttpPromise *promise, const GPtrArray *buffers)
{
  MgHttpContent content = promise->content;
  content.buffers = (MgBuffer *const *) buffers->pdata;
  content.n_buffers = buffers->len;
  return content;
}

MgHttpResource *
mg_http_promise_collect(MgHttpPromise *promise)
{
  g_autoptr(GPtrArray) buffers = list_buffers(promise->first, promise->last);
  MgHttpContent content = content_with(promise, buffers);
  return mg_http_resource_new(&content, promise->cors);
}

MgHttpResource *
mg_http_promise_so_far(MgHttpPromise *promise, const MgHttpSeen *seen)
{
  g_autoptr(GPtrArray) buffers = list_buffers(seen->first, seen->last);
  MgHttpContent content = content_with(promise, buffers);
  return mg_http_resource_new_growing(&content, promise->cors);
}
