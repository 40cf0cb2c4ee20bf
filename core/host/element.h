/*
 * An element of a pipeline file as it is written there: what configures a node.
 *
 * Made by the pipeline reader (pipeline/), or by hand in tests; a tree that is owned from above, and
 * immutable once it has been read. Strings given to the functions below are copied.
 */
#pragma once

#include <glib.h>

/* A place in a file, for messages: "live.xml:14:32". FILE is interned (g_intern_string). */
typedef struct {
  const char *file;
  guint line, column; /* from 1 */
} MgPlace;

/* One attribute as written, after includes and defaults, before ${variables}. */
typedef struct {
  char *name;
  char *value;
  MgPlace place;       /* of the name */
  MgPlace value_place; /* of the first character of the value */
} MgAttribute;

typedef struct MgElement MgElement;
struct MgElement {
  char *name;
  MgPlace place;           /* of the '<' */
  GArray *attributes;      /* of MgAttribute */
  GPtrArray *children;     /* of MgElement * */
  gboolean lacks_children; /* an include in it could not be had: never in what runs */
};

/* Returned-owned. */
MgElement *mg_element_new(const char *name, MgPlace place);

/* With all beneath it; NULL is fine. */
void mg_element_free(MgElement *element);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgElement, mg_element_free)
