#include "host/props-check.h"

#include "graph/spec.h"

typedef struct {
  char *id;
  gint64 height;
  gint64 bitrate;
} Video;

typedef struct {
  char *dir;
  char *key;
  char *name;
  char *listen;
  MgTime segment;
  gint64 window_bytes;
  gboolean is_low;
  gint mode;
  Video *videos;
  guint n_videos;
} Self;

static const MgChoice modes[] = { { "fast", 5, "quickly" }, { "good", 6, "well" }, { NULL } };

static const MgProp props[] = {
  MG_PROP_STRING(Self, dir, NULL, MG_PROP_REQUIRED | MG_PROP_TEMPLATE, "where files go"),
  MG_PROP_NAME(Self, key, NULL, MG_PROP_SECRET, "a secret"),
  MG_PROP_STRING(Self, name, NULL, MG_PROP_NOT_EMPTY, "what it is called"),
  MG_PROP_ADDRESS(Self, listen, NULL, MG_PROP_LISTEN_TCP, "where it listens"),
  MG_PROP_TIME(Self, segment, "4s", "500ms", "60s", 0, "target duration"),
  MG_PROP_SIZE(Self, window_bytes, "64KiB", NULL, NULL, 0, "how much"),
  MG_PROP_BOOL(Self, is_low, NULL, 0, "whether low"),
  MG_PROP_ENUM(Self, mode, "good", modes, 0, "how"),
  { 0 },
};

static const MgProp video_props[] = {
  MG_PROP_NAME(Video, id, NULL, 0, "name of the output"),
  MG_PROP_INT(Video, height, NULL, "144", "4320", MG_PROP_REQUIRED, "pixels"),
  MG_PROP_BITRATE(Video, bitrate, "1M", NULL, NULL, 0, "bits per second"),
  { 0 },
};

static const MgChildKind children[] = {
  MG_CHILD(Self, "video", videos, n_videos, Video, video_props, 0, 2, "one picture size"),
  { 0 },
};

static void
check_together(gconstpointer data, MgCheck *check)
{
  const Self *self = data;
  gboolean is_wrong = self->is_low && self->mode == 6;
  if (is_wrong && self->segment > 2 * MG_SECOND)
    mg_check_refuse(check, "segment", "%d s are not low", (int) (self->segment / MG_SECOND));
  if (is_wrong)
    mg_check_refuse(check, "window_bytes", "nothing is low enough for %s", self->dir);
  for (guint i = 0; i < self->n_videos; i++) {
    if (self->videos[i].height % 2 != 0)
      mg_check_refuse_child(check, "video", i, "height", "%d is odd", (int) self->videos[i].height);
    if (self->videos[i].bitrate < 1000)
      mg_check_refuse_child(check, "video", i, "bitrate", "too few");
  }
}

static const MgNodeClass class = {
  .size = sizeof(MgNodeClass),
  .name = "fake",
  .help = "does nothing",
  .instance_size = sizeof(Self),
  .props = props,
  .children = children,
  .check = check_together,
};

/* An element with pairs of names and values; attribute N is at line N + 1, its value at column 50. */
static MgElement *
element(const char *name, ...)
{
  MgElement *e = mg_element_new(name, (MgPlace){ "f.xml", 1, 1 });
  va_list args;
  va_start(args, name);
  for (const char *attribute; (attribute = va_arg(args, const char *)) != NULL;) {
    guint line = e->attributes->len + 2;
    MgAttribute a = {
      .name = g_strdup(attribute),
      .value = g_strdup(va_arg(args, const char *)),
      .place = { "f.xml", line, 10 },
      .value_place = { "f.xml", line, 50 },
    };
    g_array_append_val(e->attributes, a);
  }
  va_end(args);
  return e;
}

static MgElement *
child(MgElement *parent, MgElement *e)
{
  g_ptr_array_add(parent->children, e);
  return e;
}

static void
append_report(MgSeverity severity, const MgPlace *place, const char *sentence, gpointer data)
{
  g_string_append_printf(data, "%u:%u %s\n", place->line, place->column, sentence);
}

/* Takes E. */
static void
assert_reports(MgElement *e, MgPropsScope scope, const MgVariables *variables, const char *expected)
{
  g_autoptr(GString) text = g_string_new(NULL);
  gboolean is_right = mg_props_check(&class, e, scope, variables, append_report, text);
  g_assert_cmpstr(text->str, ==, expected);
  g_assert_cmpint(is_right, ==, expected[0] == '\0');
  mg_element_free(e);
}

