#include "fakes.h"

#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* Every test runs in an empty folder of its own. */
typedef struct {
  char *folder;
  GPtrArray *files;
} Folder;

static void
set_up(Folder *f, gconstpointer data)
{
  f->folder = g_dir_make_tmp("mediagraph-XXXXXX", NULL);
  f->files = g_ptr_array_new_with_free_func(g_free);
  g_assert_cmpint(g_chdir(f->folder), ==, 0);
}

static void
tear_down(Folder *f, gconstpointer data)
{
  for (guint i = f->files->len; i-- > 0;)
    g_remove(g_ptr_array_index(f->files, i));
  g_assert_cmpint(g_chdir("/"), ==, 0);
  g_assert_cmpint(g_rmdir(f->folder), ==, 0);
  g_ptr_array_unref(f->files);
  g_free(f->folder);
}

static void
put(Folder *f, const char *path, const char *text)
{
  g_assert_true(g_file_set_contents(path, text, -1, NULL));
  g_ptr_array_add(f->files, g_strdup(path));
}

static void
put_folder(Folder *f, const char *path)
{
  g_assert_cmpint(g_mkdir(path, 0700), ==, 0);
  g_ptr_array_add(f->files, g_strdup(path));
}

static void
assert_file_says(const char *path, const char *expected)
{
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  g_autoptr(MgGraphSpec) spec = mg_pipeline_load(path, diagnostics);
  g_autofree char *said = mg_diagnostics_to_text(diagnostics);
  g_assert_cmpstr(said, ==, expected);
  g_assert_cmpint(spec == NULL, ==, mg_diagnostics_has_errors(diagnostics));
}

static void
test_in_place(Folder *f, gconstpointer data)
{
  put(f, "main.xml",
      "<mediagraph>\n<include file='web.xml'/>\n<pipeline>\n"
      "<listen/><include file='out.xml'/>\n</pipeline></mediagraph>");
  put(f, "web.xml", "<mediagraph><web/></mediagraph>");
  put(f, "out.xml", "<pipeline>\n<cut from='listen'/>\n<serve from='cut'/></pipeline>");
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  g_autoptr(MgGraphSpec) spec = mg_pipeline_load("main.xml", diagnostics);
  g_autofree char *said = mg_diagnostics_to_text(diagnostics);
  g_assert_cmpstr(said, ==, "");
  MgPipelineSpec *pipeline = g_ptr_array_index(spec->pipelines, 0);
  MgNodeSpec *serve = g_ptr_array_index(pipeline->nodes, 2);
  g_assert_cmpuint(spec->services->len, ==, 1);
  g_assert_cmpuint(pipeline->nodes->len, ==, 3);
  g_assert_cmpstr(serve->element->place.file, ==, "out.xml");
  g_assert_cmpuint(serve->element->place.line, ==, 3);
}

static void
test_inside_a_node(Folder *f, gconstpointer data)
{
  put(f, "main.xml",
      "<mediagraph><pipeline><listen/>\n<encode from='listen'>"
      "<include file='ladder.xml'/></encode>\n"
      "<record dir='x' from='encode'/></pipeline></mediagraph>");
  put(f, "ladder.xml", "<encode><video height='720'/>\n<video height='1'/></encode>");
  assert_file_says("main.xml",
                   "ladder.xml:2:16: error: encode: video: height: \"1\" is not between "
                   "144 and 4320\n");
}

static void
test_order(Folder *f, gconstpointer data)
{
  put(f, "main.xml",
      "<mediagraph>\n<nonsense1/>\n<include file='a.xml'/>\n<nonsense2/>\n"
      "<pipeline><file/><record from='file' dir='x'/></pipeline></mediagraph>");
  put(f, "a.xml", "<mediagraph><nonsense3/></mediagraph>");
  assert_file_says("main.xml", "main.xml:2:1: error: unknown element 'nonsense1'\n"
                               "main.xml:4:1: error: unknown element 'nonsense2'\n"
                               "a.xml:1:13: error: unknown element 'nonsense3'\n");
}

static void
test_relative(Folder *f, gconstpointer data)
{
  put_folder(f, "conf");
  put_folder(f, "conf/parts");
  put(f, "conf/main.xml", "<mediagraph><include file='parts/a.xml'/></mediagraph>");
  put(f, "conf/parts/a.xml", "<mediagraph><include file='b.xml'/></mediagraph>");
  put(f, "conf/parts/b.xml", "<mediagraph>\n<what/></mediagraph>");
  assert_file_says("conf/main.xml", "conf/main.xml:1:1: error: there is no <pipeline>\n"
                                    "conf/parts/b.xml:2:1: error: unknown element 'what'\n");
}

