/*
 * Node types for the tests of the command: they open, announce, and do nothing.
 */
#include <mediagraph/mediagraph.h>

#include <stddef.h>

typedef struct {
  char *listen;
  char *key;
  gboolean is_broken;
} Listen;

typedef struct {
  char *id;
  gint64 height;
} Video;

typedef struct {
  MgTime segment;
  gint64 window;
  gint mode;
  Video *videos;
  guint n_videos;
} Cut;

static const MgChoice modes[] = {
  { "fast", 0, "as quick as can be" },
  { "good", 1, "as well as can be" },
  { NULL },
};

static const MgProp listen_props[] = {
  MG_PROP_ADDRESS(Listen, listen, "0.0.0.0:1935", 0, "where publishers connect"),
  MG_PROP_STRING(Listen, key, "hidden", MG_PROP_SECRET, "what publishers must know"),
  MG_PROP_BOOL(Listen, is_broken, "no", 0, "whether it fails to open"),
  { 0 },
};

static const MgProp cut_props[] = {
  MG_PROP_TIME(Cut, segment, "4s", "500ms", "60s", 0, "duration of a segment"),
  MG_PROP_INT(Cut, window, "5", "1", NULL, 0, "how many segments are kept"),
  MG_PROP_ENUM(Cut, mode, "good", modes, 0, "how it is done"),
  { 0 },
};

static const MgProp video_props[] = {
  MG_PROP_NAME(Video, id, NULL, 0, "name of the output"),
  MG_PROP_INT(Video, height, NULL, "144", "4320", MG_PROP_REQUIRED, "lines of the picture"),
  { 0 },
};

static const MgChildKind cut_children[] = {
  MG_CHILD(Cut, "video", videos, n_videos, Video, video_props, 0, 8, "one picture size"),
  { 0 },
};

static gboolean
open_listen(MgNode *node, GError **error)
{
  const Listen *self = mg_node_self(node);
  if (self->is_broken) {
    g_set_error(error, MG_ERROR, MG_ERROR_FAILED, "%s is in use", self->listen);
    return FALSE;
  }
  g_autofree char *url = g_strdup_printf("fake://%s/<app>/<stream>", self->listen);
  mg_node_announce(node, MG_URL_PUSH, url);
  return TRUE;
}

static const MgCodec codecs[] = { MG_CODEC_H264, MG_CODEC_AAC, MG_CODEC_NONE };
static const char *const needs_web[] = { "fake-web", NULL };

#define AV (MG_MEDIA_VIDEO | MG_MEDIA_AUDIO)

static const MgNodeClass listen_class = {
  .size = sizeof(MgNodeClass),
  .name = "fake-listen",
  .help = "accepts nobody",
  .instance_size = sizeof(Listen),
  .props = listen_props,
  .role = MG_ROLE_LISTENER,
  .run = MG_RUN_INLINE,
  .gives = { .media = AV, .forms = MG_FORM_PACKET, .codecs = codecs },
  .open = open_listen,
};

static const MgNodeClass cut_class = {
  .size = sizeof(MgNodeClass),
  .name = "fake-cut",
  .help = "cuts nothing",
  .instance_size = sizeof(Cut),
  .props = cut_props,
  .children = cut_children,
  .role = MG_ROLE_FILTER,
  .takes = { .media = AV, .forms = MG_FORM_PACKET, .codecs = codecs },
  .gives = { .media = AV, .forms = MG_FORM_CHUNK, .codecs = codecs },
};

static const MgNodeClass serve_class = {
  .size = sizeof(MgNodeClass),
  .name = "fake-serve",
  .help = "serves nothing",
  .role = MG_ROLE_SINK,
  .run = MG_RUN_OWN,
  .takes = { .media = AV, .forms = MG_FORM_CHUNK },
  .needs = needs_web,
};

static const MgNodeClass web_class = {
  .size = sizeof(MgNodeClass),
  .name = "fake-web",
  .help = "serves nobody",
  .role = MG_ROLE_SERVICE,
};

static const MgNodeClass *const classes[] = {
  &listen_class, &cut_class, &serve_class, &web_class, NULL,
};

MG_EXPORT const MgPluginDesc mg_plugin = {
  .abi = MG_ABI,
  .size = sizeof(MgPluginDesc),
  .name = "fake-listen",
  .version = "2.1",
  .licence = "MIT",
  .classes = classes,
};
