#include "fakes.h"

#define TOP    "<mediagraph>\n<web/>\n<pipeline>\n" /* three lines; a pipeline's nodes begin at 4 */
#define BOTTOM "\n</pipeline>\n</mediagraph>\n"
#define LISTEN "<listen/>\n"

static void
test_right(void)
{
  g_autoptr(MgGraphSpec) spec =
      fakes_spec("<mediagraph state-dir='/var/lib/x'>\n"
                 "  <web/>\n"
                 "  <pipeline name='live' linger='30s' on-duplicate='reject' max-sessions='7'>\n"
                 "    <listen id='a'/> <listen id='b' listen='[::]:1936'/>\n"
                 "    <encode from='a.video b.video' on-error='stop-session'>\n"
                 "      <video id='720p' height='720'/>\n"
                 "    </encode>\n"
                 "    <cut id='chunks' from='encode.720p a.audio' queue='5s' queue-bytes='1MiB'/>\n"
                 "    <serve from='chunks'/>\n"
                 "  </pipeline>\n"
                 "</mediagraph>\n");
  g_assert_cmpstr(spec->state_dir, ==, "/var/lib/x");
  g_assert_cmpuint(spec->services->len, ==, 1);
  MgPipelineSpec *live = g_ptr_array_index(spec->pipelines, 0);
  g_assert_cmpstr(live->name, ==, "live");
  g_assert_cmpint(live->linger, ==, 30 * MG_SECOND);
  g_assert_cmpint(live->on_duplicate, ==, MG_ON_DUPLICATE_REJECT);
  g_assert_cmpuint(live->max_sessions, ==, 7);
  g_assert_cmpuint(live->place.line, ==, 3);
  g_assert_cmpuint(live->nodes->len, ==, 5);
  MgNodeSpec *encode = g_ptr_array_index(live->nodes, 2);
  g_assert_cmpstr(encode->id, ==, "encode");
  g_assert_cmpint(encode->on_error, ==, MG_ON_ERROR_STOP_SESSION);
  g_assert_cmpuint(encode->links->len, ==, 2);
  MgNodeSpec *cut = g_ptr_array_index(live->nodes, 3);
  g_assert_cmpstr(cut->id, ==, "chunks");
  g_assert_cmpint(cut->queue_time, ==, 5 * MG_SECOND);
  g_assert_cmpint(cut->queue_bytes, ==, 1 << 20);
  MgLink *rendition = &g_array_index(cut->links, MgLink, 0);
  MgLink *audio = &g_array_index(cut->links, MgLink, 1);
  g_assert_cmpuint(rendition->producer, ==, 2);
  g_assert_cmpuint(rendition->media, ==, MG_MEDIA_ANY);
  g_assert_cmpstr(rendition->stream_id, ==, "720p");
  g_assert_cmpuint(audio->producer, ==, 0);
  g_assert_cmpuint(audio->media, ==, MG_MEDIA_AUDIO);
  g_assert_null(audio->stream_id);
}

static void
test_everything_is_reported(void)
{
  fakes_assert_says("<mediagraph>\n"
                    "  <web/>\n"
                    "  <pipeline name='live'>\n"
                    "    <listen id='rtmp' listen='1935'/>\n"
                    "    <encode id='ladder'\n"
                    "            from='rtmp.video'>\n"
                    "      <video id='720p' height='72O'/>\n"
                    "    </encode>\n"
                    "    <cut id='cmaf' from='ladder rtmp.audio' segmnt='4s'/>\n"
                    "    <serve from='cmf'/>\n"
                    "    <recrd from='cmaf'/>\n"
                    "  </pipeline>\n"
                    "</mediagraph>\n",
                    "f.xml:4:31: error: listen: listen: \"1935\" is not an address; write it like "
                    "0.0.0.0:1935 or [::]:1935\n"
                    "f.xml:7:32: error: encode: video '720p': height: \"72O\" is not an integer\n"
                    "f.xml:9:45: error: unknown attribute 'segmnt' on cut; did you mean "
                    "'segment'?\n"
                    "f.xml:10:18: error: there is no node 'cmf' in this pipeline; did you mean "
                    "'cmaf'?\n"
                    "f.xml:11:5: error: unknown element 'recrd'; did you mean 'record'?\n");
}

