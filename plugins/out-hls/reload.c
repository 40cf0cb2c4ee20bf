#include "reload.h"

#include <string.h>

/* Names in the folder of its own. Those that are waited for are made by name_of(). */
#define WHOLE "whole"
#define DELTA "delta"

/* How long it may take until what is asked for comes; and how long an answer stays for who asked late. */
#define WAIT_TARGETS 3

/* Apple's advice for how long a cache keeps the answer to a blocking reload. */
#define CACHE_TARGETS 6

/* What somebody waits for, or has waited for. */
typedef struct {
  MgHlsDirectives directives; /* settled */
  char *name;
  MgTime answered; /* MG_TIME_NONE: not yet */
} Wish;

struct Reload {
  ReloadSetup setup;
  char *name;
  MgHttpFolder *folder;
  MgHttpRoute *route;
  GMutex lock; /* guards what follows */
  MgHlsProgress progress;
  guint target_ms;
  gboolean can_skip;
  GPtrArray *wishes; /* of Wish * */
};

static void
wish_free(gpointer data)
{
  Wish *wish = data;
  g_free(wish->name);
  g_free(wish);
}

static char *
name_of(const MgHlsDirectives *d)
{
  const char *form = d->wants_skip ? DELTA : WHOLE;
  return d->has_part
             ? g_strdup_printf("%s-%" G_GUINT64_FORMAT ".%" G_GUINT64_FORMAT, form, d->msn, d->part)
             : g_strdup_printf("%s-%" G_GUINT64_FORMAT, form, d->msn);
}

/* --- requests: any I/O lane -------------------------------------------------------------------- */

static Wish *
find_wish(const Reload *reload, const char *name)
{
  for (guint i = 0; i < reload->wishes->len; i++) {
    Wish *wish = g_ptr_array_index(reload->wishes, i);
    if (g_str_equal(wish->name, name))
      return wish;
  }
  return NULL;
}

/* Under the lock. Returned-owned: the name to wait for. */
static char *
wish_for(Reload *reload, MgHlsDirectives directives)
{
  mg_hls_directives_settle(&directives, &reload->progress);
  char *name = name_of(&directives);
  if (find_wish(reload, name) != NULL)
    return name;
  Wish *wish = g_new0(Wish, 1);
  wish->directives = directives;
  wish->name = g_strdup(name);
  wish->answered = MG_TIME_NONE;
  g_ptr_array_add(reload->wishes, wish);
  reload->setup.http->folder_promise(reload->folder, name,
                                     WAIT_TARGETS * reload->target_ms * MG_MILLISECOND);
  return name;
}

/* Returned-owned: the name in the folder that answers; NULL: none does, nor will. */
static char *
choose(Reload *reload, const MgHlsDirectives *directives)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&reload->lock);
  switch (mg_hls_reload_decide(directives, &reload->progress)) {
  case MG_HLS_RELOAD_NOW:
    return g_strdup(directives->wants_skip && reload->can_skip ? DELTA : WHOLE);
  case MG_HLS_RELOAD_WAIT: return wish_for(reload, *directives);
  case MG_HLS_RELOAD_REFUSE: return NULL;
  }
  g_assert_not_reached();
}

static void
refuse(const Reload *reload, MgHttpRequest *request)
{
  static const char text[] = "400 Bad Request: see RFC 8216bis, 6.2.5\n";
  g_autoptr(MgData) data = mg_data_new_copy(text, strlen(text));
  const MgHttpContent content = {
    .size = sizeof content,
    .status = 400,
    .content_type = "text/plain; charset=utf-8",
    .cache = MG_HTTP_CACHE_NEVER,
    .data = data,
  };
  reload->setup.http->respond(request, &content);
}

static void
on_request(MgHttpRequest *request, gpointer data)
{
  Reload *reload = data;
  const MgHttpInterface *http = reload->setup.http;
  MgHlsDirectives directives;
  if (!mg_hls_directives_read(http->request_query(request), &directives)) {
    refuse(reload, request);
    return;
  }
  if (!directives.has_msn) {
    http->respond_with(request, reload->setup.published, reload->name);
    return;
  }
  g_autofree char *name = choose(reload, &directives);
  if (name != NULL)
    http->respond_with(request, reload->folder, name);
  else
    refuse(reload, request);
}

/* --- the playlist: the node's lane ------------------------------------------------------------- */

