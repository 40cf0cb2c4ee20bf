#include "manifest/text.h"
#include "manifest/xml.h"

/* Compares what was written and empties the writer. */
static void
expect(MgWriter *w, const char *text)
{
  mg_writer_u8(w, '\0');
  g_assert_cmpstr((const char *) w->data, ==, text);
  mg_writer_reset(w);
}

static void
expect_fraction(guint64 num, guint64 den, guint decimals, const char *text)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_text_fraction(&w, num, den, decimals);
  expect(&w, text);
}

static void
test_numbers(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_text_u64(&w, 0);
  expect(&w, "0");
  mg_text_u64(&w, 10);
  expect(&w, "10");
  mg_text_u64(&w, G_MAXUINT64);
  expect(&w, "18446744073709551615");
  mg_text_padded(&w, 42, 5);
  expect(&w, "00042");
}

static void
test_fractions(void)
{
  expect_fraction(0, 90000, 6, "0.000000");
  expect_fraction(1001, 30000, 6, "0.033367");
  expect_fraction(120120, 30000, 6, "4.004000");
  expect_fraction(1, 2000000, 6, "0.000001"); /* half of the last digit rounds up */
  expect_fraction(1, 2000001, 6, "0.000000");
  expect_fraction(9999999, 10000000, 6, "1.000000");
  expect_fraction(1024, 44100, 6, "0.023220");
  expect_fraction(30000, 1001, 3, "29.970");
  expect_fraction(60000, 1001, 3, "59.940");
  expect_fraction(G_MAXUINT64, 1, 1, "18446744073709551615.0");
  expect_fraction(G_MAXUINT64, 3, 6, "6148914691236517205.000000");
}

static void
expect_date(gint64 s, gint64 us, const char *text)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_text_date(&w, s * 1000000 + us);
  expect(&w, text);
}

static void
test_dates(void)
{
  expect_date(0, 0, "1970-01-01T00:00:00.000Z");
  expect_date(951782399, 0, "2000-02-28T23:59:59.000Z");
  expect_date(1709164800, 0, "2024-02-29T00:00:00.000Z");
  expect_date(1709251199, 999499, "2024-02-29T23:59:59.999Z");
  expect_date(1709251199, 999500, "2024-03-01T00:00:00.000Z"); /* rounds through a leap day */
  expect_date(1740787199, 999500, "2025-03-01T00:00:00.000Z");
  expect_date(1767225599, 999500, "2026-01-01T00:00:00.000Z");
  expect_date(4107542400, 0, "2100-03-01T00:00:00.000Z"); /* no leap year */
  expect_date(-1, 500000, "1969-12-31T23:59:59.500Z");
}

static void
test_dates_stay_in_four_digits(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_text_date(&w, G_MAXINT64);
  expect(&w, "9999-12-31T23:59:59.000Z");
  mg_text_date(&w, G_MININT64);
  expect(&w, "0001-01-01T00:00:00.000Z");
}

static void
expect_duration(guint64 ms, const char *text)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_text_duration(&w, ms);
  expect(&w, text);
}

static void
test_durations(void)
{
  expect_duration(0, "PT0S");
  expect_duration(1, "PT0.001S");
  expect_duration(3960, "PT3.96S");
  expect_duration(4000, "PT4S");
  expect_duration(60000, "PT1M");
  expect_duration(60500, "PT1M0.5S");
  expect_duration(3600000, "PT1H");
  expect_duration(90001000, "PT25H1S");
  expect_duration(90061010, "PT25H1M1.01S");
}

static void
test_quoted_strings(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_text_quoted(&w, "a\"b\r\nc\x7f,=ü");
  expect(&w, "\"abc,=ü\"");
  mg_text_quoted(&w, "\xff"
                     "a\xc3");
  expect(&w, "\"?a?\"");
  mg_text_quoted(&w, "");
  expect(&w, "\"\"");
}

static void
test_uris(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_text_uri(&w, "../live/a%20b/seg-1.m4s?x=1&y=2#f");
  expect(&w, "../live/a%20b/seg-1.m4s?x=1&y=2#f");
  mg_text_uri(&w, "#a b\"\n\x7fü\xff");
  expect(&w, "%23a%20b%22%0A%7F%C3%BC%FF");
}

static void
test_xml_values(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  MgXml x = { .w = &w };
  mg_xml_text(&x, "a", "<\"&'>\t\r\n\x01ü");
  expect(&w, " a=\"&lt;&quot;&amp;'&gt;&#9;&#13;&#10;ü\"");
  mg_xml_text(&x, "a", "\xfe");
  expect(&w, " a=\"?\"");
  mg_xml_text(&x, "a", "");
  mg_xml_text(&x, "a", NULL);
  mg_xml_ratio(&x, "a", (MgRatio){ 0, 1 }, ':');
  mg_xml_number_if_any(&x, "a", 0);
  expect(&w, "");
  mg_xml_ratio(&x, "a", (MgRatio){ 25, 1 }, '/');
  mg_xml_ratio(&x, "b", (MgRatio){ 30000, 1001 }, '/');
  mg_xml_ratio(&x, "c", (MgRatio){ 1, 1 }, ':');
  expect(&w, " a=\"25\" b=\"30000/1001\" c=\"1:1\"");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/manifest/text/numbers-have-no-limit-below-64-bits", test_numbers);
  g_test_add_func("/manifest/text/fractions-round-half-up-and-are-exact", test_fractions);
  g_test_add_func("/manifest/text/dates-round-to-milliseconds-across-leap-days", test_dates);
  g_test_add_func("/manifest/text/dates-stay-in-four-digits", test_dates_stay_in_four_digits);
  g_test_add_func("/manifest/text/durations-are-short", test_durations);
  g_test_add_func("/manifest/text/quoted-strings-cannot-be-left", test_quoted_strings);
  g_test_add_func("/manifest/text/uris-stay-on-their-line", test_uris);
  g_test_add_func("/manifest/xml/values-are-escaped", test_xml_values);
  return g_test_run();
}
