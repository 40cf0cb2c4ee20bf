#include "fakes.h"

#include "host/registry.h"

#include <mediagraph/inputs.h>

#include <string.h>

typedef struct {
  char *listen;
  char *dir, *path, *name;
  MgTime segment;
  gint mode;
  struct {
    char *id;
    gint64 height;
  } * videos;
  guint n_videos;
} Self;

typedef struct {
  char *id;
  gint64 height;
} Video;

static const MgChoice modes[] = { { "fast", 1, "quickly" }, { "good", 2, "well" }, { NULL } };

static const MgProp listen_props[] = {
  MG_PROP_ADDRESS(Self, listen, "0.0.0.0:1935", 0, "where publishers connect"),
  MG_PROP_STRING(Self, dir, NULL, MG_PROP_TEMPLATE, "a folder"),
  { 0 },
};
static const MgProp door_props[] = {
  MG_PROP_ADDRESS(Self, listen, "0.0.0.0:1935", MG_PROP_LISTEN_TCP, "where publishers connect"),
  { 0 },
};
static const MgProp hatch_props[] = {
  MG_PROP_ADDRESS(Self, listen, "0.0.0.0:1935", MG_PROP_LISTEN_UDP, "where publishers send to"),
  { 0 },
};
static const MgProp cut_props[] = {
  MG_PROP_TIME(Self, segment, "4s", "500ms", "60s", 0, "duration of a segment"),
  MG_PROP_ENUM(Self, mode, "good", modes, 0, "how"),
  { 0 },
};
static const MgProp record_props[] = {
  MG_PROP_STRING(Self, dir, NULL, MG_PROP_REQUIRED | MG_PROP_TEMPLATE, "where files go"),
  { 0 },
};
static const MgProp show_props[] = {
  MG_PROP_STRING(Self, path, "/${app}", MG_PROP_TEMPLATE | MG_PROP_URL_PATH, "path of URLs"),
  MG_PROP_STRING(Self, name, "index", MG_PROP_URL_NAME, "name of the list"),
  MG_PROP_STRING(Self, dir, NULL, MG_PROP_TEMPLATE | MG_PROP_OWN_DIR, "files, too"),
  { 0 },
};
static const MgProp sign_props[] = {
  MG_PROP_STRING(Self, path, NULL, MG_PROP_READ_FILE, "a file to show"),
  { 0 },
};
static const MgProp video_props[] = {
  MG_PROP_NAME(Video, id, NULL, 0, "name of the output"),
  MG_PROP_INT(Video, height, NULL, "144", "4320", MG_PROP_REQUIRED, "pixels"),
  { 0 },
};
static const MgChildKind encode_children[] = {
  MG_CHILD(Self, "video", videos, n_videos, Video, video_props, 1, 8, "one picture size"),
  { 0 },
};

static const MgCodec only_h264[] = { MG_CODEC_H264, MG_CODEC_NONE };
static const MgCodec only_aac[] = { MG_CODEC_AAC, MG_CODEC_NONE };
static const char *const needs_web[] = { "web", NULL };

#define AV (MG_MEDIA_VIDEO | MG_MEDIA_AUDIO)
#define PACKETS                                                                                    \
  {                                                                                                \
    .media = AV, .forms = MG_FORM_PACKET                                                           \
  }
#define CHUNKS                                                                                     \
  {                                                                                                \
    .media = AV, .forms = MG_FORM_CHUNK                                                            \
  }

static void
check_cut(gconstpointer data, MgCheck *check)
{
  const Self *self = data;
  if (self->mode == 1 && self->segment > 10 * MG_SECOND)
    mg_check_refuse(check, "segment", "is too long to be fast");
}

static void
check_either(gconstpointer data, MgCheck *check)
{
  if (mg_check_n_inputs(check) == 1)
    mg_check_refuse(check, "from", "one is not enough");
}

static void
either_paused(MgNode *node, guint input)
{
}

