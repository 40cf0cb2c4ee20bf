#include "util/name.h"
#include "util/suggest.h"

static const char *const words[] = { "segment", "part", "on-error", "id", "x", NULL };

static void
test_slips(void)
{
  g_assert_cmpstr(mg_suggest("segmnt", words), ==, "segment");
  g_assert_cmpstr(mg_suggest("segments", words), ==, "segment");
  g_assert_cmpstr(mg_suggest("sgement", words), ==, "segment");
  g_assert_cmpstr(mg_suggest("prat", words), ==, "part");
  g_assert_cmpstr(mg_suggest("on_error", words), ==, "on-error");
  g_assert_cmpstr(mg_suggest("PART", words), ==, "part");
}

static void
test_strangers(void)
{
  g_assert_null(mg_suggest("window", words));
  g_assert_null(mg_suggest("sgxnnt", words));
  g_assert_null(mg_suggest("", words));
  g_assert_null(mg_suggest("y", words));
  g_autofree char *endless = g_strnfill(5000, 's');
  g_assert_null(mg_suggest(endless, words));
}

static void
test_nearest_wins(void)
{
  static const char *const near[] = { "queue-bytes", "queue-byte", "queue", NULL };
  g_assert_cmpstr(mg_suggest("queue-byt", near), ==, "queue-byte");
  g_assert_cmpstr(mg_suggest("queues", near), ==, "queue");
}

static void
test_hint(void)
{
  g_autofree char *hint = mg_suggest_hint("prt", words);
  g_autofree char *none = mg_suggest_hint("window", words);
  g_assert_cmpstr(hint, ==, "; did you mean 'part'?");
  g_assert_cmpstr(none, ==, "");
}

static void
test_join(void)
{
  static const char *const one[] = { "a", NULL };
  static const char *const three[] = { "a", "b", "c", NULL };
  g_autofree char *alone = mg_join_words(one, "or");
  g_autofree char *all = mg_join_words(three, "or");
  g_assert_cmpstr(alone, ==, "a");
  g_assert_cmpstr(all, ==, "a, b or c");
}

static void
test_names(void)
{
  g_autofree char *longest = g_strnfill(128, 'a');
  g_autofree char *too_long = g_strnfill(129, 'a');
  g_assert_true(mg_name_is_valid("Studio_1.main-cam"));
  g_assert_true(mg_name_is_valid(longest));
  g_assert_false(mg_name_is_valid(too_long));
  g_assert_false(mg_name_is_valid(""));
  g_assert_false(mg_name_is_valid(NULL));
  g_assert_false(mg_name_is_valid(".."));
  g_assert_false(mg_name_is_valid(".hidden"));
  g_assert_false(mg_name_is_valid("a/b"));
  g_assert_false(mg_name_is_valid("a b"));
  g_assert_false(mg_name_is_valid("caf\xc3\xa9"));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/util/suggest/finds-the-word-behind-a-slip", test_slips);
  g_test_add_func("/util/suggest/leaves-strangers-alone", test_strangers);
  g_test_add_func("/util/suggest/takes-the-nearest", test_nearest_wins);
  g_test_add_func("/util/suggest/hint-ends-a-sentence", test_hint);
  g_test_add_func("/util/suggest/joins-words-as-people-do", test_join);
  g_test_add_func("/util/name/follows-the-grammar", test_names);
  return g_test_run();
}
