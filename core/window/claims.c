#include "window/claims.h"

#include "graph/node.h"
#include "graph/session.h"

struct MgClaim {
  gconstpointer impl;
  char *path, *name;
  MgNode *node; /* open as long as the claim is held */
};

static GMutex lock;
static GPtrArray *held; /* of MgClaim * (borrowed); NULL: none */

static const char *
session_of(const MgClaim *claim)
{
  return mg_session_label(mg_node_session(claim->node));
}

gboolean
mg_offers_collide(const MgOffer *a, const MgOffer *b)
{
  return g_str_equal(a->path, b->path) &&
         (g_str_equal(a->class, b->class) || g_str_equal(a->name, b->name));
}

static MgOffer
offer_of(const MgClaim *claim)
{
  return (MgOffer){ claim->node->class->name, claim->path, claim->name };
}

static gboolean
is_in_the_way(const MgClaim *claim, const MgClaim *of)
{
  MgOffer a = offer_of(claim), b = offer_of(of);
  if (claim->impl != of->impl || !g_str_equal(claim->path, of->path))
    return FALSE;
  return !g_str_equal(session_of(claim), session_of(of)) || mg_offers_collide(&a, &b);
}

static const MgClaim *
find_in_the_way(const MgClaim *of)
{
  for (guint i = 0; held != NULL && i < held->len; i++) {
    const MgClaim *claim = g_ptr_array_index(held, i);
    if (is_in_the_way(claim, of))
      return claim;
  }
  return NULL;
}

static gboolean
hold(MgClaim *claim, GError **error)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&lock);
  const MgClaim *other = find_in_the_way(claim);
  if (other != NULL) {
    g_set_error(
        error, MG_ERROR, MG_ERROR_BUSY,
        "%s publishes %s/%s already: give each a `path` of its own, as with ${app}/${stream}",
        mg_node_label(other->node), other->path, other->name);
    return FALSE;
  }
  if (held == NULL)
    held = g_ptr_array_new();
  g_ptr_array_add(held, claim);
  return TRUE;
}

static void
leave(MgClaim *claim)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&lock);
  g_ptr_array_remove_fast(held, claim);
  if (held->len == 0)
    g_clear_pointer(&held, g_ptr_array_unref);
}

static void
free_claim(MgClaim *claim)
{
  g_free(claim->path);
  g_free(claim->name);
  g_free(claim);
}

MgClaim *
mg_claim_new(MgNode *node, gconstpointer impl, const char *path, const char *name, GError **error)
{
  MgClaim *claim = g_new0(MgClaim, 1);
  claim->impl = impl;
  claim->path = g_strdup(path);
  claim->name = g_strdup(name);
  claim->node = node;
  if (hold(claim, error))
    return claim;
  free_claim(claim);
  return NULL;
}

void
mg_claim_free(MgClaim *claim)
{
  if (claim == NULL)
    return;
  leave(claim);
  free_claim(claim);
}