static const MgNodeClass classes[] = {
  {
      .name = "listen",
      .help = "accepts publishers",
      .role = MG_ROLE_LISTENER,
      .props = listen_props,
      .gives = PACKETS,
  },
  {
      .name = "door",
      .help = "accepts publishers by TCP",
      .role = MG_ROLE_LISTENER,
      .props = door_props,
      .gives = PACKETS,
  },
  {
      .name = "hatch",
      .help = "accepts publishers by UDP",
      .role = MG_ROLE_LISTENER,
      .props = hatch_props,
      .gives = PACKETS,
  },
  {
      .name = "file",
      .help = "reads a file",
      .role = MG_ROLE_SOURCE,
      .gives = { .media = MG_MEDIA_AUDIO, .forms = MG_FORM_PACKET, .codecs = only_aac },
  },
  {
      .name = "encode",
      .help = "makes other qualities",
      .role = MG_ROLE_FILTER,
      .children = encode_children,
      .takes = { .media = MG_MEDIA_VIDEO, .forms = MG_FORM_PACKET, .codecs = only_h264 },
      .gives = { .media = MG_MEDIA_VIDEO, .forms = MG_FORM_PACKET, .codecs = only_h264 },
  },
  {
      .name = "cut",
      .help = "cuts chunks",
      .role = MG_ROLE_FILTER,
      .props = cut_props,
      .takes = PACKETS,
      .gives = CHUNKS,
      .check = check_cut,
  },
  {
      .name = "pass",
      .help = "passes on",
      .role = MG_ROLE_FILTER,
      .takes = { .media = MG_MEDIA_ANY, .forms = MG_FORM_ANY },
      .gives = { .media = MG_MEDIA_ANY, .forms = MG_FORM_ANY },
  },
  {
      .name = "either",
      .help = "has inputs that stand in for each other",
      .role = MG_ROLE_FILTER,
      .takes = { .media = MG_MEDIA_ANY, .forms = MG_FORM_ANY },
      .gives = { .media = MG_MEDIA_ANY, .forms = MG_FORM_ANY },
      .check = check_either,
      .input_paused = either_paused,
  },
  {
      .name = "serve",
      .help = "serves chunks",
      .role = MG_ROLE_SINK,
      .takes = CHUNKS,
      .needs = needs_web,
  },
  {
      .name = "show",
      .help = "shows chunks",
      .role = MG_ROLE_SINK,
      .props = show_props,
      .takes = CHUNKS,
  },
  {
      .name = "tell",
      .help = "shows chunks in other words",
      .role = MG_ROLE_SINK,
      .props = show_props,
      .takes = CHUNKS,
  },
  {
      .name = "sign",
      .help = "shows a file",
      .role = MG_ROLE_SERVICE,
      .props = sign_props,
  },
  {
      .name = "record",
      .help = "writes files",
      .role = MG_ROLE_SINK,
      .props = record_props,
      .takes = { .media = AV, .forms = MG_FORM_CHUNK | MG_FORM_PACKET },
  },
  {
      .name = "web",
      .help = "serves the web",
      .role = MG_ROLE_SERVICE,
  },
  {
      .name = "keys",
      .help = "knows who may do what",
      .role = MG_ROLE_SERVICE,
      .needs = needs_web,
  },
};

void
fakes_register(void)
{
  static MgNodeClass registered[G_N_ELEMENTS(classes)];
  g_setenv("MEDIAGRAPH_PLUGIN_PATH", "", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS(classes); i++) {
    registered[i] = classes[i];
    registered[i].size = sizeof(MgNodeClass);
    registered[i].instance_size = sizeof(Self);
    mg_registry_add(&registered[i]);
  }
}

void
fakes_assert_says(const char *text, const char *expected)
{
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  g_autoptr(MgGraphSpec) spec = mg_pipeline_parse("f.xml", text, strlen(text), diagnostics);
  g_autofree char *said = mg_diagnostics_to_text(diagnostics);
  g_assert_cmpstr(said, ==, expected);
  g_assert_cmpint(spec == NULL, ==, mg_diagnostics_has_errors(diagnostics));
}

MgGraphSpec *
fakes_spec(const char *text)
{
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  MgGraphSpec *spec = mg_pipeline_parse("f.xml", text, strlen(text), diagnostics);
  g_autofree char *said = mg_diagnostics_to_text(diagnostics);
  g_assert_cmpstr(said, ==, "");
  return spec;
}
