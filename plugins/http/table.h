/*
 * What the two halves of the origin share: the table of paths, with folders (folder.c) and routes (origin.c).
 */
#pragma once

#include "http/origin.h"

/* What one folder has under a path: a resource, or a promise of one. */
typedef struct MgHttpSlot MgHttpSlot;
struct MgHttpSlot {
  MgHttpSlot *next;
  MgHttpFolder *folder;
  MgHttpResource *resource; /* a reference; NULL: it is not whole */
  MgHttpPromise *promise;   /* a reference, while it is not */
};

/* All that is under one path; gone when that is nothing. */
typedef struct {
  char *path;
  MgHttpRoute *routes; /* oldest first */
  MgHttpSlot *slots;   /* longest folder path first, then newest folder */
} MgHttpEntry;

struct MgHttpOrigin {
  GRWLock lock;
  GHashTable *entries; /* path → MgHttpEntry, owned */
  GPtrArray *prefixes; /* routes for what is below a path: longest path first, then oldest */
  guint64 n_made;      /* folders so far */
  GPtrArray *retired;  /* of folders whose owner has gone, for a while; on the first I/O lane */
  const char *cors;
};

/* For the writer. The entry at PATH (taken), made if there is none; and it goes when nothing is left in it. */
MgHttpEntry *mg_http_origin_need(MgHttpOrigin *origin, char *path);
void mg_http_origin_drop_if_empty(MgHttpOrigin *origin, MgHttpEntry *entry);

/* A folder that has retired: frees it. */
void mg_http_folder_end_retirement(gpointer retired);