static void
test_root(void)
{
  fakes_assert_says("<graph/>", "f.xml:1:1: error: the root element must be <mediagraph>, not "
                                "<graph>\n");
  fakes_assert_says("<mediagraph/>", "f.xml:1:1: error: there is no <pipeline>\n");
  fakes_assert_says("<mediagraph statedir='x'><pipeline><file/><record from='file' dir='x'/>"
                    "</pipeline></mediagraph>",
                    "f.xml:1:13: error: unknown attribute 'statedir' on mediagraph; did you mean "
                    "'state-dir'?\n");
}

static void
test_misplaced(void)
{
  fakes_assert_says("<mediagraph>\n<pipline/>\n<cut/>\n<web/>\n<web/>\n<pipeline>\n"
                    "<listen/>\n<pipeline/>\n<web/>\n<record from='listen' dir='x'/>" BOTTOM,
                    "f.xml:2:1: error: unknown element 'pipline'; did you mean 'pipeline'?\n"
                    "f.xml:3:1: error: cut is not a service; it stands in a <pipeline>\n"
                    "f.xml:5:1: error: there is a <web> already (f.xml:4:1)\n"
                    "f.xml:5:1: error: the id 'web' is used already (f.xml:4:1); give this one an "
                    "id of its own\n"
                    "f.xml:8:1: error: <pipeline> cannot stand here\n"
                    "f.xml:9:1: error: web is a service; it stands at the top of the file, inside "
                    "<mediagraph>\n");
}

static void
test_pipelines(void)
{
  fakes_assert_says(
      "<mediagraph>\n"
      "<pipeline name='a' linger='5'>\n<file/>\n<record from='file' dir='x'/>\n"
      "</pipeline>\n"
      "<pipeline name='a'/>\n"
      "<pipeline on-duplicate='ignore' max-sessions='0'><fil/></pipeline>\n"
      "</mediagraph>\n",
      "f.xml:2:28: error: pipeline: linger: \"5\" is not a time; write it like 500ms, "
      "4s, 10m, 2h or 7d\n"
      "f.xml:6:1: error: pipeline 'a' has no source; known are door, file, hatch and listen\n"
      "f.xml:6:17: error: there is a pipeline named 'a' already (f.xml:2:1)\n"
      "f.xml:7:25: error: pipeline: on-duplicate: \"ignore\" is not replace or "
      "reject\n"
      "f.xml:7:47: error: pipeline: max-sessions: \"0\" is not between 1 and "
      "1000000\n"
      "f.xml:7:50: error: unknown element 'fil'; did you mean 'file'?\n");
}

static void
test_sources(void)
{
  fakes_assert_says(TOP LISTEN "<file/>\n<pass from='listen file'/>\n"
                               "<record from='pass' dir='x'/>" BOTTOM,
                    "f.xml:5:1: error: file starts by itself and listen (f.xml:4:1) waits for "
                    "publishers; put them into two pipelines\n");
  fakes_assert_says(TOP LISTEN "<file from='listen'/>\n"
                               "<record from='listen file' dir='x'/>" BOTTOM,
                    "f.xml:5:1: error: file starts by itself and listen (f.xml:4:1) waits for "
                    "publishers; put them into two pipelines\n"
                    "f.xml:5:7: error: file is a source and cannot have 'from'\n");
}

static void
test_stand_ins(void)
{
  g_autoptr(MgGraphSpec) spec = fakes_spec(
      TOP "<listen id='a'/>\n<file/>\n<listen id='b' listen='[::]:1936' "
          "as='live/${stream}-${app}'/>\n"
          "<either from='a.video b file a.audio'/>\n<record from='either' dir='x'/>" BOTTOM);
  MgPipelineSpec *pipeline = g_ptr_array_index(spec->pipelines, 0);
  g_assert_null(((MgNodeSpec *) g_ptr_array_index(pipeline->nodes, 0))->alias);
  g_assert_cmpstr(((MgNodeSpec *) g_ptr_array_index(pipeline->nodes, 2))->alias, ==,
                  "live/${stream}-${app}");
  fakes_assert_says(TOP LISTEN "<either from='listen.video  listen.audio'/>\n"
                               "<record from='either' dir='x'/>" BOTTOM,
                    "f.xml:5:15: error: either: from: one is not enough\n");
}

