#include "host/variables.h"

static const MgVariables studio = {
  .app = "live",
  .stream = "studio",
  .session = "00c5",
  .start_utc_us = G_GINT64_CONSTANT(1700000000) * G_USEC_PER_SEC, /* 2023-11-14 22:13:20 */
};

static void
assert_becomes(const char *text, const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *result = mg_variables_expand(text, &studio, &error);
  g_assert_no_error(error);
  g_assert_cmpstr(result, ==, expected);
}

static void
assert_refused(const char *text, const MgVariables *variables, const char *message)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_variables_expand(text, variables, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_cmpstr(error->message, ==, message);
}

static void
test_names(void)
{
  assert_becomes("", "");
  assert_becomes("plain", "plain");
  assert_becomes("rec/${app}/${stream}-${session}.mp4", "rec/live/studio-00c5.mp4");
  assert_becomes("${app}${app}", "livelive");
}

static void
test_start(void)
{
  assert_becomes("${start}", "20231114-221320");
  assert_becomes("${start:%Y-%m-%d_%H.%M.%S}", "2023-11-14_22.13.20");
  assert_becomes("${start:%j}", "318");
}

static void
test_dollars(void)
{
  assert_becomes("cost: 5$ {x} $", "cost: 5$ {x} $");
  assert_becomes("$${app}", "${app}");
  assert_becomes("$${app}/${app}", "${app}/live");
}

static void
test_check_only(void)
{
  g_autofree char *kept = mg_variables_expand("${app}/${start:%Y}/$${x}", NULL, NULL);
  g_assert_cmpstr(kept, ==, "${app}/${start:%Y}/$${x}");
  assert_refused("${strem}", NULL, "unknown variable ${strem}; did you mean 'stream'?");
  assert_refused("a ${host} b", NULL,
                 "unknown variable ${host}; known are app, stream, session and start");
  assert_refused("${stat:%Y}", NULL, "unknown variable ${stat:%Y}; did you mean 'start'?");
  assert_refused("x/${app", NULL, "\"${app\" has no closing brace");
}

static void
test_formats_are_path_safe(void)
{
  assert_refused("${start:%Y/%m}", NULL,
                 "${start:%Y/%m}: only letters, digits, '.', '_' and '-' may stand between the "
                 "conversions");
  assert_refused("${start:%T}", NULL,
                 "${start:%T}: %T cannot be used, only %Y %y %m %d %H %M %S %j %V %u");
  assert_refused("${start:%}", NULL,
                 "${start:%}: % cannot be used, only %Y %y %m %d %H %M %S %j %V %u");
  assert_refused("${start:}", NULL,
                 "${start:} has no format; write it like "
                 "${start:%Y%m%d-%H%M%S}");
}

static void
test_values_are_path_safe(void)
{
  MgVariables hostile = { .app = "../../etc", .stream = "", .session = NULL };
  assert_refused("${app}", &hostile, "${app} has a value that is not a name");
  assert_refused("${stream}", &hostile, "${stream} has a value that is not a name");
  assert_refused("${session}", &hostile, "${session} is not known here");
}

static void
test_seen(void)
{
  g_assert_true(mg_variables_are_in("x${stream}"));
  g_assert_true(mg_variables_are_in("${x}${start:%Y}"));
  g_assert_false(mg_variables_are_in("${apple}"));
  g_assert_false(mg_variables_are_in("$app {app}"));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/host/variables/names-are-replaced", test_names);
  g_test_add_func("/host/variables/start-is-utc", test_start);
  g_test_add_func("/host/variables/other-dollars-stay", test_dollars);
  g_test_add_func("/host/variables/without-values-they-are-only-checked", test_check_only);
  g_test_add_func("/host/variables/formats-cannot-leave-a-folder", test_formats_are_path_safe);
  g_test_add_func("/host/variables/values-cannot-leave-a-folder", test_values_are_path_safe);
  g_test_add_func("/host/variables/are-seen-where-none-are-replaced", test_seen);
  return g_test_run();
}
