#include "manifest/hls-reload.h"

/* --- the query --------------------------------------------------------------------------------- */

static void
test_what_is_read(void)
{
  static const struct {
    const char *query;
    MgHlsDirectives wanted;
  } all[] = {
    { "", { 0 } },
    { "token=a&_HLS_new=x", { 0 } },
    { "_HLS_msn=0", { .has_msn = TRUE } },
    { "_HLS_msn=273", { .has_msn = TRUE, .msn = 273 } },
    { "_HLS_msn=273&_HLS_part=2", { .has_msn = TRUE, .msn = 273, .has_part = TRUE, .part = 2 } },
    { "_HLS_part=2&_HLS_msn=273", { .has_msn = TRUE, .msn = 273, .has_part = TRUE, .part = 2 } },
    { "_HLS_msn=18446744073709551615", { .has_msn = TRUE, .msn = G_MAXUINT64 } },
    { "_HLS_skip=YES", { .wants_skip = TRUE } },
    { "_HLS_skip=v2", { .wants_skip = TRUE } },
    { "_HLS_skip=v3", { 0 } },
    { "_HLS_skip", { 0 } },
    { "a=1&&_HLS_msn=4&b&_HLS_skip=YES&", { .has_msn = TRUE, .msn = 4, .wants_skip = TRUE } },
    { "x_HLS_msn=a&_HLS_msnx=b&_hls_msn=c", { 0 } },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    MgHlsDirectives got;
    g_test_message("%s", all[i].query);
    g_assert_true(mg_hls_directives_read(all[i].query, &got));
    g_assert_cmpint(got.has_msn, ==, all[i].wanted.has_msn);
    g_assert_cmpuint(got.msn, ==, all[i].wanted.msn);
    g_assert_cmpint(got.has_part, ==, all[i].wanted.has_part);
    g_assert_cmpuint(got.part, ==, all[i].wanted.part);
    g_assert_cmpint(got.wants_skip, ==, all[i].wanted.wants_skip);
  }
}

static void
test_what_is_refused(void)
{
  static const char *const all[] = {
    "_HLS_part=0",
    "_HLS_part=0&_HLS_skip=YES",
    "_HLS_msn",
    "_HLS_msn=",
    "_HLS_msn=-1",
    "_HLS_msn=+1",
    "_HLS_msn= 1",
    "_HLS_msn=1 ",
    "_HLS_msn=1.0",
    "_HLS_msn=0x10",
    "_HLS_msn=%31",
    "_HLS_msn=one",
    "_HLS_msn=18446744073709551616",
    "_HLS_msn=99999999999999999999999999",
    "_HLS_msn=1&_HLS_msn=1",
    "_HLS_msn=1&_HLS_part=",
    "_HLS_msn=1&_HLS_part=-1",
    "_HLS_msn=1&_HLS_part=0&_HLS_part=0",
    "_HLS_skip=YES&_HLS_skip=YES",
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    MgHlsDirectives got;
    g_test_message("%s", all[i]);
    g_assert_false(mg_hls_directives_read(all[i], &got));
  }
}

/* --- the playlist ------------------------------------------------------------------------------ */

typedef struct {
  const char *query;
  MgHlsReload wanted;
} Row;

static void
expect(const MgHlsProgress *progress, const Row *rows, guint n)
{
  for (guint i = 0; i < n; i++) {
    MgHlsDirectives directives;
    g_test_message("%s", rows[i].query);
    g_assert_true(mg_hls_directives_read(rows[i].query, &directives));
    g_assert_cmpint(mg_hls_reload_decide(&directives, progress), ==, rows[i].wanted);
  }
}