/* The URL says which state of the playlist this is at least, so that caches may keep it. */
static void
put(Reload *reload, const char *name, MgData *data, guint target_ms)
{
  const MgHttpContent content = {
    .size = sizeof content,
    .content_type = reload->setup.content_type,
    .cache = MG_HTTP_CACHE_SHORT,
    .max_age_ms = CACHE_TARGETS * target_ms,
    .data = data,
  };
  reload->setup.http->folder_put(reload->folder, name, &content);
}

static void
put_newest(Reload *reload, const ReloadState *state)
{
  put(reload, WHOLE, state->whole, state->target_ms);
  if (state->delta != NULL)
    put(reload, DELTA, state->delta, state->target_ms);
}

/* Under the lock. Returned-owned: the names that the playlist as it is now answers, of char *. */
static GPtrArray *
take_answered(Reload *reload, MgTime now)
{
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < reload->wishes->len; i++) {
    Wish *wish = g_ptr_array_index(reload->wishes, i);
    if (wish->answered != MG_TIME_NONE ||
        mg_hls_reload_decide(&wish->directives, &reload->progress) == MG_HLS_RELOAD_WAIT)
      continue;
    wish->answered = now;
    g_ptr_array_add(names, g_strdup(wish->name));
  }
  return names;
}

/* Under the lock. Returned-owned: names that nobody can ask for any more. */
static GPtrArray *
take_old(Reload *reload, MgTime now)
{
  GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
  for (guint i = reload->wishes->len; i > 0; i--) {
    Wish *wish = g_ptr_array_index(reload->wishes, i - 1);
    if (wish->answered == MG_TIME_NONE ||
        now - wish->answered < WAIT_TARGETS * reload->target_ms * MG_MILLISECOND)
      continue;
    g_ptr_array_add(names, g_strdup(wish->name));
    g_ptr_array_remove_index_fast(reload->wishes, i - 1);
  }
  return names;
}

static void
note_state(Reload *reload, const ReloadState *state)
{
  reload->progress = state->progress;
  reload->target_ms = state->target_ms;
  reload->can_skip = state->delta != NULL;
}

void
reload_publish(Reload *reload, const ReloadState *state)
{
  MgTime now = mg_now();
  put_newest(reload, state);
  g_mutex_lock(&reload->lock);
  note_state(reload, state);
  g_autoptr(GPtrArray) answered = take_answered(reload, now);
  g_autoptr(GPtrArray) old = take_old(reload, now);
  g_mutex_unlock(&reload->lock);
  for (guint i = 0; i < answered->len; i++) {
    const char *name = g_ptr_array_index(answered, i);
    gboolean is_delta = state->delta != NULL && g_str_has_prefix(name, DELTA);
    put(reload, name, is_delta ? state->delta : state->whole, state->target_ms);
  }
  for (guint i = 0; i < old->len; i++)
    reload->setup.http->folder_remove(reload->folder, g_ptr_array_index(old, i));
}

/* --- life -------------------------------------------------------------------------------------- */

Reload *
reload_new(const ReloadSetup *setup, const ReloadState *state)
{
  g_autofree char *path = g_strconcat(setup->path, "/", setup->name, NULL);
  Reload *reload = g_new0(Reload, 1);
  reload->setup = *setup;
  reload->setup.name = reload->setup.path = NULL;
  reload->name = g_strdup(setup->name);
  reload->folder = setup->http->folder_new(setup->impl, path);
  reload->wishes = g_ptr_array_new_with_free_func(wish_free);
  g_mutex_init(&reload->lock);
  note_state(reload, state);
  put_newest(reload, state);
  reload->route = setup->http->route_new(setup->impl, path, on_request, reload);
  return reload;
}

static void
tell_to_come_again(Reload *reload)
{
  for (guint i = 0; i < reload->wishes->len; i++) {
    const Wish *wish = g_ptr_array_index(reload->wishes, i);
    if (wish->answered != MG_TIME_NONE)
      continue;
    const MgHttpContent content = { .size = sizeof content, .status = 503 };
    reload->setup.http->folder_put(reload->folder, wish->name, &content);
  }
}

void
reload_free(Reload *reload)
{
  if (reload == NULL)
    return;
  reload->setup.http->route_free(reload->route);
  tell_to_come_again(reload);
  reload->setup.http->folder_free(reload->folder);
  g_ptr_array_unref(reload->wishes);
  g_mutex_clear(&reload->lock);
  g_free(reload->name);
  g_free(reload);
}
