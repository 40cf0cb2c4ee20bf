/*
 * What an application has made and not destroyed: configs, contexts, surfaces, buffers and images, by id.
 *
 * An id says what kind it is of in its highest byte and is never given twice, so that an id of the wrong kind,
 * and one of something destroyed, is told apart from one that never was. Whoever calls holds the driver's lock.
 */
#pragma once

#include <glib.h>
#include <va/va.h>

typedef enum {
  MG_VA_CONFIG = 1,
  MG_VA_CONTEXT,
  MG_VA_SURFACE,
  MG_VA_BUFFER,
  MG_VA_IMAGE,
  MG_VA_N_KINDS,
} MgVaKind;

typedef struct {
  GHashTable *all; /* id -> entry */
  guint n_made[MG_VA_N_KINDS];
  guint n_held[MG_VA_N_KINDS];
} MgVaObjects;

void mg_va_objects_init(MgVaObjects *objects);

/* Frees what is left. */
void mg_va_objects_clear(MgVaObjects *objects);

/* "surface" and so on. Static. */
const char *mg_va_kind_name(MgVaKind kind);

/* Takes OBJECT, which FREE frees when it is removed; returns its id. */
VAGenericID mg_va_objects_add(MgVaObjects *objects, MgVaKind kind, gpointer object,
                              GDestroyNotify free);

/* Borrowed; NULL when no object of KIND has that id. */
gpointer mg_va_objects_get(const MgVaObjects *objects, MgVaKind kind, VAGenericID id);

/* Removes and frees an object that there is. */
void mg_va_objects_remove(MgVaObjects *objects, VAGenericID id);

/* Why there is no object of KIND with that id, in words. Returned-owned. */
char *mg_va_objects_explain(const MgVaObjects *objects, MgVaKind kind, VAGenericID id);

/* "2 surfaces, 1 buffer"; NULL when nothing is left. Returned-owned. */
char *mg_va_objects_left(const MgVaObjects *objects);