static void
test_alias(void)
{
#define NO_NAMES "it is not APP/STREAM; write it like \"live/${stream}\"\n"
  fakes_assert_says(TOP "<listen id='a' as='live'/>\n"
                        "<listen id='b' listen='[::]:1936' as='${app}/a/b'/>\n"
                        "<listen id='c' listen='[::]:1937' as='live/${session}'/>\n"
                        "<listen id='d' listen='[::]:1938' as='live/${start}'/>\n"
                        "<record from='a b c d' dir='x' as='a/b'/>" BOTTOM,
                    "f.xml:4:20: error: listen: as: " NO_NAMES
                    "f.xml:5:39: error: listen: as: " NO_NAMES
                    "f.xml:6:39: error: listen: as: ${session} is not known here\n"
                    "f.xml:7:39: error: listen: as: only ${app} and ${stream} are known here\n"
                    "f.xml:8:32: error: record is a sink and cannot have 'as'\n");
#undef NO_NAMES
}

static void
test_ids(void)
{
  fakes_assert_says(TOP "<listen id='a.b'/>\n"
                        "<listen id='x'/>\n"
                        "<listen id='x'/>\n"
                        "<record dir='r' from='x'/>\n"
                        "<record dir='r' from='x'/>" BOTTOM,
                    "f.xml:4:13: error: \"a.b\" cannot be an id: in `from`, a '.' stands between "
                    "an id and one of its tracks\n"
                    "f.xml:6:13: error: the id 'x' is used already (f.xml:5:13)\n"
                    "f.xml:8:1: error: the id 'record' is used already (f.xml:7:1); give this one "
                    "an id of its own\n");
}

static void
test_links(void)
{
  fakes_assert_says(TOP LISTEN "<record id='r' dir='x' from=' '/>\n"
                               "<record id='s' dir='x' from='listen  rr nobody'/>\n"
                               "<record id='t' dir='x' from='listen listen.video'/>\n"
                               "<record id='u' dir='x' from='s'/>\n"
                               "<record id='v' dir='x' from='listen.video listen.audio'/>\n"
                               "<record id='w' dir='x'/>\n"
                               "<record id='y' dir='x' from='listen.'/>" BOTTOM,
                    "f.xml:5:30: error: 'from' is empty\n"
                    "f.xml:6:38: error: there is no node 'rr' in this pipeline\n"
                    "f.xml:6:41: error: there is no node 'nobody' in this pipeline\n"
                    "f.xml:7:37: error: 'listen' is taken twice\n"
                    "f.xml:8:30: error: 's' (f.xml:6:1) gives nothing to other nodes\n"
                    "f.xml:10:1: error: record 'w' takes from nobody; add from=\"listen\"\n"
                    "f.xml:11:30: error: '' is not the name of a track\n");
}

static void
test_nothing_before(void)
{
  fakes_assert_says(TOP "<record dir='x'/>\n<listen/>" BOTTOM,
                    "f.xml:4:1: error: record takes from nobody, and no node before it could be "
                    "taken from\n");
}

static void
test_cycles(void)
{
  fakes_assert_says(TOP LISTEN "<pass id='a' from='listen c'/>\n"
                               "<pass id='b' from='a b'/>\n"
                               "<pass id='c' from='b d'/>\n"
                               "<pass id='d' from='listen'/>" BOTTOM,
                    "f.xml:5:27: error: this makes a cycle: c → a → b → c\n"
                    "f.xml:6:22: error: 'b' takes from itself\n"
                    "f.xml:7:22: error: 'd' comes later (line 8); a node stands behind those it "
                    "takes from\n");
}