/* Segment 9 has eight parts, segment 10 two so far. A part lasts half a second: six ahead at most. */
static void
test_in_the_middle_of_a_segment(void)
{
  static const MgHlsProgress progress = { 10, 2, 8, 500, FALSE };
  static const Row rows[] = {
    { "", MG_HLS_RELOAD_NOW },
    { "_HLS_skip=YES", MG_HLS_RELOAD_NOW },
    { "_HLS_msn=0", MG_HLS_RELOAD_NOW },
    { "_HLS_msn=3&_HLS_part=99", MG_HLS_RELOAD_NOW },
    { "_HLS_msn=9", MG_HLS_RELOAD_NOW },
    { "_HLS_msn=9&_HLS_part=7", MG_HLS_RELOAD_NOW },
    { "_HLS_msn=9&_HLS_part=8", MG_HLS_RELOAD_NOW }, /* is 10.0 */
    { "_HLS_msn=9&_HLS_part=900", MG_HLS_RELOAD_NOW },
    { "_HLS_msn=10&_HLS_part=1", MG_HLS_RELOAD_NOW },
    { "_HLS_msn=10&_HLS_part=2", MG_HLS_RELOAD_WAIT },
    { "_HLS_msn=10&_HLS_part=7", MG_HLS_RELOAD_WAIT },
    { "_HLS_msn=10&_HLS_part=8", MG_HLS_RELOAD_REFUSE },
    { "_HLS_msn=10&_HLS_part=18446744073709551615", MG_HLS_RELOAD_REFUSE },
    { "_HLS_msn=10", MG_HLS_RELOAD_WAIT }, /* all of it */
    { "_HLS_msn=11", MG_HLS_RELOAD_WAIT },
    { "_HLS_msn=11&_HLS_part=0", MG_HLS_RELOAD_WAIT },
    { "_HLS_msn=11&_HLS_part=5", MG_HLS_RELOAD_WAIT },
    { "_HLS_msn=11&_HLS_part=6", MG_HLS_RELOAD_REFUSE },
    { "_HLS_msn=12", MG_HLS_RELOAD_REFUSE },
    { "_HLS_msn=12&_HLS_part=0", MG_HLS_RELOAD_REFUSE },
    { "_HLS_msn=18446744073709551615&_HLS_part=0", MG_HLS_RELOAD_REFUSE },
  };
  expect(&progress, rows, G_N_ELEMENTS(rows));
}

static void
test_behind_the_last_part_of_a_segment(void)
{
  static const MgHlsProgress progress = { 10, 0, 8, 500, FALSE };
  static const Row rows[] = {
    { "_HLS_msn=9&_HLS_part=7", MG_HLS_RELOAD_NOW },
    { "_HLS_msn=9&_HLS_part=8", MG_HLS_RELOAD_WAIT },
    { "_HLS_msn=9&_HLS_part=900", MG_HLS_RELOAD_WAIT },
    { "_HLS_msn=8&_HLS_part=900", MG_HLS_RELOAD_NOW }, /* is 9.0 */
    { "_HLS_msn=10&_HLS_part=0", MG_HLS_RELOAD_WAIT },
    { "_HLS_msn=10&_HLS_part=5", MG_HLS_RELOAD_WAIT },
    { "_HLS_msn=10&_HLS_part=6", MG_HLS_RELOAD_REFUSE },
  };
  expect(&progress, rows, G_N_ELEMENTS(rows));
}

/* Who waited for a part that never came, as the segment ended before it, gets the next segment's first. */
static void
test_rolls_over(void)
{
  static const MgHlsProgress before = { 10, 2, 8, 500, FALSE };
  static const MgHlsProgress ended = { 11, 0, 3, 500, FALSE };
  static const MgHlsProgress after = { 11, 1, 3, 500, FALSE };
  static const char query[] = "_HLS_msn=10&_HLS_part=3";
  expect(&before, &(Row){ query, MG_HLS_RELOAD_WAIT }, 1);
  expect(&ended, &(Row){ query, MG_HLS_RELOAD_WAIT }, 1);
  expect(&after, &(Row){ query, MG_HLS_RELOAD_NOW }, 1);
}

