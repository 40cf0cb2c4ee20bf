#include "patches.h"

#include <manifest/dash-patch.h>

#include <string.h>

#define PATCH_TYPE "application/dash-patch+xml"

/* Of the names of patches. */
#define PREFIX "patch-"
#define SUFFIX ".mpp"

/* Who asks within the time that he was told gets the patch. */
#define KEPT_US ((PATCHES_TTL_S + 10) * G_USEC_PER_SEC)

/* Caches may give it to all who ask within a second. */
enum { MAX_AGE_MS = 1000 };

/* Of so many MPDs the patches lead to the newest: players ask at least once in so many segments. */
enum { KEPT_EDITIONS = 4 };

/* A patch that was put, or is promised. */
typedef struct {
  gint64 from_us; /* publication of the MPD that it leads on from */
  char *name;
  MgDashEdition *from; /* that MPD; NULL: it stays as it is */
} Step;

struct Patches {
  const MgHttpInterface *http;
  MgHttpFolder *folder;
  char *name;         /* of the MPD */
  MgHttpRoute *route; /* of what is not in any folder */
  GQueue steps;       /* of Step *, oldest first; the last is promised while it has its MPD */
};

static void
step_free(gpointer data)
{
  Step *step = data;
  mg_dash_edition_free(step->from);
  g_free(step->name);
  g_free(step);
}

/* On any I/O lane. Nothing but patches is known to have been here. */
static void
answer_unknown(MgHttpRequest *request, gpointer data)
{
  const Patches *patches = data;
  const char *path = patches->http->request_path(request);
  if (g_str_has_prefix(strrchr(path, '/') + 1, PREFIX) && g_str_has_suffix(path, SUFFIX)) {
    patches->http->respond_with(request, patches->folder, patches->name);
    return;
  }
  const MgHttpContent nothing = {
    .size = sizeof nothing,
    .status = 404,
    .content_type = "text/plain; charset=utf-8",
    .cache = MG_HTTP_CACHE_NEVER,
  };
  patches->http->respond(request, &nothing);
}

Patches *
patches_new(const PatchesSetup *setup)
{
  g_autofree char *below = g_strconcat(setup->path, "/", NULL);
  Patches *patches = g_new0(Patches, 1);
  patches->http = setup->http;
  patches->folder = setup->folder;
  patches->name = g_strdup(setup->name);
  g_queue_init(&patches->steps);
  patches->route = setup->http->route_new(setup->impl, below, answer_unknown, patches);
  return patches;
}

void
patches_free(Patches *patches)
{
  if (patches == NULL)
    return;
  patches->http->route_free(patches->route);
  g_queue_clear_full(&patches->steps, step_free);
  g_free(patches->name);
  g_free(patches);
}

char *
patches_name(gint64 publish_us)
{
  return g_strdup_printf(PREFIX "%" G_GINT64_FORMAT SUFFIX, publish_us / 1000);
}

static void
remove_old(Patches *patches, gint64 now_us)
{
  Step *oldest;
  while ((oldest = g_queue_peek_head(&patches->steps)) != NULL &&
         oldest->from_us < now_us - KEPT_US) {
    patches->http->folder_remove(patches->folder, oldest->name);
    step_free(g_queue_pop_head(&patches->steps));
  }
}

static void
put(Patches *patches, const char *name, const MgWriter *w)
{
  g_autoptr(MgData) data = mg_data_new_copy((const char *) w->data, w->size);
  if (data == NULL) {
    patches->http->folder_remove(patches->folder, name);
    return;
  }
  const MgHttpContent content = {
    .size = sizeof content,
    .content_type = PATCH_TYPE,
    .cache = MG_HTTP_CACHE_SHORT,
    .max_age_ms = MAX_AGE_MS,
    .data = data,
  };
  patches->http->folder_put(patches->folder, name, &content);
}

/* Those that have been put stay as they are. */
static void
withdraw_promise(Patches *patches)
{
  Step *last = g_queue_peek_tail(&patches->steps);
  if (last == NULL || last->from == NULL)
    return;
  patches->http->folder_remove(patches->folder, last->name);
  step_free(g_queue_pop_tail(&patches->steps));
  for (GList *at = patches->steps.tail; at != NULL; at = at->prev)
    g_clear_pointer(&((Step *) at->data)->from, mg_dash_edition_free);
}

/* Who waits for a promised patch gets it now. */
static void
lead_to(Patches *patches, const MgDashEdition *newest)
{
  guint n = 0;
  for (GList *at = patches->steps.tail; at != NULL; at = at->prev) {
    Step *step = at->data;
    g_auto(MgWriter) w = MG_WRITER_INIT;
    if (step->from == NULL)
      break;
    if (mg_dash_patch_write(step->from, newest, &w))
      put(patches, step->name, &w);
    if (++n == KEPT_EDITIONS)
      g_clear_pointer(&step->from, mg_dash_edition_free);
  }
}

/* EDITION is taken. */
static void
promise(Patches *patches, gint64 publish_us, MgDashEdition *edition, MgTime wait)
{
  Step *step = g_new(Step, 1);
  *step = (Step){ publish_us, patches_name(publish_us), edition };
  g_queue_push_tail(&patches->steps, step);
  patches->http->folder_promise(patches->folder, step->name, wait);
}

void
patches_add(Patches *patches, gint64 publish_us, const char *text, gsize size, MgTime wait)
{
  MgDashEdition *newest = mg_dash_edition_new(text, size);
  if (newest != NULL)
    lead_to(patches, newest);
  else
    withdraw_promise(patches);
  remove_old(patches, publish_us);
  if (newest != NULL)
    promise(patches, publish_us, newest, wait);
}

void
patches_end(Patches *patches)
{
  withdraw_promise(patches);
}
