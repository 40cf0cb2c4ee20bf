#include "amf.h"

#include <math.h>

static void
test_every_marker(void)
{
  assert_parses("00 3ff8000000000000", "0a:0(00:1.5)");
  assert_parses("01 00 01 02", "0a:0(01:0 01:1)");
  assert_parses("02 0003 'abc' 02 0000", "0a:0(02'abc' 02'')");
  assert_parses("03 0001 'a' 05 000009", "0a:0(03:0(a=05:0))");
  assert_parses("05 06 0d", "0a:0(05:0 06:0 0d:0)");
  assert_parses("07 0102", "0a:0(07:258)");
  assert_parses("08 00000001 0001 'a' 06 000009 05", "0a:0(08:0(a=06:0) 05:0)");
  assert_parses("0a 00000002 05 06 0d", "0a:0(0a:0(05:0 06:0) 0d:0)");
  assert_parses("0b 4059000000000000 0000 05", "0a:0(0b:100 05:0)");
  assert_parses("0c 00000002 'hi' 0f 00000003 '<a>'", "0a:0(0c'hi' 0f'<a>')");
  assert_parses("10 0003 'Foo' 0001 'x' 05 000009 06", "0a:0(10'Foo'(x=05:0) 06:0)");
}

static void
test_nested(void)
{
  assert_parses("03 0001 'a' 03 0001 'b' 0a 00000001 03 000009 000009 0001 'c' 05 000009 06",
                "0a:0(03:0(a=03:0(b=0a:0(03:0)) c=05:0) 06:0)");
}

static void
test_lying_counts(void)
{
  assert_parses("08 ffffffff 0001 'a' 05 000009 06", "0a:0(08:0(a=05:0) 06:0)");
  assert_parses("08 00000000 0001 'a' 05 000009 06", "0a:0(08:0(a=05:0) 06:0)");
  assert_parses("0a ffffffff 05", "0a:0(0a:0(05:0))");
  assert_parses("0a 00000000 05", "0a:0(0a:0 05:0)");
}

static void
test_missing_ends_are_forgiven(void)
{
  assert_parses("", "0a:0");
  assert_parses("03", "0a:0(03:0)");
  assert_parses("03 0001 'a' 05", "0a:0(03:0(a=05:0))");
  assert_parses("08 00000001 0001 'a' 03 0001 'b' 05", "0a:0(08:0(a=03:0(b=05:0)))");
}

static void
test_unknown_marker_ends_the_document(void)
{
  assert_parses("05 12 0a0b01 05", "0a:0(05:0 ff:0)");
  assert_parses("03 0001 'a' 04 05 000009", "0a:0(03:0(a=ff:0))");
  assert_parses("0e", "0a:0(ff:0)");
  assert_parses("09", "0a:0(ff:0)");
  assert_parses("ff", "0a:0(ff:0)");
}

static void
test_cut_values_are_refused(void)
{
  static const char *const cut[] = {
    "00",          "00 3ff80000000000", "01",          "02",
    "02 00",       "02 0003 'ab'",      "03 00",       "03 0001",
    "03 0001 'a'", "03 0001 'a' 02 00", "03 00 00",    "07 01",
    "08 000000",   "0a 000000",         "0b 00",       "0b 4059000000000000 00",
    "0c 000000",   "0c ffffffff 'a'",   "0f 7fffffff", "10 0004 'Foo'",
  };
  for (guint i = 0; i < G_N_ELEMENTS(cut); i++)
    assert_refused(cut[i], MG_RTMP_ERROR_PROTOCOL);
}

static MgAmfDoc *
parse_nested(guint depth, const char *one, GError **error)
{
  g_autoptr(GString) text = g_string_new(NULL);
  for (guint i = 0; i < depth; i++)
    g_string_append(text, one);
  return parse_hex(text->str, error);
}

static void
test_depth_is_limited(void)
{
  static const char *const kinds[] = { "03 0001 'a'", "0a 00000001", "08 00000001 0001 'a'",
                                       "10 0001 'T' 0001 'a'" };
  for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(MgAmfDoc) deep = parse_nested(MG_AMF_DEPTH + 1, kinds[i], &error);
    g_assert_null(deep);
    g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_LIMIT);
  }
  g_autoptr(MgAmfDoc) fits = parse_nested(MG_AMF_DEPTH, "0a 00000001", NULL);
  g_assert_nonnull(fits);
  const MgAmf *v = mg_amf_doc_root(fits);
  guint depth = 0;
  for (v = mg_amf_first(v); v != NULL; v = mg_amf_first(v))
    depth++;
  g_assert_cmpuint(depth, ==, MG_AMF_DEPTH);
}

static void
test_values_are_limited(void)
{
  g_autofree guint8 *nulls = g_malloc(MG_AMF_VALUES);
  memset(nulls, MG_AMF_NULL, MG_AMF_VALUES);
  g_autoptr(GError) error = NULL;
  g_autoptr(MgAmfDoc) most = mg_amf_parse(nulls, MG_AMF_VALUES - 1, NULL);
  g_assert_nonnull(most);
  g_assert_nonnull(mg_amf_nth(mg_amf_doc_root(most), MG_AMF_VALUES - 2));
  g_assert_null(mg_amf_parse(nulls, MG_AMF_VALUES, &error));
  g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_LIMIT);
}

static void
test_nul_in_text_hides_nothing(void)
{
  assert_parses("02 0005 'a' 00 'b' 0000", "0a:0(02'a\x1a"
                                           "b\x1a\x1a')");
}

