/*
 * What a pipeline file says, checked: the engine builds its graph from this and nothing else.
 *
 * Made by the pipeline reader (pipeline/), or by hand in tests; immutable afterwards.
 * Everything in it is owned by the MgGraphSpec.
 */
#pragma once

#include "host/element.h"
#include "util/internal.h"

#include <mediagraph/node.h>

typedef enum { MG_ON_ERROR_RESTART, MG_ON_ERROR_STOP_SESSION } MgOnError;

/* One word of `from`: a producer, and which of its tracks. */
typedef struct {
  guint producer;  /* index in the pipeline's nodes; always smaller than the consumer's */
  guint media;     /* MgMedia bits */
  char *stream_id; /* NULL: all of that media */
} MgLink;

typedef struct {
  const MgNodeClass *class; /* lives for ever */
  char *id;
  MgElement *element; /* attributes and children that configure it; borrowed from the tree */
  GArray *links;      /* of MgLink: what it takes; empty for sources and services */
  char *alias; /* listeners: see alias.h; NULL: none */
  MgOnError on_error;
  MgTime queue_time; /* limits of a queue towards it, where the edge changes lanes */
  gint64 queue_bytes;
} MgNodeSpec;

typedef enum { MG_ON_DUPLICATE_REPLACE, MG_ON_DUPLICATE_REJECT } MgOnDuplicate;

typedef struct {
  char *name;
  MgPlace place;
  GPtrArray *nodes; /* of MgNodeSpec *, in reading order: producers before consumers */
  MgTime linger;
  MgTime end_limit; /* an ending session that takes longer gives its name away */
  MgOnDuplicate on_duplicate;
  guint max_sessions;
} MgPipelineSpec;

typedef struct {
  char *state_dir;      /* NULL: the default */
  MgElement *root;      /* owned: the whole tree */
  GPtrArray *services;  /* of MgNodeSpec * */
  GPtrArray *pipelines; /* of MgPipelineSpec * */
} MgGraphSpec;

/* Returned-owned, empty. Strings given to the functions below are copied. */
MgGraphSpec *mg_graph_spec_new(void);
MG_INTERNAL_API void mg_graph_spec_free(MgGraphSpec *spec); /* NULL is fine, here and below */

/* ELEMENT is borrowed; limits of the queue are zero. */
MgNodeSpec *mg_node_spec_new(const MgNodeClass *class, const char *id, MgElement *element);
void mg_node_spec_free(MgNodeSpec *spec);

MgPipelineSpec *mg_pipeline_spec_new(MgPlace place);
void mg_pipeline_spec_free(MgPipelineSpec *spec);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgGraphSpec, mg_graph_spec_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgNodeSpec, mg_node_spec_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgPipelineSpec, mg_pipeline_spec_free)
