#include "cast.h"

#include <mediagraph/log.h>

#include <string.h>

/* How long messages gather: with tens of players the calls of the kernel are what costs. */
#define GATHER (60 * MG_MILLISECOND)

/* More than this does not gather: it is no live stream's, but a burst. */
enum { MOST_GATHERED = 128 };

/* Between the last packet of a publisher and the first one of the next. */
#define SEAM (40 * MG_MILLISECOND)

struct Cast {
  Ingest *ingest; /* a reference */
  char *name;     /* "live/studio"; the list's key */
  MgLane *lane;
  gint ref_count;    /* atomic */
  gboolean is_over;  /* and no longer in the list */
  gpointer owner;    /* NULL: it waits for one */
  gboolean is_fresh; /* nothing came from the owner yet */
  PlayFacts facts;
  PlayCache cache;
  GPtrArray *gathered; /* of PlayItem */
  GArray *seats;       /* of CastSeat */
  MgTime shift, last;  /* of this publisher's times; the last time sent */
  MgTimer flush, linger;
};

/* --- the list ---------------------------------------------------------------------------------- */

static char *
name_of(const char *app, const char *stream)
{
  return g_strconcat(app, "/", stream, NULL);
}

static Cast *
cast_ref(Cast *c)
{
  g_atomic_int_inc(&c->ref_count);
  return c;
}

/* It is over: its timers have been stopped, and its items are gone. */
void
cast_unref(Cast *c)
{
  if (c == NULL || !g_atomic_int_dec_and_test(&c->ref_count))
    return;
  play_cache_clear(&c->cache);
  g_ptr_array_unref(c->gathered);
  g_array_unref(c->seats);
  g_free(c->name);
  ingest_unref(c->ingest);
  g_free(c);
}

Cast *
cast_find(Ingest *ingest, const char *app, const char *stream, MgLane **lane)
{
  g_autofree char *name = name_of(app, stream);
  g_mutex_lock(&ingest->lock);
  Cast *c = g_hash_table_lookup(ingest->casts, name);
  if (c != NULL) {
    *lane = c->lane;
    cast_ref(c);
  }
  g_mutex_unlock(&ingest->lock);
  return c;
}

/* Takes the list's reference away, if it is the one that is listed. */
static void
unlist(Cast *c)
{
  Ingest *ingest = c->ingest;
  g_mutex_lock(&ingest->lock);
  gboolean is_listed = g_hash_table_lookup(ingest->casts, c->name) == c;
  if (is_listed)
    g_hash_table_remove(ingest->casts, c->name);
  g_mutex_unlock(&ingest->lock);
  if (is_listed)
    cast_unref(c);
}

/* --- the end ----------------------------------------------------------------------------------- */

/* Whom the most waits for, if that is more than what any connection may have. */
static const CastSeat *
slowest(const Cast *c)
{
  const CastSeat *seat = NULL;
  gsize most = INGEST_MOST_REPLY_BYTES;
  for (guint i = 0; i < c->seats->len; i++) {
    const CastSeat *one = &g_array_index(c->seats, CastSeat, i);
    gsize queued = player_queued(one->player);
    if (queued <= most)
      continue;
    most = queued;
    seat = one;
  }
  return seat;
}

/* Memory is short: does without one player at a time. */
static void
shed(Cast *c)
{
  if (!budget_is_short(&c->ingest->budget))
    return;
  const CastSeat *seat = slowest(c);
  if (seat != NULL)
    seat->events->starved(seat->data);
}

static void
flush(gpointer data)
{
  Cast *c = data;
  MgTime now = mg_now();
  mg_timer_stop(&c->flush);
  for (guint i = 0; i < c->seats->len; i++) {
    Player *player = g_array_index(c->seats, CastSeat, i).player;
    player_look(player, now);
    for (guint k = 0; k < c->gathered->len; k++)
      player_push(player, &c->facts, g_ptr_array_index(c->gathered, k));
  }
  g_ptr_array_set_size(c->gathered, 0);
  shed(c);
}

static void
end(Cast *c, const char *reason)
{
  if (c->is_over)
    return;
  cast_ref(c);
  flush(c);
  c->is_over = TRUE;
  c->owner = NULL;
  mg_timer_stop(&c->linger);
  unlist(c);
  while (c->seats->len > 0) {
    CastSeat seat = g_array_index(c->seats, CastSeat, c->seats->len - 1);
    g_array_set_size(c->seats, c->seats->len - 1);
    seat.events->ended(seat.data, reason);
  }
  play_cache_reset(&c->cache);
  play_facts_clear(&c->facts);
  cast_unref(c);
}

static void
on_linger(gpointer data)
{
  end(data, "The stream has ended.");
}

/* With a reference that is its own. */
static void
end_posted(gpointer data)
{
  end(data, "The stream has ended.");
  cast_unref(data);
}

static void
end_unless_published(gpointer data)
{
  Cast *c = data;
  if (c->owner == NULL)
    end(c, "The server stops.");
  cast_unref(c);
}

/* Under the lock. FUNC gets a reference. */
static void
post_to_all(Ingest *ingest, MgLaneFunc func)
{
  GHashTableIter iter;
  gpointer value;
  g_hash_table_iter_init(&iter, ingest->casts);
  while (g_hash_table_iter_next(&iter, NULL, &value))
    mg_lane_post(((Cast *) value)->lane, func, cast_ref(value));
}

void
casts_drain(Ingest *ingest)
{
  g_mutex_lock(&ingest->lock);
  post_to_all(ingest, end_unless_published);
  g_mutex_unlock(&ingest->lock);
}

void
casts_end(Ingest *ingest)
{
  g_mutex_lock(&ingest->lock);
  ingest->is_closing = TRUE;
  post_to_all(ingest, end_posted);
  g_mutex_unlock(&ingest->lock);
}