static void
test_unreadable(Folder *f, gconstpointer data)
{
  put(f, "main.xml",
      "<mediagraph>\n<include file='nowhere.xml'/>\n<include file='.'/>\n"
      "<include/>\n<include file='x' fil='y'/>\n</mediagraph>");
  assert_file_says("main.xml",
                   "main.xml:2:1: error: nowhere.xml cannot be read: No such file or directory\n"
                   "main.xml:3:1: error: . is not a file\n"
                   "main.xml:4:1: error: include: attribute 'file' is missing (the file to put "
                   "here)\n"
                   "main.xml:5:19: error: unknown attribute 'fil' on include; did you mean "
                   "'file'?\n");
  assert_file_says("nowhere.xml",
                   "nowhere.xml: error: it cannot be read: No such file or directory\n");
}

static void
test_missing_part(Folder *f, gconstpointer data)
{
  put(f, "main.xml",
      "<mediagraph>\n<defaults><record dir='d'/></defaults>\n<include file='top.xml'/>\n"
      "<pipeline name='a'><listen/>\n<cut id='c' from='listen' segment='1'/>\n"
      "<include file='out.xml'/>\n<serve from='c other'/></pipeline>\n"
      "<pipeline name='b'><include file='in.xml'/>\n"
      "<encode from='listen'><include file='sizes.xml'/></encode>\n"
      "<serve fro='encode'/></pipeline></mediagraph>");
  put(f, "in.xml", "<pipeline><listen></pipeline>");
  assert_file_says(
      "main.xml",
      "main.xml:3:1: error: top.xml cannot be read: No such file or directory\n"
      "main.xml:5:36: error: cut: segment: \"1\" is not a time; write it like 500ms, 4s, 10m, 2h or "
      "7d\n"
      "main.xml:6:1: error: out.xml cannot be read: No such file or directory\n"
      "main.xml:9:23: error: sizes.xml cannot be read: No such file or directory\n"
      "main.xml:10:1: error: serve takes from nobody; add from=\"encode\"\n"
      "main.xml:10:8: error: unknown attribute 'fro' on serve; did you mean 'from'?\n"
      "in.xml:1:19: error: this does not close <listen> of line 1\n");
}

static void
test_wrong_root(Folder *f, gconstpointer data)
{
  put(f, "main.xml",
      "<mediagraph><pipeline>\n<include file='a.xml'/></pipeline>\n"
      "<include file='b.xml'/></mediagraph>");
  put(f, "a.xml", "<mediagraph/>");
  put(f, "b.xml", "<mediagraph state-dir='x'/>");
  assert_file_says("main.xml",
                   "a.xml:1:1: error: the root element must be <pipeline>, not <mediagraph>: this "
                   "file is included inside <pipeline>\n"
                   "b.xml:1:13: error: the root element of an included file has no attributes\n");
}

static void
test_cycle(Folder *f, gconstpointer data)
{
  put(f, "main.xml", "<mediagraph><include file='a.xml'/></mediagraph>");
  put(f, "a.xml", "<mediagraph>\n <include file='link.xml'/></mediagraph>");
  g_assert_cmpint(symlink("main.xml", "link.xml"), ==, 0);
  g_ptr_array_add(f->files, g_strdup("link.xml"));
  assert_file_says("main.xml", "a.xml:2:2: error: main.xml includes itself\n");
}

static void
test_fan_out(Folder *f, gconstpointer data)
{
  for (guint i = 0; i < 7; i++) {
    g_autofree char *path = g_strdup_printf("%u.xml", i);
    g_autofree char *text = g_strdup_printf(
        "<mediagraph><include file='%u.xml'/><include file='%u.xml'/></mediagraph>", i + 1, i + 1);
    put(f, path, text);
  }
  put(f, "7.xml", "<mediagraph/>");
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  g_assert_null(mg_pipeline_load("0.xml", diagnostics));
  MgDiagnostic *first = &g_array_index(diagnostics->items, MgDiagnostic, 0);
  g_assert_cmpstr(first->text, ==, "there are too many includes");
}

static void
test_no_waiting(Folder *f, gconstpointer data)
{
  put(f, "main.xml", "<mediagraph><include file='pipe'/></mediagraph>");
  g_assert_cmpint(mkfifo("pipe", 0600), ==, 0);
  g_ptr_array_add(f->files, g_strdup("pipe"));
  assert_file_says("main.xml", "main.xml:1:13: error: pipe is not a file\n");
}

