#include "host/values.h"

#include <string.h>

static gint64
number(MgPropType type, const char *text)
{
  g_autoptr(GError) error = NULL;
  gint64 value = -1;
  g_assert_true(mg_value_parse_number(type, text, &value, &error));
  g_assert_no_error(error);
  return value;
}

static void
assert_no_number(MgPropType type, const char *text, const char *message)
{
  g_autoptr(GError) error = NULL;
  gint64 value = -1;
  g_assert_false(mg_value_parse_number(type, text, &value, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_INVALID);
  g_assert_cmpstr(error->message, ==, message);
  g_assert_cmpint(value, ==, -1);
}

static void
test_integers(void)
{
  g_assert_cmpint(number(MG_PROP_TYPE_INT, "0"), ==, 0);
  g_assert_cmpint(number(MG_PROP_TYPE_INT, "720"), ==, 720);
  g_assert_cmpint(number(MG_PROP_TYPE_INT, "-5"), ==, -5);
  g_assert_cmpint(number(MG_PROP_TYPE_INT, "000000000000000000000000007"), ==, 7);
  assert_no_number(MG_PROP_TYPE_INT, "72O", "\"72O\" is not an integer");
  assert_no_number(MG_PROP_TYPE_INT, "", "\"\" is not an integer");
  assert_no_number(MG_PROP_TYPE_INT, "-", "\"-\" is not an integer");
  assert_no_number(MG_PROP_TYPE_INT, " 1", "\" 1\" is not an integer");
  assert_no_number(MG_PROP_TYPE_INT, "1.5", "\"1.5\" is not an integer");
  assert_no_number(MG_PROP_TYPE_INT, "0x10", "\"0x10\" is not an integer");
  assert_no_number(MG_PROP_TYPE_INT, "99999999999999999999",
                   "\"99999999999999999999\" is too large");
}

static void
test_times(void)
{
  g_assert_cmpint(number(MG_PROP_TYPE_TIME, "4s"), ==, 4 * MG_SECOND);
  g_assert_cmpint(number(MG_PROP_TYPE_TIME, "500ms"), ==, 500 * MG_MILLISECOND);
  g_assert_cmpint(number(MG_PROP_TYPE_TIME, "1.5s"), ==, 1500 * MG_MILLISECOND);
  g_assert_cmpint(number(MG_PROP_TYPE_TIME, "10m"), ==, 600 * MG_SECOND);
  g_assert_cmpint(number(MG_PROP_TYPE_TIME, "2h"), ==, 7200 * MG_SECOND);
  g_assert_cmpint(number(MG_PROP_TYPE_TIME, "7d"), ==, 604800 * MG_SECOND);
  g_assert_cmpint(number(MG_PROP_TYPE_TIME, "-200ms"), ==, -200 * MG_MILLISECOND);
  const char *form = "is not a time; write it like 500ms, 4s, 10m, 2h or 7d";
  static const char *const wrong[] = { "4", "4 s", "4S", "s", ".5s", "1.s", "1.2.3s", "4sec" };
  for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
    g_autofree char *message = g_strdup_printf("\"%s\" %s", wrong[i], form);
    assert_no_number(MG_PROP_TYPE_TIME, wrong[i], message);
  }
  assert_no_number(MG_PROP_TYPE_TIME, "999999999d", "\"999999999d\" is too large");
}

static void
test_sizes(void)
{
  g_assert_cmpint(number(MG_PROP_TYPE_SIZE, "64KiB"), ==, 65536);
  g_assert_cmpint(number(MG_PROP_TYPE_SIZE, "2GiB"), ==, G_GINT64_CONSTANT(2147483648));
  g_assert_cmpint(number(MG_PROP_TYPE_SIZE, "500MB"), ==, 500000000);
  g_assert_cmpint(number(MG_PROP_TYPE_SIZE, "0.5KiB"), ==, 512);
  g_assert_cmpint(number(MG_PROP_TYPE_SIZE, "1024"), ==, 1024);
  assert_no_number(MG_PROP_TYPE_SIZE, "64K",
                   "\"64K\" is not a size; write it like 64KiB, 500MB or 2GiB");
}