static void
test_no_consequences(void)
{
  fakes_assert_says(TOP LISTEN "<cut from='lisen'/>\n<serve from='cut'/>" BOTTOM,
                    "f.xml:5:12: error: there is no node 'lisen' in this pipeline; did you mean "
                    "'listen'?\n");
  fakes_assert_says("<mediagraph>\n<weeb/>\n<pipeline>\n" LISTEN
                    "<cut from='listen'/>\n<serve from='cut'/>" BOTTOM,
                    "f.xml:2:1: error: unknown element 'weeb'; did you mean 'web'?\n");
  fakes_assert_says("<mediagraph>\n<pipeline>\n<web/>\n" LISTEN
                    "<cut from='listen'/>\n<serve from='cut'/>" BOTTOM,
                    "f.xml:3:1: error: web is a service; it stands at the top of the file, inside "
                    "<mediagraph>\n");
  fakes_assert_says("<mediagraph><pipline/></mediagraph>",
                    "f.xml:1:13: error: unknown element 'pipline'; did you mean 'pipeline'?\n");
}

static void
test_text_hides_nothing(void)
{
  fakes_assert_says(TOP "hello" LISTEN "<cut from='listen' segment='1'/>" BOTTOM,
                    "f.xml:4:1: error: there is text in <pipeline>, where only elements may stand\n"
                    "f.xml:5:1: warning: no node takes from cut\n"
                    "f.xml:5:29: error: cut: segment: \"1\" is not a time; write it like 500ms, "
                    "4s, 10m, 2h or 7d\n");
}

static void
test_kinds(void)
{
  fakes_assert_says(TOP LISTEN "<serve from='listen'/>\n"
                               "<file id='f'/>" BOTTOM,
                    "f.xml:5:14: error: serve takes chunks, but listen (f.xml:4:1) gives packets; "
                    "put cut between them\n"
                    "f.xml:6:1: error: file starts by itself and listen (f.xml:4:1) waits for "
                    "publishers; put them into two pipelines\n"
                    "f.xml:6:1: warning: no node takes from file 'f'\n");
  fakes_assert_says(TOP "<file/>\n"
                        "<encode id='e' from='file'><video height='720'/></encode>\n"
                        "<record dir='x' from='file.video e'/>" BOTTOM,
                    "f.xml:5:22: error: encode 'e' takes video, but file (f.xml:4:1) gives audio\n"
                    "f.xml:6:23: error: file (f.xml:4:1) gives audio, not video\n");
}

static void
test_outputs(void)
{
  fakes_assert_says(
      "<mediagraph>\n<defaults><show dir='d'/></defaults>\n<pipeline>\n" LISTEN
      "<cut from='listen'/>\n"
      "<show from='cut'/>\n"
      "<tell from='cut' name='other' dir='./d/'/>\n"
      "<show id='b' from='cut' path='/x'/>\n"
      "<tell id='c' from='cut' path='/y'/>\n"
      "<show id='d' from='cut' path='/y' name='other' dir='e'/>\n"
      "<show id='e' from='cut' path='/y' name='another' dir='f'/>\n"
      "<tell id='f' from='cut' path='/x' dir='/d'/>" BOTTOM,
      "f.xml:7:36: error: tell: show (f.xml:6:1) writes into this folder already; give each a `dir` of its "
      "own\n"
      "f.xml:8:1: error: show 'b': show (f.xml:6:1) writes into this folder already; give each a `dir` of its "
      "own\n"
      "f.xml:11:31: error: show 'e': show 'd' (f.xml:10:1) publishes under /y already; give each a "
      "`path` of its own, as in \"/${app}/${stream}/low\"\n"
      "f.xml:12:31: error: tell 'f': show 'b' (f.xml:8:1) publishes under /x already; give each a "
      "`path` of its own, as in \"/${app}/${stream}/low\"\n");
  fakes_assert_says(TOP LISTEN "<cut from='listen'/>\n<show from='cut'/>\n<show id='b' "
                               "from='cut'/>\n</pipeline>\n<pipeline name='b'>\n" LISTEN
                               "<cut from='listen'/>\n<show from='cut' dir='x'/>" BOTTOM,
                    "f.xml:7:1: error: show 'b': show (f.xml:6:1) publishes under /${app} already; "
                    "give each a `path` of its own, as in \"/${app}/${stream}/low\"\n");
}