static void
test_too_large(Folder *f, gconstpointer data)
{
  g_autofree char *text = g_strnfill((1 << 20) + 1, ' ');
  put(f, "main.xml", text);
  assert_file_says("main.xml", "main.xml: error: it is larger than 1 MiB\n");
}

static void
test_defaults(Folder *f, gconstpointer data)
{
  put(f, "main.xml",
      "<mediagraph>\n<defaults><cut segment='2s' mode='fast'/></defaults>\n"
      "<pipeline name='a'><listen/>\n<cut id='x' from='listen'/>\n"
      "<defaults><cut segment='6s' queue='9s'/></defaults>\n"
      "<cut id='y' from='listen' mode='good'/>\n"
      "<record dir='d' from='x y'/></pipeline>\n"
      "<pipeline name='b'><listen/><cut id='z' from='listen'/>\n"
      "<record dir='d' from='z'/></pipeline></mediagraph>");
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  g_autoptr(MgGraphSpec) spec = mg_pipeline_load("main.xml", diagnostics);
  g_autofree char *said = mg_diagnostics_to_text(diagnostics);
  g_assert_cmpstr(said, ==, "");
  MgPipelineSpec *a = g_ptr_array_index(spec->pipelines, 0);
  MgPipelineSpec *b = g_ptr_array_index(spec->pipelines, 1);
  const MgNodeSpec *nodes[] = { a->nodes->pdata[1], a->nodes->pdata[2], b->nodes->pdata[1] };
  static const char *const expected[] = { "segment=2s mode=fast ", "mode=good segment=6s queue=9s ",
                                          "segment=2s mode=fast " };
  for (guint i = 0; i < G_N_ELEMENTS(nodes); i++) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (guint k = 0; k < nodes[i]->element->attributes->len; k++) {
      MgAttribute *at = &g_array_index(nodes[i]->element->attributes, MgAttribute, k);
      if (!g_str_equal(at->name, "id") && !g_str_equal(at->name, "from"))
        g_string_append_printf(text, "%s=%s ", at->name, at->value);
    }
    g_assert_cmpstr(text->str, ==, expected[i]);
  }
  g_assert_cmpint(nodes[1]->queue_time, ==, 9 * MG_SECOND);
}

static void
test_wrong_defaults(Folder *f, gconstpointer data)
{
  put(f, "main.xml",
      "<mediagraph>\n"
      "<defaults x='y'>\n"
      "<cut segment='1h' id='c'/>\n"
      "<encode><video/></encode>\n"
      "<cutt/>\n"
      "</defaults>\n"
      "<pipeline><listen/><cut from='listen'/><cut id='d' from='listen'/>\n"
      "<record dir='d' from='d cut'/></pipeline></mediagraph>");
  assert_file_says("main.xml",
                   "main.xml:2:11: error: unknown attribute 'x' on defaults\n"
                   "main.xml:3:15: error: cut: segment: \"1h\" is not between 500ms and 60s\n"
                   "main.xml:3:19: error: 'id' cannot have a default\n"
                   "main.xml:4:1: warning: no <encode> follows these defaults\n"
                   "main.xml:4:9: error: defaults are attributes, not child elements\n"
                   "main.xml:5:1: error: unknown element 'cutt'; did you mean 'cut'?\n");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  fakes_register();
#define ADD(name, func) g_test_add("/pipeline/" name, Folder, NULL, set_up, func, tear_down)
  ADD("include/children-come-in-its-place", test_in_place);
  ADD("include/stands-inside-nodes-too", test_inside_a_node);
  ADD("include/errors-are-sorted-file-by-file", test_order);
  ADD("include/path-is-relative-to-the-including-file", test_relative);
  ADD("include/what-cannot-be-read-has-its-place", test_unreadable);
  ADD("include/missing-part-hides-nothing-else", test_missing_part);
  ADD("include/root-must-be-where-it-is-included", test_wrong_root);
  ADD("include/cycle-through-a-symbolic-link-is-seen", test_cycle);
  ADD("include/number-of-files-is-limited", test_fan_out);
  ADD("include/pipe-is-not-waited-for", test_no_waiting);
  ADD("include/size-is-limited", test_too_large);
  ADD("defaults/hold-for-later-elements", test_defaults);
  ADD("defaults/are-checked-once", test_wrong_defaults);
  return g_test_run();
}