static void
test_fill(void)
{
  Self self = { 0 };
  g_autoptr(GError) error = NULL;
  g_autoptr(MgElement) e =
      element("fake", "dir", "rec/${app}", "window-bytes", "1MiB", "id", "x", "is-low", "yes",
              "mode", "fast", "from", "a", "queue", "1s", NULL);
  child(e, element("video", "id", "720p", "height", "720", NULL));
  child(e, element("video", "height", "480", "bitrate", "500k", NULL));
  MgVariables variables = { .app = "live" };
  mg_props_fill(&class, e, &variables, &self, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(self.dir, ==, "rec/live");
  g_assert_cmpint(self.segment, ==, 4 * MG_SECOND);
  g_assert_cmpint(self.window_bytes, ==, 1 << 20);
  g_assert_true(self.is_low);
  g_assert_cmpint(self.mode, ==, 5);
  g_assert_cmpuint(self.n_videos, ==, 2);
  g_assert_cmpstr(self.videos[0].id, ==, "720p");
  g_assert_cmpint(self.videos[0].bitrate, ==, 1000000);
  g_assert_cmpint(self.videos[1].height, ==, 480);
  g_assert_cmpint(self.videos[1].bitrate, ==, 500000);
  mg_props_clear(&class, &self);
  g_assert_null(self.dir);
  g_assert_null(self.videos);
  g_assert_cmpuint(self.n_videos, ==, 0);
}

static void
test_first_error(void)
{
  Self self = { 0 };
  g_autoptr(GError) error = NULL;
  g_autoptr(MgElement) e = element("fake", "dir", "d", "segment", "x", "mode", "y", NULL);
  g_assert_false(mg_props_fill(&class, e, NULL, &self, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_cmpstr(error->message, ==,
                  "fake: segment: \"x\" is not a time; write it like 500ms, 4s, 10m, 2h or 7d");
  mg_props_clear(&class, &self);
}

static void
test_all_errors(void)
{
  MgElement *e = element("fake", "segmnt", "2s", "segment", "90s", "mode", "god", NULL);
  child(e, element("video", "id", "720p", "height", "72O", NULL));
  child(e, element("video", "hight", "100", NULL));
  assert_reports(e, MG_PROPS_WHOLE, NULL,
                 "2:10 unknown attribute 'segmnt' on fake; did you mean 'segment'?\n"
                 "1:1 fake: attribute 'dir' is missing (where files go)\n"
                 "3:50 fake: segment: \"90s\" is not between 500ms and 60s\n"
                 "4:50 fake: mode: \"god\" is not fast or good; did you mean 'good'?\n"
                 "3:50 fake: video '720p': height: \"72O\" is not an integer\n"
                 "2:10 unknown attribute 'hight' on video; did you mean 'height'?\n"
                 "1:1 fake: video: attribute 'height' is missing (pixels)\n");
}

static void
test_values_together(void)
{
  assert_reports(element("fake", "dir", "d", "segment", "3s", NULL), MG_PROPS_WHOLE, NULL, "");
  assert_reports(element("fake", "dir", "rec/${app}", "segment", "3s", "is-low", "yes", NULL),
                 MG_PROPS_WHOLE, NULL,
                 "3:50 fake: segment: 3 s are not low\n"
                 "1:1 fake: window-bytes: nothing is low enough for rec/${app}\n");
  assert_reports(element("fake", "dir", "d", "is-low", "yes", NULL), MG_PROPS_PARTIAL, NULL, "");
}

static void
test_children_together(void)
{
  MgElement *e = element("fake", "dir", "d", NULL);
  child(e, element("video", "height", "720", NULL));
  child(e, element("video", "id", "odd", "height", "481", "bitrate", "5", NULL));
  assert_reports(e, MG_PROPS_WHOLE, NULL,
                 "3:50 fake: video 'odd': height: 481 is odd\n"
                 "4:50 fake: video 'odd': bitrate: too few\n");
}

static void
test_wrong_values_together(void)
{
  assert_reports(element("fake", "dir", "d", "is-low", "yes", "mode", "god", NULL), MG_PROPS_WHOLE,
                 NULL, "4:50 fake: mode: \"god\" is not fast or good; did you mean 'good'?\n");
  assert_reports(element("fake", "dir", "d", "is-low", "yes", "name", "", NULL), MG_PROPS_WHOLE,
                 NULL,
                 "4:50 fake: name: \"\" must not be empty\n"
                 "1:1 fake: segment: 4 s are not low\n"
                 "1:1 fake: window-bytes: nothing is low enough for d\n");
  assert_reports(element("fake", "is-low", "yes", NULL), MG_PROPS_WHOLE, NULL,
                 "1:1 fake: attribute 'dir' is missing (where files go)\n");
}

static void
test_values_together_before_open(void)
{
  Self self = { 0 };
  const MgVariables variables = { .app = "live" };
  g_autoptr(GError) error = NULL;
  g_autoptr(MgElement) e =
      element("fake", "dir", "rec/${app}", "segment", "1s", "is-low", "yes", NULL);
  g_assert_false(mg_props_fill(&class, e, &variables, &self, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_cmpstr(error->message, ==, "fake: window-bytes: nothing is low enough for rec/live");
  mg_props_clear(&class, &self);
}

static void
test_empty(void)
{
  assert_reports(element("fake", "dir", "d", "name", "", NULL), MG_PROPS_WHOLE, NULL,
                 "3:50 fake: name: \"\" must not be empty\n");
}

static void
test_own_address(void)
{
  assert_reports(element("fake", "dir", "d", "listen", "localhost:1935", NULL), MG_PROPS_WHOLE,
                 NULL, "");
  assert_reports(
      element("fake", "dir", "d", "listen", "example.org:1935", NULL), MG_PROPS_WHOLE, NULL,
      "3:50 fake: listen: \"example.org:1935\" is not an address of this machine; write a "
      "number, as in 0.0.0.0:8080 or [::]:8080\n");
}

static void
test_partial(void)
{
  assert_reports(element("fake", "segment", "5s", NULL), MG_PROPS_PARTIAL, NULL, "");
  assert_reports(element("fake", "segment", "5", NULL), MG_PROPS_PARTIAL, NULL,
                 "2:50 fake: segment: \"5\" is not a time; write it like 500ms, 4s, 10m, 2h or "
                 "7d\n");
}

static void
test_children(void)
{
  MgElement *e = element("fake", "dir", "d", NULL);
  child(e, element("audio", NULL));
  child(e, element("vidio", NULL));
  for (guint i = 0; i < 4; i++)
    child(e, element("video", "height", "480", NULL));
  child(g_ptr_array_index(e->children, 2), element("video", NULL));
  assert_reports(e, MG_PROPS_WHOLE, NULL,
                 "1:1 unknown element 'audio' in fake; known are video\n"
                 "1:1 unknown element 'vidio' in fake; did you mean 'video'?\n"
                 "1:1 unknown element 'video' in video, which has no child elements\n"
                 "1:1 fake takes at most 2 <video>\n");
}

static void
test_variables(void)
{
  const MgVariables none = { 0 };
  assert_reports(element("fake", "dir", "${strem}", NULL), MG_PROPS_WHOLE, NULL,
                 "2:50 fake: dir: unknown variable ${strem}; did you mean 'stream'?\n");
  assert_reports(element("fake", "dir", "${stream}", NULL), MG_PROPS_WHOLE, &none,
                 "2:50 fake: dir: ${stream} is not known here\n");
  assert_reports(element("fake", "dir", "d", "key", "${app}", NULL), MG_PROPS_WHOLE, NULL,
                 "3:50 fake: key: the value cannot be used (it is a secret, so it is not "
                 "shown)\n");
}

static void
test_secrets(void)
{
  assert_reports(element("fake", "dir", "d", "key", "pass word", NULL), MG_PROPS_WHOLE, NULL,
                 "3:50 fake: key: the value cannot be used (it is a secret, so it is not "
                 "shown)\n");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/host/props/fill-stores-values-and-defaults", test_fill);
  g_test_add_func("/host/props/fill-returns-the-first-error", test_first_error);
  g_test_add_func("/host/props/check-reports-everything", test_all_errors);
  g_test_add_func("/host/props/defaults-may-leave-things-out", test_partial);
  g_test_add_func("/host/props/values-are-checked-together", test_values_together);
  g_test_add_func("/host/props/child-elements-are-checked-at-their-places", test_children_together);
  g_test_add_func("/host/props/wrong-numbers-are-not-judged-together", test_wrong_values_together);
  g_test_add_func("/host/props/values-are-checked-together-before-open",
                  test_values_together_before_open);
  g_test_add_func("/host/props/empty-text-can-be-refused", test_empty);
  g_test_add_func("/host/props/address-to-listen-on-is-a-number", test_own_address);
  g_test_add_func("/host/props/child-elements-are-known-and-counted", test_children);
  g_test_add_func("/host/props/variables-are-checked-before-they-have-values", test_variables);
  g_test_add_func("/host/props/secrets-are-never-quoted", test_secrets);
  return g_test_run();
}