static void
test_bitrates(void)
{
  g_assert_cmpint(number(MG_PROP_TYPE_BITRATE, "128k"), ==, 128000);
  g_assert_cmpint(number(MG_PROP_TYPE_BITRATE, "2.5M"), ==, 2500000);
  g_assert_cmpint(number(MG_PROP_TYPE_BITRATE, "64000"), ==, 64000);
  assert_no_number(MG_PROP_TYPE_BITRATE, "5Mbps",
                   "\"5Mbps\" is not a bitrate; write it like 128k or 5M");
}

static void
test_booleans(void)
{
  gboolean value = FALSE;
  g_autoptr(GError) error = NULL;
  g_assert_true(mg_value_parse_bool("yes", &value, NULL));
  g_assert_true(value);
  g_assert_true(mg_value_parse_bool("no", &value, NULL));
  g_assert_false(value);
  g_assert_true(mg_value_parse_bool("true", &value, NULL));
  g_assert_true(value);
  g_assert_true(mg_value_parse_bool("false", &value, NULL));
  g_assert_false(value);
  g_assert_false(mg_value_parse_bool("on", &value, &error));
  g_assert_cmpstr(error->message, ==, "\"on\" is not yes or no");
}

static void
test_words(void)
{
  static const MgChoice choices[] = { { "restart", 3, "" }, { "stop", 4, "" }, { NULL } };
  g_autoptr(GError) near = NULL;
  g_autoptr(GError) far = NULL;
  gint value = 0;
  g_assert_true(mg_value_parse_enum(choices, "stop", &value, NULL));
  g_assert_cmpint(value, ==, 4);
  g_assert_false(mg_value_parse_enum(choices, "restrt", &value, &near));
  g_assert_cmpstr(near->message, ==, "\"restrt\" is not restart or stop; did you mean 'restart'?");
  g_assert_false(mg_value_parse_enum(choices, "ignore", &value, &far));
  g_assert_cmpstr(far->message, ==, "\"ignore\" is not restart or stop");
  g_assert_cmpint(value, ==, 4);
}

static void
test_flags(void)
{
  static const MgChoice choices[] = {
    { "rtmp", 1, "" }, { "rtmps", 2, "" }, { "srt", 4, "" }, { NULL }
  };
  static const char *const nothing[] = { "", " " };
  g_autoptr(GError) error = NULL;
  gint value = 0;
  g_assert_true(mg_value_parse_flags(choices, "rtmps", &value, NULL));
  g_assert_cmpint(value, ==, 2);
  g_assert_true(mg_value_parse_flags(choices, " srt  rtmp rtmp\t", &value, NULL));
  g_assert_cmpint(value, ==, 5);
  g_assert_false(mg_value_parse_flags(choices, "rtmp rtmpx", &value, &error));
  g_assert_cmpstr(error->message, ==, "\"rtmpx\" is not rtmp, rtmps or srt; did you mean 'rtmp'?");
  for (guint i = 0; i < G_N_ELEMENTS(nothing); i++)
    g_assert_false(mg_value_parse_flags(choices, nothing[i], &value, NULL));
  g_assert_cmpint(value, ==, 5);
}

static void
test_addresses(void)
{
  static const char *const right[] = { "0.0.0.0:1935", "[::]:8080", "localhost:0",
                                       "a-b.example.org:65535", "[2001:db8::1]:443" };
  static const char *const wrong[] = { "1935",        "localhost", "localhost:",   "host:65536",
                                       "::1:80",      "[::1]",     "[1.2.3.4]:80", "[]:80",
                                       "a b:80",      "-a:80",     "[::1:80",      "host:80x",
                                       "host:000080", "a/b:80",    "[::g]:80" };
  for (guint i = 0; i < G_N_ELEMENTS(right); i++)
    g_assert_true(mg_value_check_address(right[i], NULL));
  for (guint i = 0; i < G_N_ELEMENTS(wrong); i++) {
    g_autoptr(GError) error = NULL;
    g_autofree char *message = g_strdup_printf(
        "\"%s\" is not an address; write it like 0.0.0.0:1935 or [::]:1935", wrong[i]);
    g_assert_false(mg_value_check_address(wrong[i], &error));
    g_assert_cmpstr(error->message, ==, message);
  }
}

