/*
 * Patches from older MPDs to the newest, for players that know them (ISO/IEC 23009-1 clause 5.15).
 *
 * Each MPD names the patch that will lead on from it. While it is the newest, that is promised: a request for it
 * is answered the moment there is a newer MPD, so that players with patches need not ask in vain, and hear of
 * new segments at once. The patches of the few MPDs before lead to the newest; older ones, to one that
 * was newer then, so that whoever asks late is led on step by step. Who asks for a patch that is not there, as it has
 * been too long, or the server was started again, gets the newest MPD in its place.
 *
 * On the node's lane.
 */
#pragma once

#include <mediagraph/http.h>

typedef struct Patches Patches;

/* For so long from its publication on an MPD may be patched; then players read a whole one. */
enum { PATCHES_TTL_S = 20 };

/* Where patches go. All borrowed: FOLDER outlives them, and has the MPD as NAME; PATH is the folder's. */
typedef struct {
  const MgHttpInterface *http;
  gpointer impl;
  MgHttpFolder *folder;
  const char *path, *name;
} PatchesSetup;

/* Returned-owned. */
Patches *patches_new(const PatchesSetup *setup);

/* Returned-owned: the name of the patch that leads on from the MPD that is published then. */
char *patches_name(gint64 publish_us);

/*
 * The MPD, TEXT of SIZE bytes, has been published. What leads to it is put, and what will lead on from it
 * promised. Requests for that are answered after WAIT in any case.
 */
void patches_add(Patches *patches, gint64 publish_us, const char *text, gsize size, MgTime wait);

/* What leads on from the newest MPD does not come any more: it is the last. */
void patches_end(Patches *patches);

/* What was put goes with the folder. NULL is fine. */
void patches_free(Patches *patches);