static void
test_files(void)
{
  fakes_assert_says(
      "<mediagraph>\n<sign path='/nowhere/at/all'/>\n<pipeline>\n" LISTEN
      "<record dir='x' from='listen'/>" BOTTOM,
      "f.xml:2:13: warning: sign: path: /nowhere/at/all cannot be read: No such file or "
      "directory\n");
  fakes_assert_says("<mediagraph>\n<sign path='/'/>\n<pipeline>\n" LISTEN
                    "<record dir='x' from='listen'/>" BOTTOM,
                    "f.xml:2:13: warning: sign: path: / cannot be read: Is a directory\n");
  g_autoptr(MgGraphSpec) spec =
      fakes_spec("<mediagraph>\n<sign path='/dev/null'/>\n<pipeline>\n" LISTEN
                 "<record dir='x' from='listen'/>" BOTTOM);
  g_assert_nonnull(spec);
}

static void
test_services(void)
{
  fakes_assert_says("<mediagraph><pipeline><listen/><cut from='listen'/>\n"
                    "<serve from='cut'/></pipeline></mediagraph>",
                    "f.xml:2:1: error: serve needs <web>; add it to the top of the file, inside "
                    "<mediagraph>\n");
  fakes_assert_says("<mediagraph>\n<keys/>\n<web from='x'/>\n<pipeline>\n" LISTEN
                    "<record dir='x' from='listen'/>" BOTTOM,
                    "f.xml:2:1: error: keys needs <web>, which must stand before it\n"
                    "f.xml:3:6: error: web is a service and cannot have 'from'\n");
}

static void
test_engine_attributes(void)
{
  fakes_assert_says(TOP "<listen queue='1s'/>\n"
                        "<record dir='x' from='listen' on-error='restrt' queue='5' "
                        "queue-bytes='1'/>" BOTTOM,
                    "f.xml:4:9: error: listen is a source and cannot have 'queue'\n"
                    "f.xml:5:41: error: record: on-error: \"restrt\" is not restart or "
                    "stop-session; did you mean 'restart'?\n"
                    "f.xml:5:56: error: record: queue: \"5\" is not a time; write it like 500ms, "
                    "4s, 10m, 2h or 7d\n"
                    "f.xml:5:72: error: record: queue-bytes: \"1\" is not between 64KiB and "
                    "4GiB\n");
}

static void
test_variables(void)
{
  fakes_assert_says(TOP "<listen dir='${app}'/>\n"
                        "<record dir='rec/${app}/${strem}' from='listen'/>" BOTTOM,
                    "f.xml:4:14: error: listen: dir: ${app} is not known here\n"
                    "f.xml:5:14: error: record: dir: unknown variable ${strem}; did you mean "
                    "'stream'?\n");
}

static void
test_children(void)
{
  fakes_assert_says(TOP LISTEN "<encode from='listen'><vidio/></encode>\n"
                               "<record dir='x' from='encode'><video/></record>" BOTTOM,
                    "f.xml:5:1: error: encode needs at least 1 <video> (one picture size)\n"
                    "f.xml:5:23: error: unknown element 'vidio' in encode; did you mean 'video'?\n"
                    "f.xml:6:31: error: unknown element 'video' in record, which has no child "
                    "elements\n");
}

static void
test_values_together(void)
{
  fakes_assert_says(TOP LISTEN "<cut id='a' mode='fast' segment='11s' from='listen'/>\n"
                               "<cut id='b' mode='fast' segment='9s' from='listen'/>\n"
                               "<record from='a b' dir='x'/>" BOTTOM,
                    "f.xml:5:34: error: cut: segment: is too long to be fast\n");
}

static void
test_state_dir(void)
{
  fakes_assert_says("<mediagraph state-dir=''><pipeline><listen/>"
                    "<record from='listen' dir='x'/></pipeline></mediagraph>",
                    "f.xml:1:24: error: mediagraph: state-dir: \"\" must not be empty\n");
}

