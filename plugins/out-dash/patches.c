#include "patches.h"

#include <manifest/dash-patch.h>

#define PATCH_TYPE "application/dash-patch+xml"

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
  GQueue steps; /* of Step *, oldest first; the last is promised while it has its MPD */
};

static void
step_free(gpointer data)
{
  Step *step = data;
  mg_dash_edition_free(step->from);
  g_free(step->name);
  g_free(step);
}

Patches *
patches_new(const MgHttpInterface *http, MgHttpFolder *folder)
{
  Patches *patches = g_new0(Patches, 1);
  patches->http = http;
  patches->folder = folder;
  g_queue_init(&patches->steps);
  return patches;
}

void
patches_free(Patches *patches)
{
  if (patches == NULL)
    return;
  g_queue_clear_full(&patches->steps, step_free);
  g_free(patches);
}

char *
patches_name(gint64 publish_us)
{
  return g_strdup_printf("patch-%" G_GINT64_FORMAT ".mpp", publish_us / 1000);
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