static void
test_address_without_host(void)
{
  g_autoptr(GError) error = NULL;
  g_assert_false(mg_value_check_address(":8080", &error));
  g_assert_cmpstr(error->message, ==,
                  "\":8080\" has no host; write 0.0.0.0:8080 to listen on all addresses");
}

static void
assert_refused(const MgProp *prop, const char *text, const char *message)
{
  g_autoptr(GError) error = NULL;
  gint64 field = 7;
  g_assert_false(mg_value_store(prop, text, &field, &error));
  g_assert_cmpstr(error->message, ==, message);
  g_assert_cmpint(field, ==, 7);
}

static void
test_ranges(void)
{
  MgProp both = { .type = MG_PROP_TYPE_TIME, .lowest = "500ms", .highest = "60s" };
  MgProp below = { .type = MG_PROP_TYPE_INT, .lowest = "1" };
  MgProp above = { .type = MG_PROP_TYPE_BITRATE, .highest = "5M" };
  MgProp size = { .type = MG_PROP_TYPE_SIZE };
  gint64 field = 0;
  g_assert_true(mg_value_store(&both, "60000ms", &field, NULL));
  g_assert_cmpint(field, ==, 60 * MG_SECOND);
  assert_refused(&both, "90s", "\"90s\" is not between 500ms and 60s");
  assert_refused(&below, "0", "\"0\" is less than 1");
  assert_refused(&above, "6M", "\"6M\" is more than 5M");
  assert_refused(&size, "-1KiB", "\"-1KiB\" is less than 0");
}

static void
test_texts(void)
{
  MgProp string = { .type = MG_PROP_TYPE_STRING, .flags = MG_PROP_REQUIRED };
  MgProp name = { .type = MG_PROP_TYPE_NAME };
  char *field = NULL;
  g_autoptr(GError) empty = NULL;
  g_autoptr(GError) bad = NULL;
  g_assert_true(mg_value_store(&string, "first", &field, NULL));
  g_assert_true(mg_value_store(&string, "second", &field, NULL));
  g_assert_cmpstr(field, ==, "second");
  g_assert_false(mg_value_store(&string, "", &field, &empty));
  g_assert_cmpstr(empty->message, ==, "\"\" must not be empty");
  g_assert_false(mg_value_store(&name, "../x", &field, &bad));
  g_assert_cmpstr(bad->message, ==,
                  "\"../x\" is not a name; it must be 1 to 128 letters, digits, '.', '_' and '-', "
                  "and not start with '.'");
  g_assert_cmpstr(field, ==, "second");
  g_free(field);
}

static void
test_long_value(void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *text = g_strnfill(10000, 'x');
  gint64 value;
  g_assert_false(mg_value_parse_number(MG_PROP_TYPE_INT, text, &value, &error));
  g_assert_cmpuint(strlen(error->message), ==, 1 + 80 + 3 + strlen("\" is not an integer"));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/host/values/integers-are-decimal", test_integers);
  g_test_add_func("/host/values/times-need-a-unit", test_times);
  g_test_add_func("/host/values/sizes-are-binary-or-decimal", test_sizes);
  g_test_add_func("/host/values/bitrates-are-decimal", test_bitrates);
  g_test_add_func("/host/values/booleans-are-yes-or-no", test_booleans);
  g_test_add_func("/host/values/words-are-suggested", test_words);
  g_test_add_func("/host/values/flags-are-words-added-up", test_flags);
  g_test_add_func("/host/values/addresses-have-host-and-port", test_addresses);
  g_test_add_func("/host/values/address-without-host-is-completed", test_address_without_host);
  g_test_add_func("/host/values/range-is-named-as-written", test_ranges);
  g_test_add_func("/host/values/texts-replace-what-was-there", test_texts);
  g_test_add_func("/host/values/long-value-is-cut-in-the-message", test_long_value);
  return g_test_run();
}
