/*
 * Keys that the auth service decides by: makes, lists and takes them back, in a keys file or a
 * database. What the files look like is the plugin's business.
 */
#include "command.h"
#include "load.h"
#include "push-urls.h"

#include "host/props-check.h"
#include "host/registry.h"

#include <mediagraph/auth.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  char *from, *until, *addresses, *protocols, *on_duplicate, *note, *host;
  gboolean keeps_login;
} Options;

/* Where keys are kept, and where encoders push to. */
typedef struct {
  const MgAuthKeysTool *tool;
  char *path;        /* owned */
  MgGraphSpec *spec; /* a reference; NULL: only the keys are known */
} Place;

static Status
fail(const char *why)
{
  fprintf(stderr, "mediagraph key: %s\n", why);
  return STATUS_FAILED;
}

/* Borrowed: what the plugin of CLASS keeps keys with; NULL: it does not. */
static const MgAuthKeysTool *
tool_of(const MgNodeClass *class)
{
  const MgPluginDesc *plugin = mg_registry_plugin_of(class);
  return plugin != NULL && plugin->tool != NULL ? plugin->tool(MG_AUTH_KEYS_TOOL) : NULL;
}

/* Of the first plugin that has it. */
static const MgAuthKeysTool *
find_tool(void)
{
  g_auto(GStrv) names = mg_registry_list();
  for (guint i = 0; names[i] != NULL; i++) {
    const MgNodeClass *class = mg_registry_find(names[i], NULL);
    const MgAuthKeysTool *tool = class != NULL ? tool_of(class) : NULL;
    if (tool != NULL)
      return tool;
  }
  return NULL;
}

/* --- the pipeline file --------------------------------------------------------------------------- */

/* Returned-owned: where the file's service for keys has those that can be changed; NULL: nowhere. */
static char *
path_in(const MgGraphSpec *spec)
{
  for (guint i = 0; i < spec->services->len; i++) {
    const MgNodeSpec *node = g_ptr_array_index(spec->services, i);
    if (tool_of(node->class) == NULL)
      continue;
    const MgAttribute *file = mg_element_attribute(node->element, "keys-file");
    if (file == NULL)
      file = mg_element_attribute(node->element, "database");
    return file ? mg_props_file(file) : NULL;
  }
  return NULL;
}

static void
place_clear(Place *place)
{
  g_free(place->path);
  mg_graph_spec_free(place->spec);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Place, place_clear)

/*
 * Returned-owned. A warning that there are no keys yet would be told to who is about to make one.
 */
static char *
errors_to_text(const MgDiagnostics *diagnostics)
{
  return mg_diagnostics_has_errors(diagnostics) ? mg_diagnostics_to_text(diagnostics)
                                                : g_strdup("");
}

/* FILE is a pipeline file by its name, or where the keys are. */
static gboolean
find_place(const char *file, Place *place, Status *status)
{
  *status = STATUS_FAILED;
  place->tool = find_tool();
  if (place->tool == NULL) {
    fail("no plugin that is found here keeps keys; MEDIAGRAPH_PLUGIN_PATH says where plugins are");
    return FALSE;
  }
  gboolean is_pipeline = g_str_has_suffix(file, ".xml");
  if (is_pipeline && (place->spec = load_pipeline_as(file, errors_to_text)) == NULL)
    return FALSE;
  place->path = is_pipeline ? path_in(place->spec) : g_strdup(file);
  if (place->path != NULL)
    return TRUE;
  fail("the file has no <auth> with a keys-file or a database");
  return FALSE;
}

/* --- add ----------------------------------------------------------------------------------------- */

static void
wipe(char *secret)
{
  explicit_bzero(secret, strlen(secret));
  g_free(secret);
}

/* Returned-owned, to be wiped; NULL and ERROR. */
static char *
make_key(const Place *place, const Options *options, char **parts, GError **error)
{
  const char *all[] = { "app",          parts[0],
                        "stream",       parts[1],
                        "from",         options->from,
                        "until",        options->until,
                        "addresses",    options->addresses,
                        "protocols",    options->protocols,
                        "note",         options->note,
                        "login",        options->keeps_login ? "yes" : NULL,
                        "on-duplicate", options->on_duplicate };
  const char *fields[G_N_ELEMENTS(all) + 1] = { NULL };
  for (gsize i = 0, n = 0; i < G_N_ELEMENTS(all); i += 2)
    if (all[i + 1] != NULL) {
      fields[n++] = all[i];
      fields[n++] = all[i + 1];
    }
  return place->tool->add(place->path, fields, error);
}