/* Two doors, one of them in another pipeline. */
static void
assert_doors(const char *first, const char *second, const char *expected)
{
  g_autofree char *text = g_strdup_printf(
      "<mediagraph>\n<pipeline name='a'>\n%s\n<record from='d' dir='x'/>\n</pipeline>\n"
      "<pipeline name='b'>\n%s\n<record from='d' dir='x'/>\n</pipeline>\n</mediagraph>",
      first, second);
  fakes_assert_says(text, expected);
}

static void
test_listens(void)
{
  assert_doors("<door id='d'/>", "<door id='d'/>",
               "f.xml:7:1: error: door listens on 0.0.0.0:1935, which door (f.xml:3:1) has taken; "
               "each needs a port of its own\n");
  assert_doors(
      "<door id='d' listen='[::]:80'/>", "<door id='d' listen='127.0.0.1:80'/>",
      "f.xml:7:22: error: door listens on 127.0.0.1:80, which door (f.xml:3:22) has taken; "
      "each needs a port of its own\n");
  assert_doors("<door id='d' listen='[::1]:80'/>", "<door id='d' listen='[0::1]:80'/>",
               "f.xml:7:22: error: door listens on [0::1]:80, which door (f.xml:3:22) has taken; "
               "each needs a port of its own\n");
}

static void
test_listens_apart(void)
{
  assert_doors("<door id='d' listen='127.0.0.1:80'/>", "<door id='d' listen='127.0.0.2:80'/>", "");
  assert_doors("<door id='d' listen='0.0.0.0:80'/>", "<door id='d' listen='[::1]:80'/>", "");
  assert_doors("<door id='d' listen='0.0.0.0:0'/>", "<door id='d' listen='0.0.0.0:0'/>", "");
  assert_doors("<door id='d'/>", "<hatch id='d'/>", "");
}

static void
test_warnings(void)
{
  fakes_assert_says(TOP LISTEN "<cut from='listen'/>\n"
                               "<record dir='x' from='listen'/>" BOTTOM,
                    "f.xml:5:1: warning: no node takes from cut\n");
}

static void
test_hostile_text(void)
{
  fakes_assert_says(TOP LISTEN "<record dir='x' from='listen &#x202e;&#x85;'/>" BOTTOM,
                    "f.xml:5:30: error: there is no node '\\u{202E}\\u{0085}' in this pipeline\n");
}

static void
test_many_words(void)
{
  g_autoptr(GString) text = g_string_new(TOP LISTEN "<record dir='x' from='listen");
  for (guint i = 0; i < 100000; i++)
    g_string_append(text, " x");
  g_string_append(text, "'/>" BOTTOM);
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  g_assert_null(mg_pipeline_parse("f.xml", text->str, text->len, diagnostics));
  MgDiagnostic *first = &g_array_index(diagnostics->items, MgDiagnostic, 0);
  g_assert_cmpstr(first->text, ==, "'from' has more than 64 words");
}

/* NODES filters, each of which takes from the one behind it. */
static void
test_many_errors(void)
{
  enum { NODES = 9000 };
  g_autoptr(GString) text = g_string_new(TOP);
  for (guint i = 0; i < NODES; i++)
    g_string_append_printf(text, "<pass id='n%u' from='n%u'/>\n", i, (i + 1) % NODES);
  g_string_append(text, BOTTOM);
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  g_assert_null(mg_pipeline_parse("f.xml", text->str, text->len, diagnostics));
  g_autofree char *said = mg_diagnostics_to_text(diagnostics);
  g_auto(GStrv) lines = g_strsplit(said, "\n", -1);
  g_assert_cmpstr(
      lines[0], ==,
      "f.xml:3:1: error: pipeline 'pipeline' has no source; known are door, file, hatch and listen");
  g_assert_cmpstr(
      lines[1], ==,
      "f.xml:4:21: error: this makes a cycle: n1 → n0 → n8999 → n8998 → n8997 → n8996 → "
      "n8995 → n8994 → n8993 → n8992 → n8991 → … → n1");
  g_assert_cmpstr(lines[500], ==, "and 8500 more");
  g_assert_cmpstr(lines[501], ==, "");
}

