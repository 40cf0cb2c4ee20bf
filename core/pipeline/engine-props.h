/*
 * The attributes that the engine itself reads, described like a node's: of the elements of the file
 * itself, and of every node. The tables serve the reader, `inspect` and the schema.
 */
#pragma once

#include "graph/spec.h"
#include "pipeline/diagnostics.h"
#include "util/internal.h"

typedef struct {
  char *state_dir;
} MgRootProps;

typedef struct {
  char *name;
  MgTime linger;
  gint on_duplicate; /* MgOnDuplicate */
  gint64 max_sessions;
} MgPipelineProps;

typedef struct {
  char *file;
} MgIncludeProps;

/* Of a node. */
typedef struct {
  char *id;      /* NULL: the element's name */
  char *from;    /* NULL: there is none */
  char *as;      /* NULL: none */
  gint on_error; /* MgOnError */
  MgTime queue;
  gint64 queue_bytes;
} MgEngineProps;

extern const MgProp mg_root_props[];
extern const MgProp mg_pipeline_props[];
extern const MgProp mg_include_props[];
MG_INTERNAL_API const MgProp mg_engine_props[];

/* An element that is no node: <mediagraph>, <pipeline>, <include>, <defaults>. */
typedef struct {
  const char *name;
  const char *help;    /* one line, lower case, no full stop */
  const MgProp *props; /* NULL: it has none of its own */
} MgFileElement;

/* NULL: NAME is none of the file itself. */
MG_INTERNAL_API const MgFileElement *mg_file_element(const char *name);

/* Of NAME, which is no node type, the word of the file itself that it may be a slip of; or NULL. */
MG_INTERNAL_API const char *mg_file_element_suggest(const char *name);

/*
 * Reads the engine's attributes of a node element, and adds what is wrong to DIAGNOSTICS. Clear PROPS
 * whatever is returned.
 */
gboolean mg_engine_props_read(const MgElement *element, MgEngineProps *props,
                              MgDiagnostics *diagnostics);
void mg_engine_props_clear(MgEngineProps *props);

/* Whether a node of CLASS can have the engine's attribute NAME. */
MG_INTERNAL_API gboolean mg_engine_props_apply_to(const MgNodeClass *class, const char *name);