/* --- publishing -------------------------------------------------------------------------------- */

static Cast *
cast_new(Ingest *ingest, char *name)
{
  Cast *c = g_new0(Cast, 1);
  c->ingest = ingest_ref(ingest);
  c->name = name;
  c->lane = mg_lane_current();
  c->ref_count = 1;
  c->last = MG_TIME_NONE;
  play_cache_init(&c->cache);
  c->gathered = g_ptr_array_new_with_free_func(play_item_unref);
  c->seats = g_array_new(FALSE, FALSE, sizeof(CastSeat));
  mg_timer_init(&c->flush, flush, c);
  mg_timer_init(&c->linger, on_linger, c);
  return c;
}

/* Returned-owned: the one in the list if it is of this lane, or a new one in its place. NULL: closing. */
static Cast *
find_or_list(Ingest *ingest, char *name)
{
  Cast *old = NULL;
  Cast *fresh = cast_new(ingest, name);
  g_mutex_lock(&ingest->lock);
  Cast *c = g_hash_table_lookup(ingest->casts, name);
  if (ingest->is_closing) {
    c = NULL;
  } else if (c != NULL && c->lane == fresh->lane) {
    cast_ref(c);
  } else {
    old = c;
    c = cast_ref(fresh); /* which is the list's */
    g_hash_table_replace(ingest->casts, fresh->name, fresh);
    cast_ref(c);
  }
  g_mutex_unlock(&ingest->lock);
  if (old != NULL) /* with the list's reference to it */
    mg_lane_post(old->lane, end_posted, old);
  cast_unref(fresh);
  return c;
}

Cast *
cast_publish(Ingest *ingest, const char *app, const char *stream, gpointer owner)
{
  Cast *c = find_or_list(ingest, name_of(app, stream));
  if (c == NULL)
    return NULL;
  mg_timer_stop(&c->linger);
  flush(c);
  play_cache_reset(&c->cache);
  play_facts_clear(&c->facts);
  c->owner = owner;
  c->is_fresh = TRUE;
  return c;
}

void
cast_unpublish(Cast *c, gpointer owner)
{
  if (c->owner == owner) {
    c->owner = NULL;
    flush(c);
    if (g_atomic_int_get(&c->ingest->is_draining))
      end(c, "The server stops.");
    else
      mg_timer_start_in(&c->linger, c->ingest->play_linger);
  }
  cast_unref(c);
}

/* Times of a publisher that begins anew go on behind those of the last one. */
static void
join(Cast *c, const MgBuffer *buffer)
{
  if (!c->is_fresh)
    return;
  c->is_fresh = FALSE;
  c->shift = c->last != MG_TIME_NONE && buffer->dts <= c->last ? c->last + SEAM - buffer->dts : 0;
}

void
cast_push(Cast *c, gpointer owner, MgBuffer *buffer)
{
  guint8 track;
  if (c->owner != owner || !play_facts_note(&c->facts, buffer->stream, &track))
    return;
  join(c, buffer);
  PlayItem *item = play_item_new(&c->ingest->budget, buffer, c->shift, track);
  if (item == NULL)
    return;
  c->last = MAX(c->last, item->dts);
  if (budget_is_short(&c->ingest->budget))
    play_cache_reset(&c->cache);
  else
    play_cache_add(&c->cache, item);
  if (c->seats->len == 0) {
    play_item_unref(item);
    return;
  }
  g_ptr_array_add(c->gathered, item);
  if (c->gathered->len >= MOST_GATHERED || budget_is_short(&c->ingest->budget))
    flush(c);
  else if (c->gathered->len == 1)
    mg_timer_start_in(&c->flush, GATHER);
}

/* --- metadata ---------------------------------------------------------------------------------- */

void
cast_take_data(Cast *c, gpointer owner, const MgRtmpMessage *message)
{
  MgData *metadata = c->owner == owner ? play_metadata_read(message) : NULL;
  if (metadata == NULL)
    return;
  mg_data_unref(c->facts.metadata);
  c->facts.metadata = metadata;
  flush(c);
  guint32 stamp_ms = c->last != MG_TIME_NONE ? (guint32) (c->last / MG_MILLISECOND) : 0;
  for (guint i = 0; i < c->seats->len; i++)
    player_push_metadata(g_array_index(c->seats, CastSeat, i).player, &c->facts, stamp_ms);
}

/* --- players ----------------------------------------------------------------------------------- */

static gboolean
has_room(Cast *c, const Player *player, GError **error)
{
  guint most = c->ingest->most_players;
  if (c->is_over)
    g_set_error_literal(error, MG_ERROR, MG_ERROR_GONE, "The stream has ended.");
  else if (c->seats->len >= most)
    g_set_error(error, MG_ERROR, MG_ERROR_LIMIT,
                "The stream has as many players as it may have: %u.", most);
  else if (!player_fits(player, &c->facts))
    g_set_error_literal(
        error, MG_ERROR, MG_ERROR_INVALID,
        "The stream is of codecs that this player has not said it knows (Enhanced RTMP).");
  else
    return TRUE;
  return FALSE;
}

gboolean
cast_add(Cast *c, const CastSeat *seat, GError **error)
{
  if (!has_room(c, seat->player, error))
    return FALSE;
  flush(c); /* which the cache has, too */
  seat->starts(seat->data);
  g_array_append_val(c->seats, *seat);
  player_start(seat->player, &c->facts, &c->cache, mg_now());
  return TRUE;
}

void
cast_remove(Cast *c, Player *player)
{
  for (guint i = 0; i < c->seats->len; i++) {
    if (g_array_index(c->seats, CastSeat, i).player == player) {
      g_array_remove_index_fast(c->seats, i);
      return;
    }
  }
}