/* 600 unused filters, and behind them one mistake that has no room in the list. */
static void
test_error_behind_warnings(void)
{
  g_autoptr(GString) text = g_string_new(TOP LISTEN);
  for (guint i = 0; i < 600; i++)
    g_string_append_printf(text, "<pass id='n%u' from='listen'/>\n", i);
  g_string_append(text, "<record id='x' from='listen' dir='d'/><record/>" BOTTOM);
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  g_assert_null(mg_pipeline_parse("f.xml", text->str, text->len, diagnostics));
  g_assert_true(mg_diagnostics_has_errors(diagnostics));
}

static void
test_element(void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MgElement) element = mg_pipeline_parse_element("<cut segment='2s'/>", &error);
  g_assert_no_error(error);
  g_assert_cmpstr(element->name, ==, "cut");
  g_assert_cmpstr(g_array_index(element->attributes, MgAttribute, 0).value, ==, "2s");
  g_assert_null(mg_pipeline_parse_element("<cut", &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  fakes_register();
  g_test_add_func("/pipeline/check/right-file-becomes-a-specification", test_right);
  g_test_add_func("/pipeline/check/everything-wrong-is-reported-in-order",
                  test_everything_is_reported);
  g_test_add_func("/pipeline/check/root-is-mediagraph-with-a-pipeline", test_root);
  g_test_add_func("/pipeline/check/elements-stand-where-they-belong", test_misplaced);
  g_test_add_func("/pipeline/check/pipelines-have-names-and-sources", test_pipelines);
  g_test_add_func("/pipeline/check/sources-are-of-one-kind-and-take-nothing", test_sources);
  g_test_add_func("/pipeline/check/inputs-that-stand-in-are-of-any-kind", test_stand_ins);
  g_test_add_func("/pipeline/check/an-alias-is-two-names", test_alias);
  g_test_add_func("/pipeline/check/ids-are-unique-and-without-dots", test_ids);
  g_test_add_func("/pipeline/check/words-of-from-have-their-own-places", test_links);
  g_test_add_func("/pipeline/check/missing-from-without-a-producer", test_nothing_before);
  g_test_add_func("/pipeline/check/cycles-are-told-from-wrong-order", test_cycles);
  g_test_add_func("/pipeline/check/kinds-must-fit", test_kinds);
  g_test_add_func("/pipeline/check/two-outputs-share-no-place", test_outputs);
  g_test_add_func("/pipeline/check/files-that-cannot-be-read-are-named", test_files);
  g_test_add_func("/pipeline/check/consequences-of-an-error-are-not-told", test_no_consequences);
  g_test_add_func("/pipeline/check/text-hides-no-error", test_text_hides_nothing);
  g_test_add_func("/pipeline/check/needed-services-are-named", test_services);
  g_test_add_func("/pipeline/check/engine-attributes-are-checked", test_engine_attributes);
  g_test_add_func("/pipeline/check/variables-are-known-before-running", test_variables);
  g_test_add_func("/pipeline/check/children-are-checked", test_children);
  g_test_add_func("/pipeline/check/values-of-a-node-are-checked-together", test_values_together);
  g_test_add_func("/pipeline/check/state-folder-has-a-name", test_state_dir);
  g_test_add_func("/pipeline/check/two-listeners-do-not-share-an-address", test_listens);
  g_test_add_func("/pipeline/check/other-ports-hosts-and-transports-do", test_listens_apart);
  g_test_add_func("/pipeline/check/unused-output-is-a-warning", test_warnings);
  g_test_add_func("/pipeline/check/hostile-text-is-escaped", test_hostile_text);
  g_test_add_func("/pipeline/check/words-of-from-are-limited", test_many_words);
  g_test_add_func("/pipeline/check/long-lists-and-long-cycles-are-cut", test_many_errors);
  g_test_add_func("/pipeline/check/errors-count-where-they-find-no-room",
                  test_error_behind_warnings);
  g_test_add_func("/pipeline/check/single-element-can-be-parsed", test_element);
  return g_test_run();
}