static void
test_what_is_asked_for_is_settled(void)
{
  static const MgHlsProgress progress = { 10, 2, 8, 500, FALSE };
  static const struct {
    MgHlsDirectives asked;
    guint64 msn, part;
  } all[] = {
    { { TRUE, TRUE, 9, 8, FALSE }, 10, 0 },    { { TRUE, TRUE, 9, G_MAXUINT64, TRUE }, 10, 0 },
    { { TRUE, TRUE, 9, 7, FALSE }, 9, 7 },     { { TRUE, TRUE, 8, 99, FALSE }, 8, 99 },
    { { TRUE, TRUE, 10, 99, FALSE }, 10, 99 }, { { TRUE, FALSE, 9, 0, FALSE }, 9, 0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    MgHlsDirectives d = all[i].asked;
    mg_hls_directives_settle(&d, &progress);
    g_assert_cmpuint(d.msn, ==, all[i].msn);
    g_assert_cmpuint(d.part, ==, all[i].part);
    g_assert_cmpint(d.wants_skip, ==, all[i].asked.wants_skip);
  }
}

static void
test_at_the_very_beginning(void)
{
  static const MgHlsProgress empty = { 0, 0, 0, 500, FALSE };
  static const Row rows[] = {
    { "_HLS_msn=0", MG_HLS_RELOAD_WAIT },
    { "_HLS_msn=0&_HLS_part=0", MG_HLS_RELOAD_WAIT },
    { "_HLS_msn=1&_HLS_part=0", MG_HLS_RELOAD_WAIT },
    { "_HLS_msn=2", MG_HLS_RELOAD_REFUSE },
  };
  expect(&empty, rows, G_N_ELEMENTS(rows));
  static const MgHlsProgress first = { 0, 1, 0, 500, FALSE };
  expect(&first, &(Row){ "_HLS_msn=0&_HLS_part=0", MG_HLS_RELOAD_NOW }, 1);
  expect(&first, &(Row){ "_HLS_msn=0", MG_HLS_RELOAD_WAIT }, 1);
}

static void
test_the_limit_of_parts(void)
{
  static const MgHlsProgress quick = { 10, 0, 8, 200, FALSE };
  expect(&quick, &(Row){ "_HLS_msn=10&_HLS_part=14", MG_HLS_RELOAD_WAIT }, 1);
  expect(&quick, &(Row){ "_HLS_msn=10&_HLS_part=15", MG_HLS_RELOAD_REFUSE }, 1);
  static const MgHlsProgress odd = { 10, 0, 8, 334, FALSE };
  expect(&odd, &(Row){ "_HLS_msn=10&_HLS_part=8", MG_HLS_RELOAD_WAIT }, 1);
  expect(&odd, &(Row){ "_HLS_msn=10&_HLS_part=9", MG_HLS_RELOAD_REFUSE }, 1);
  static const MgHlsProgress slow = { 10, 0, 2, 2000, FALSE };
  expect(&slow, &(Row){ "_HLS_msn=10&_HLS_part=2", MG_HLS_RELOAD_WAIT }, 1);
  expect(&slow, &(Row){ "_HLS_msn=10&_HLS_part=3", MG_HLS_RELOAD_REFUSE }, 1);
}

static void
test_after_the_end(void)
{
  static const MgHlsProgress ended = { 10, 0, 8, 500, TRUE };
  static const Row rows[] = {
    { "_HLS_msn=10", MG_HLS_RELOAD_NOW },
    { "_HLS_msn=10&_HLS_part=0", MG_HLS_RELOAD_NOW },
    { "_HLS_msn=500&_HLS_part=500", MG_HLS_RELOAD_NOW },
  };
  expect(&ended, rows, G_N_ELEMENTS(rows));
}

static void
test_without_parts(void)
{
  static const MgHlsProgress progress = { 10, 0, 0, 0, FALSE };
  static const Row rows[] = {
    { "_HLS_msn=9&_HLS_part=3", MG_HLS_RELOAD_NOW },
    { "_HLS_msn=10&_HLS_part=3", MG_HLS_RELOAD_WAIT },
    { "_HLS_msn=12", MG_HLS_RELOAD_REFUSE },
  };
  expect(&progress, rows, G_N_ELEMENTS(rows));
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/manifest/hls-reload/reads-what-it-knows", test_what_is_read);
  g_test_add_func("/manifest/hls-reload/refuses-what-is-no-number-or-there-twice",
                  test_what_is_refused);
  g_test_add_func("/manifest/hls-reload/in-the-middle-of-a-segment",
                  test_in_the_middle_of_a_segment);
  g_test_add_func("/manifest/hls-reload/behind-the-last-part-comes-the-next-segment",
                  test_behind_the_last_part_of_a_segment);
  g_test_add_func("/manifest/hls-reload/a-part-that-never-came-is-the-next-segments-first",
                  test_rolls_over);
  g_test_add_func("/manifest/hls-reload/one-part-is-asked-for-in-one-way",
                  test_what_is_asked_for_is_settled);
  g_test_add_func("/manifest/hls-reload/segment-0-is-waited-for", test_at_the_very_beginning);
  g_test_add_func("/manifest/hls-reload/three-seconds-of-parts-ahead-at-most",
                  test_the_limit_of_parts);
  g_test_add_func("/manifest/hls-reload/nothing-waits-after-the-end", test_after_the_end);
  g_test_add_func("/manifest/hls-reload/without-parts-only-segments-count", test_without_parts);
  return g_test_run();
}
