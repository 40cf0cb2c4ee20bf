/*
 * What the files of this room share: a harness, its two classes, and what the sink has collected.
 */
#pragma once

#include "graph/graph.h"
#include "graph/session.h"

#include <mediagraph/harness.h>

/* A class that the engine sees instead of another, and that knows its harness. */
typedef struct {
  MgNodeClass class;
  MgHarness *harness;
} WatchedClass;

typedef struct {
  char *id;
  MgStream *stream;
  GQueue buffers; /* of MgBuffer * */
  gboolean has_ended;
} Output;

struct MgHarness {
  const MgNodeClass *real;
  WatchedClass watched; /* the class under test: errors of its callbacks are kept */
  WatchedClass sink;
  MgGraph *graph;
  MgSession *session; /* NULL: a listener or a service */
  guint n_inputs;     /* that the node takes from: from 1 on, when it needs any */
  MgNode *source;     /* of the input that is selected; NULL when the node needs none */
  MgNode *node;
  GPtrArray *outputs; /* of Output * */
  GError *error;      /* what one of the node's callbacks returned last */
};

/* classes.c: sets up both classes and `outputs`. */
void mg_harness_init_classes(MgHarness *h);

/* NULL: the node has not declared such an output. */
Output *mg_harness_find_output(MgHarness *h, const char *id);

/* TRUE when there is no error to take. */
gboolean mg_harness_take_error(MgHarness *h, GError **error);

/* spec.c. Returned-owned: the graph of ELEMENT (taken). */
MgGraphSpec *mg_harness_make_spec(MgHarness *h, MgElement *element);

/* Returned-owned: the node's element, checked; ATTRIBUTES as in mg_harness_new(). */
MgElement *mg_harness_read_element(MgHarness *h, const char *attributes, GError **error);

/* Whether the node lives in a session: it is no listener and no service. */
gboolean mg_harness_has_session(const MgHarness *h);