static void
test_members(void)
{
  g_autoptr(MgAmfDoc) doc =
      parse_hex("03 0001 'a' 05 0001 'b' 02 0001 'x' 0001 'a' 06 000009", NULL);
  const MgAmf *object = mg_amf_first(mg_amf_doc_root(doc));
  g_assert_cmpint(mg_amf_member(object, "a")->type, ==, MG_AMF_UNDEFINED);
  g_assert_cmpstr(mg_amf_string(mg_amf_member(object, "b"), NULL), ==, "x");
  g_assert_null(mg_amf_member(object, "c"));
  g_assert_null(mg_amf_member(NULL, "a"));
  g_assert_null(mg_amf_member(mg_amf_doc_root(doc), "a"));
  g_assert_cmpstr(mg_amf_string(NULL, "none"), ==, "none");
  g_assert_cmpstr(mg_amf_string(object, "none"), ==, "none");
  g_assert_null(mg_amf_nth(object, 3));
}

static gdouble
number_of(const char *hex)
{
  g_autoptr(MgAmfDoc) doc = parse_hex(hex, NULL);
  return mg_amf_number(mg_amf_first(mg_amf_doc_root(doc)), -10, 100, 7);
}

static void
test_numbers_are_sane(void)
{
  g_assert_cmpfloat(number_of("00 4045000000000000"), ==, 42);
  g_assert_cmpfloat(number_of("00 40c3880000000000"), ==, 100);
  g_assert_cmpfloat(number_of("00 c0c3880000000000"), ==, -10);
  g_assert_cmpfloat(number_of("00 7ff8000000000001"), ==, 7); /* NaN */
  g_assert_cmpfloat(number_of("00 7ff0000000000000"), ==, 7); /* infinity */
  g_assert_cmpfloat(number_of("01 01"), ==, 1);
  g_assert_cmpfloat(number_of("02 0005 '29.97'"), ==, 29.97);
  g_assert_cmpfloat(number_of("02 0003 'abc'"), ==, 7);
  g_assert_cmpfloat(number_of("02 0003 '12x'"), ==, 7);
  g_assert_cmpfloat(number_of("02 0000"), ==, 7);
  g_assert_cmpfloat(number_of("02 0003 'inf'"), ==, 7);
  g_assert_cmpfloat(number_of("05"), ==, 7);
}

static void
test_writing(void)
{
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_amf_write_string(&w, "hi");
  mg_amf_write_number(&w, 1.5);
  mg_amf_write_boolean(&w, TRUE);
  mg_amf_write_null(&w);
  mg_amf_write_undefined(&w);
  mg_amf_write_strict_begin(&w, 1);
  mg_amf_write_null(&w);
  assert_hex(w.data, w.size, "02 0002 'hi' 00 3ff8000000000000 0101 05 06 0a 00000001 05");
  mg_writer_reset(&w);
  mg_amf_write_object_begin(&w);
  mg_amf_write_property_string(&w, "s", "x");
  mg_amf_write_property_number(&w, "n", 2);
  mg_amf_write_property_boolean(&w, "b", FALSE);
  mg_amf_write_name(&w, "e");
  mg_amf_write_ecma_begin(&w, 0);
  mg_amf_write_end(&w);
  mg_amf_write_end(&w);
  assert_hex(w.data, w.size,
             "03 0001 's' 02 0001 'x' 0001 'n' 00 4000000000000000 0001 'b' 0100"
             "0001 'e' 08 00000000 000009 000009");
}

static void
test_long_string(void)
{
  g_autofree char *text = g_strnfill(65536, 'z');
  g_auto(MgWriter) w = MG_WRITER_INIT;
  mg_amf_write_string(&w, text);
  assert_hex(w.data, 6, "0c 00010000 'z'");
  g_autoptr(MgAmfDoc) doc = mg_amf_parse(w.data, w.size, NULL);
  g_assert_cmpstr(mg_amf_string(mg_amf_first(mg_amf_doc_root(doc)), NULL), ==, text);
  text[65535] = '\0';
  mg_writer_reset(&w);
  mg_amf_write_string(&w, text);
  assert_hex(w.data, 4, "02 ffff 'z'");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/amf0/every-marker-is-read", test_every_marker);
  g_test_add_func("/rtmp/amf0/objects-nest", test_nested);
  g_test_add_func("/rtmp/amf0/array-counts-may-lie", test_lying_counts);
  g_test_add_func("/rtmp/amf0/missing-ends-are-forgiven", test_missing_ends_are_forgiven);
  g_test_add_func("/rtmp/amf0/an-unknown-marker-ends-the-document",
                  test_unknown_marker_ends_the_document);
  g_test_add_func("/rtmp/amf0/values-that-are-cut-short-are-refused", test_cut_values_are_refused);
  g_test_add_func("/rtmp/amf0/depth-ends-at-32", test_depth_is_limited);
  g_test_add_func("/rtmp/amf0/the-number-of-values-is-limited", test_values_are_limited);
  g_test_add_func("/rtmp/amf0/a-nul-in-text-hides-nothing", test_nul_in_text_hides_nothing);
  g_test_add_func("/rtmp/amf0/members-are-found-by-name", test_members);
  g_test_add_func("/rtmp/amf0/numbers-are-made-sane", test_numbers_are_sane);
  g_test_add_func("/rtmp/amf0/writing-is-byte-exact", test_writing);
  g_test_add_func("/rtmp/amf0/texts-above-65535-bytes-are-long-strings", test_long_string);
  return g_test_run();
}