static Status
refuse_app(const char *app, const char *others)
{
  fprintf(stderr,
          "mediagraph key: nothing in the file takes streams of the app '%s'; it takes %s\n", app,
          others);
  return STATUS_FAILED;
}

static Status
add(const Place *place, const Options *options, const char *name)
{
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) parts = g_strsplit(name, "/", -1);
  if (g_strv_length(parts) != 2)
    return command_usage("key add", "'%s' is not written APP/STREAM", name);
  g_autofree char *others = place->spec ? push_urls_other_apps(place->spec, parts[0]) : NULL;
  if (others != NULL)
    return refuse_app(parts[0], others);
  char *key = make_key(place, options, parts, &error);
  if (key == NULL)
    return fail(error->message);
  printf("The key of %s, which is shown this once:\n\n  %s\n\n", name, key);
  const PushUrls urls = { options->host, parts[0], key, options->protocols };
  if (!push_urls_print(place->spec, &urls))
    fprintf(stderr, "mediagraph key: warning: nothing that is known here listens for %s\n",
            options->protocols ? options->protocols : "publishers");
  printf("To take it back: mediagraph key revoke %s %.8s\n", place->path, key);
  wipe(key);
  return STATUS_OK;
}

/* --- list and revoke ----------------------------------------------------------------------------- */

static const char *
field_of(const char *const *fields, const char *name)
{
  for (gsize i = 0; fields[i] != NULL; i += 2)
    if (g_str_equal(fields[i], name))
      return fields[i + 1];
  return "";
}

static void
print_key(const char *const *fields, gpointer data)
{
  printf("%-8s  %s/%s", field_of(fields, "id"), field_of(fields, "app"),
         field_of(fields, "stream"));
  for (gsize i = 0; fields[i] != NULL; i += 2)
    if (!g_str_equal(fields[i], "id") && !g_str_equal(fields[i], "app") &&
        !g_str_equal(fields[i], "stream"))
      printf("  %s=%s", fields[i], fields[i + 1]);
  printf("\n");
}

static Status
list(const Place *place)
{
  g_autoptr(GError) error = NULL;
  if (place->tool->list(place->path, print_key, NULL, &error))
    return STATUS_OK;
  return fail(error->message);
}

typedef struct {
  const char *name; /* "live/studio" */
  GPtrArray *ids;   /* owned strings */
} Search;

static void
note_id(const char *const *fields, gpointer data)
{
  Search *search = data;
  g_autofree char *name =
      g_strdup_printf("%s/%s", field_of(fields, "app"), field_of(fields, "stream"));
  if (g_str_equal(name, search->name))
    g_ptr_array_add(search->ids, g_strdup(field_of(fields, "id")));
}

/* One key by its id, or all of APP/STREAM. */
static Status
revoke_keys(const Place *place, const char *name)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
  Search search = { name, ids };
  if (strchr(name, '/') == NULL)
    g_ptr_array_add(ids, g_strdup(name));
  else if (!place->tool->list(place->path, note_id, &search, &error))
    return fail(error->message);
  if (ids->len == 0)
    return fail("there is no key of that stream");
  for (guint i = 0; i < ids->len; i++) {
    const char *id = g_ptr_array_index(ids, i);
    if (!place->tool->revoke(place->path, id, &error))
      return fail(error->message);
    printf("%s is revoked.\n", id);
  }
  return STATUS_OK;
}

/* --- the command --------------------------------------------------------------------------------- */

static void
options_clear(Options *o)
{
  char *all[] = {
    o->from, o->until, o->addresses, o->protocols, o->on_duplicate, o->note, o->host
  };
  for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
    g_free(all[i]);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Options, options_clear)

#define FILE_HELP                                                                                  \
  "FILE is a keys file, an SQLite database (.db, .sqlite), or a pipeline file (.xml) that names\n" \
  "one."

