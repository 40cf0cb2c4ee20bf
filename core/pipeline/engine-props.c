#include "pipeline/engine-props.h"

#include "host/props-check.h"
#include "util/suggest.h"

const MgProp mg_root_props[] = {
  MG_PROP_STRING(MgRootProps, state_dir, NULL, MG_PROP_NOT_EMPTY,
                 "folder for what must survive a restart; $STATE_DIRECTORY or "
                 "$XDG_STATE_HOME/mediagraph without it"),
  { 0 },
};

static const MgChoice duplicate_choices[] = {
  { "replace", MG_ON_DUPLICATE_REPLACE, "the new publisher takes over" },
  { "reject", MG_ON_DUPLICATE_REJECT, "the new publisher is refused" },
  { NULL },
};

const MgProp mg_pipeline_props[] = {
  MG_PROP_NAME(MgPipelineProps, name, "pipeline", 0, "its name in logs and statistics"),
  MG_PROP_TIME(MgPipelineProps, linger, "10s", "0s", "24h", 0,
               "how long a session waits for its publisher to come back"),
  MG_PROP_ENUM(MgPipelineProps, on_duplicate, "replace", duplicate_choices, 0,
               "what happens when a second publisher uses the name of a stream"),
  MG_PROP_INT(MgPipelineProps, max_sessions, "1000", "1", "1000000", 0,
              "how many streams can be published at once"),
  { 0 },
};

const MgProp mg_include_props[] = {
  MG_PROP_STRING(MgIncludeProps, file, NULL, MG_PROP_REQUIRED, "the file to put here"),
  { 0 },
};

static const MgFileElement file_elements[] = {
  { "mediagraph", "services, and pipelines", mg_root_props },
  { "pipeline", "nodes in the order that media flows", mg_pipeline_props },
  { "include", "what stands inside the root element of another file", mg_include_props },
  { "defaults", "attributes for later elements of a type", NULL },
};

const MgFileElement *
mg_file_element(const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS(file_elements); i++) {
    if (g_str_equal(file_elements[i].name, name))
      return &file_elements[i];
  }
  return NULL;
}

const char *
mg_file_element_suggest(const char *name)
{
  const char *names[G_N_ELEMENTS(file_elements) + 1] = { NULL };
  for (gsize i = 0; i < G_N_ELEMENTS(file_elements); i++)
    names[i] = file_elements[i].name;
  return mg_suggest(name, names);
}

static const MgChoice error_choices[] = {
  { "restart", MG_ON_ERROR_RESTART, "opens it again after a pause" },
  { "stop-session", MG_ON_ERROR_STOP_SESSION, "ends the stream" },
  { NULL },
};

const MgProp mg_engine_props[] = {
  MG_PROP_NAME(MgEngineProps, id, NULL, 0,
               "its name in `from` and logs; the element's name without "
               "it"),
  MG_PROP_STRING(MgEngineProps, from, NULL, 0,
                 "what it takes from: ids of nodes before it, or id.video, id.audio, id.STREAM"),
  MG_PROP_STRING(MgEngineProps, as, NULL, MG_PROP_TEMPLATE | MG_PROP_NOT_EMPTY,
                 "APP/STREAM that its streams are taken for, with ${app} and ${stream} of theirs"),
  MG_PROP_ENUM(MgEngineProps, on_error, "restart", error_choices, 0, "what happens when it fails"),
  MG_PROP_TIME(
      MgEngineProps, queue, "2s", "100ms", "60s", 0,
      "how far it may fall behind before packets are dropped, where it has a queue: on another thread than its producer, or towards a peer"),
  MG_PROP_SIZE(
      MgEngineProps, queue_bytes, "64MiB", "64KiB", "4GiB", 0,
      "how much may wait for it before packets are dropped, where it has a queue: on another thread than its producer, or towards a peer"),
  { 0 },
};

static gboolean
is_of_the_class(const char *attribute)
{
  return !mg_props_is_engine_attribute(attribute);
}

gboolean
mg_engine_props_read(const MgElement *element, MgEngineProps *props, MgDiagnostics *diagnostics)
{
  *props = (MgEngineProps){ 0 };
  return mg_props_fill_struct(mg_engine_props, element, element->name, is_of_the_class, props,
                              mg_diagnostics_report, diagnostics);
}

void
mg_engine_props_clear(MgEngineProps *props)
{
  mg_props_clear_struct(mg_engine_props, props);
}

gboolean
mg_engine_props_apply_to(const MgNodeClass *class, const char *name)
{
  gboolean takes = class->role == MG_ROLE_FILTER || class->role == MG_ROLE_SINK;
  if (g_str_equal(name, "id"))
    return TRUE;
  if (g_str_equal(name, "as"))
    return class->role == MG_ROLE_LISTENER;
  if (g_str_equal(name, "on-error"))
    return takes || class->role == MG_ROLE_SOURCE;
  return takes;
}
