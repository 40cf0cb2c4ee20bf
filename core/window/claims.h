/*
 * Who publishes under a path: one session at a time, so that no stream appears in place of another.
 *
 * Nodes of one session share a path when they are of different classes and their manifests have different
 * names, as out-hls and out-dash: their segments are the same bytes under the same names. A claim is held
 * from open to close; a node that opens again, and the next session of a stream, find the path free.
 * Any thread.
 */
#pragma once

#include <mediagraph/node.h>

typedef struct MgClaim MgClaim;

/* What an output publishes. All borrowed. */
typedef struct {
  const char *class, *path, *name;
} MgOffer;

/* Whether two outputs of one session are in each other's way. */
gboolean mg_offers_collide(const MgOffer *a, const MgOffer *b);

/*
 * Returned-owned: NODE publishes manifest NAME under PATH of the service IMPL. NULL and ERROR, which names
 * the node that has the path.
 */
MgClaim *mg_claim_new(MgNode *node, gconstpointer impl, const char *path, const char *name,
                      GError **error);

/* NULL is fine. */
void mg_claim_free(MgClaim *claim);