static Status
cmd_add(int argc, char **argv)
{
  g_auto(Options) o = { 0 };
  g_auto(Place) place = { 0 };
  Status status = STATUS_OK;
  const GOptionEntry entries[] = {
    { "from", 0, 0, G_OPTION_ARG_STRING, &o.from, "Not valid before", "TIME" },
    { "until", 0, 0, G_OPTION_ARG_STRING, &o.until, "Not valid from then on: +7d, 2026-12-01",
      "TIME" },
    { "addresses", 0, 0, G_OPTION_ARG_STRING, &o.addresses, "Only from these networks", "NET,…" },
    { "protocols", 0, 0, G_OPTION_ARG_STRING, &o.protocols,
      "Only by these: rtmp, rtmps, rtmpe, rtmpt, rtmpts, rtmpte, srt", "NAME,…" },
    { "on-duplicate", 0, 0, G_OPTION_ARG_STRING, &o.on_duplicate,
      "What a second publisher with the key does: replace the first, or reject", "WORD" },
    { "note", 0, 0, G_OPTION_ARG_STRING, &o.note, "Words for the list", "TEXT" },
    { "login", 0, 0, G_OPTION_ARG_NONE, &o.keeps_login, "Keep the key itself, for RTMP logins",
      NULL },
    { "host", 0, 0, G_OPTION_ARG_STRING, &o.host, "Host of the URLs that are shown", "HOST" },
    { NULL },
  };
  const CommandHelp help = {
    .name = "key add",
    .arguments = "FILE APP/STREAM",
    .summary = "Makes a key that publishes this stream, and shows it once.\n" FILE_HELP,
    .least = 2,
    .most = 2,
  };
  if (!command_parse(&help, entries, &argc, &argv, &status) ||
      !find_place(argv[1], &place, &status))
    return status;
  return add(&place, &o, argv[2]);
}

static Status
cmd_list(int argc, char **argv)
{
  g_auto(Place) place = { 0 };
  Status status = STATUS_OK;
  const CommandHelp help = {
    .name = "key list",
    .arguments = "FILE",
    .summary = "Lists keys: their ids, streams and rules.\n" FILE_HELP,
    .least = 1,
    .most = 1,
  };
  if (!command_parse(&help, NULL, &argc, &argv, &status) || !find_place(argv[1], &place, &status))
    return status;
  return list(&place);
}

static Status
cmd_revoke(int argc, char **argv)
{
  g_auto(Place) place = { 0 };
  Status status = STATUS_OK;
  const CommandHelp help = {
    .name = "key revoke",
    .arguments = "FILE ID|APP/STREAM",
    .summary = "Takes back the key with this id, or all keys of a stream.\n" FILE_HELP,
    .least = 2,
    .most = 2,
  };
  if (!command_parse(&help, NULL, &argc, &argv, &status) || !find_place(argv[1], &place, &status))
    return status;
  return revoke_keys(&place, argv[2]);
}

Status
cmd_key(int argc, char **argv)
{
  static const struct {
    const char *name;
    Status (*run)(int argc, char **argv);
  } verbs[] = { { "add", cmd_add }, { "list", cmd_list }, { "revoke", cmd_revoke } };
  Status status = STATUS_OK;
  const CommandHelp help = {
    .name = "key",
    .arguments = "add|list|revoke FILE …",
    .summary =
        "Makes, lists and takes back the keys that publishers need where a pipeline file has <auth>.\n"
        "What is changed has its effect within a second.\n\n"
        "  add FILE APP/STREAM           make a key for this stream\n"
        "  list FILE                     list keys: their ids, streams and rules\n"
        "  revoke FILE ID|APP/STREAM     take back one key, or all of a stream\n\n"
        "mediagraph key add --help shows the options of add.",
  };
  for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS(verbs); i++) {
    if (g_str_equal(argv[1], verbs[i].name))
      return verbs[i].run(argc - 1, argv + 1);
  }
  if (!command_parse(&help, NULL, &argc, &argv, &status))
    return status;
  if (argc == 1)
    return command_usage("key", "say what to do: add, list or revoke");
  return command_usage("key", "there is no 'key %s'; there are add, list and revoke", argv[1]);
}
