/* AMF3 values within AMF0: each stands behind the marker 11. */
#include "amf.h"

#include <string.h>

static void
test_every_marker(void)
{
  assert_parses("11 00", "0a:0(06:0)");
  assert_parses("11 01", "0a:0(05:0)");
  assert_parses("11 02 11 03", "0a:0(01:0 01:1)");
  assert_parses("11 04 05", "0a:0(00:5)");
  assert_parses("11 05 3ff8000000000000", "0a:0(00:1.5)");
  assert_parses("11 06 07 'abc' 11 06 01", "0a:0(02'abc' 02'')");
  assert_parses("11 07 07 '<a>' 11 0b 07 '<b>'", "0a:0(0f'<a>' 0f'<b>')");
  assert_parses("11 08 01 4059000000000000", "0a:0(0b:100)");
  assert_parses("11 09 05 01 04 01 04 02", "0a:0(0a:0(00:1 00:2))");
  assert_parses("11 0a 0b 01 03 'a' 04 01 01", "0a:0(03:0(a=00:1))");
  assert_parses("11 0c 05 aabb 05", "0a:0(80:0 05:0)");
  assert_parses("11 0d 05 00 00000001 ffffffff", "0a:0(0a:0(00:1 00:-1))");
  assert_parses("11 0e 03 01 ffffffff", "0a:0(0a:0(00:4.29497e+09))");
  assert_parses("11 0f 03 00 3ff8000000000000", "0a:0(0a:0(00:1.5))");
  assert_parses("11 10 05 00 01 04 01 06 03 'x'", "0a:0(0a:0(00:1 02'x'))");
  assert_parses("11 11 03 00 06 03 'k' 04 01", "0a:0(0a:0(02'k' 00:1))");
}

static void
test_amf0_goes_on_behind_it(void)
{
  assert_parses("11 04 01 02 0001 'x' 03 0001 'a' 11 06 03 'y' 0001 'b' 05 000009 06",
                "0a:0(00:1 02'x' 03:0(a=02'y' b=05:0) 06:0)");
}

static void
test_integers(void)
{
  assert_parses("11 04 00", "0a:0(00:0)");
  assert_parses("11 04 7f", "0a:0(00:127)");
  assert_parses("11 04 8100", "0a:0(00:128)");
  assert_parses("11 04 ff7f", "0a:0(00:16383)");
  assert_parses("11 04 818000", "0a:0(00:16384)");
  assert_parses("11 04 ffff7f", "0a:0(00:2.09715e+06)");
  assert_parses("11 04 80c08000", "0a:0(00:2.09715e+06)");
  assert_parses("11 04 bfffffff", "0a:0(00:2.68435e+08)");
  assert_parses("11 04 c0808000", "0a:0(00:-2.68435e+08)");
  assert_parses("11 04 ffffffff", "0a:0(00:-1)");
}

static void
test_strings_are_referred_to(void)
{
  assert_parses("11 09 07 01 06 03 'a' 06 00 06 05 'bc'", "0a:0(0a:0(02'a' 02'a' 02'bc'))");
  /* Names count, the empty string does not, and the table lasts for the document. */
  assert_parses("11 0a 0b 01 03 'a' 06 01 01  11 06 00", "0a:0(03:0(a=02'') 02'a')");
  assert_refused("11 06 00", MG_RTMP_ERROR_PROTOCOL);
  assert_refused("11 06 03 'a' 11 06 02", MG_RTMP_ERROR_PROTOCOL);
}

static void
test_classes_are_referred_to(void)
{
  /* Two of class P with x and y; then one of it with dynamic members would be another class. */
  assert_parses("11 09 05 01  0a 23 03 'P' 03 'x' 03 'y' 04 01 04 02  0a 01 04 03 04 04",
                "0a:0(0a:0(10'P'(x=00:1 y=00:2) 10'P'(x=00:3 y=00:4)))");
  assert_parses("11 0a 1b 01 03 'x' 04 01 03 'y' 04 02 01", "0a:0(03:0(x=00:1 y=00:2))");
  assert_refused("11 0a 01", MG_RTMP_ERROR_PROTOCOL);
}

static void
test_objects_are_referred_to(void)
{
  assert_parses("11 09 05 01  0a 0b 01 03 'a' 04 01 01  0a 02", "0a:0(0a:0(03:0(a=00:1) 03<1))");
  assert_parses("11 08 01 4059000000000000 11 08 00", "0a:0(0b:100 0b<0)");
  assert_parses("11 0a 0b 01 03 'a' 0a 00 01", "0a:0(03:0(a=03<0))"); /* itself */
  assert_refused("11 0a 00", MG_RTMP_ERROR_PROTOCOL);
  assert_refused("11 0a 0b 01 03 'a' 0a 02", MG_RTMP_ERROR_PROTOCOL);
}

static void
test_members_through_references(void)
{
  g_autoptr(MgAmfDoc) doc = parse_hex("11 0a 0b 01 03 'a' 04 07 01  11 0a 00", NULL);
  const MgAmf *second = mg_amf_nth(mg_amf_doc_root(doc), 1);
  g_assert_cmpint(second->type, ==, MG_AMF_REFERENCE);
  g_assert_cmpfloat(mg_amf_number(mg_amf_member(second, "a"), 0, 10, 0), ==, 7);
  g_assert_null(mg_amf_follow(NULL));
}

static void
test_arrays_with_names(void)
{
  assert_parses("11 09 03 03 'a' 04 01 01 04 02", "0a:0(08:0(a=00:1 00:2))");
}

static void
test_unknown_ends_the_document(void)
{
  assert_parses("11 12 aabb", "0a:0(ff:0)");
  /* An externalizable class: only its code knows how long it is. */
  assert_parses("11 0a 07 07 'Ext' aabb", "0a:0(ff'Ext')");
  assert_parses("11 0a 17 07 'Ext' aabb", "0a:0(ff'Ext')"); /* bits that mean nothing */
}

static void
test_missing_ends_are_forgiven(void)
{
  assert_parses("11 0a 0b 01", "0a:0(03:0)");
  assert_parses("11 0a 0b 01 03 'a' 04 01", "0a:0(03:0(a=00:1))");
  assert_parses("11 09 05 01 04 01", "0a:0(0a:0(00:1))");
}

/* Each of these is whole, and broken when it is cut anywhere but between two values. */
static void
test_cut_values_are_refused(void)
{
  static const char *const whole[] = {
    "11 04 bfffffff", "11 05 3ff8000000000000", "11 06 07 'abc'", "11 08 01 4059000000000000",
    "11 0b 07 '<b>'", "11 0c 05 aabb",
  };
  for (guint i = 0; i < G_N_ELEMENTS(whole); i++) {
    g_auto(MgWriter) in = MG_WRITER_INIT;
    put_hex(&in, whole[i]);
    for (gsize n = 1; n < in.size; n++) {
      g_autofree guint8 *exact = g_memdup2(in.data, n);
      g_autoptr(GError) error = NULL;
      g_assert_null(mg_amf_parse(exact, n, &error));
      g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL);
    }
  }
  assert_refused("11 0a 23 03 'P' 03", MG_RTMP_ERROR_PROTOCOL);
  assert_refused("11 0d 05", MG_RTMP_ERROR_PROTOCOL);
  assert_refused("11 0d 05 00 0000", MG_RTMP_ERROR_PROTOCOL);
}

static MgAmfDoc *
parse_nested(guint depth, const char *one, GError **error)
{
  g_autoptr(GString) text = g_string_new("11");
  for (guint i = 0; i < depth; i++)
    g_string_append(text, one);
  return parse_hex(text->str, error);
}

static void
test_depth_is_limited(void)
{
  static const char *const kinds[] = { "09 03 01", "0a 0b 01 03 'a'", "10 03 00 01", "11 03 00" };
  for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
    g_autoptr(GError) error = NULL;
    g_autoptr(MgAmfDoc) deep = parse_nested(MG_AMF_DEPTH + 1, kinds[i], &error);
    g_assert_null(deep);
    g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_LIMIT);
  }
  g_autoptr(MgAmfDoc) fits = parse_nested(MG_AMF_DEPTH, "09 03 01", NULL);
  g_assert_nonnull(fits);
}

static void
test_counts_allocate_nothing(void)
{
  assert_parses("11 09 ffffffff 01 04 01", "0a:0(0a:0(00:1))");
  assert_parses("11 0d ffffffff 00 00000001", "0a:0(0a:0(00:1))");
  assert_refused("11 0a ffffffff", MG_RTMP_ERROR_PROTOCOL);
  assert_refused("11 06 ffffffff 'a'", MG_RTMP_ERROR_PROTOCOL);
}

static void
test_values_are_limited(void)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  put_hex(&in, "11 09 ffffffff 01");
  for (guint i = 0; i < MG_AMF_VALUES; i++)
    mg_writer_u8(&in, 0x01);
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_amf_parse(in.data, in.size, &error));
  g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_LIMIT);
}

/* A class of more members than there may be values. */
static void
test_names_are_limited(void)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  put_hex(&in, "11 0a ffffff73 01");
  for (guint i = 0; i <= MG_AMF_VALUES; i++)
    put_hex(&in, "03 'a'");
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_amf_parse(in.data, in.size, &error));
  g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_LIMIT);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/amf3/every-marker-is-read", test_every_marker);
  g_test_add_func("/rtmp/amf3/amf0-goes-on-behind-it", test_amf0_goes_on_behind_it);
  g_test_add_func("/rtmp/amf3/integers-of-29-bits", test_integers);
  g_test_add_func("/rtmp/amf3/strings-are-referred-to", test_strings_are_referred_to);
  g_test_add_func("/rtmp/amf3/classes-are-referred-to", test_classes_are_referred_to);
  g_test_add_func("/rtmp/amf3/objects-are-referred-to", test_objects_are_referred_to);
  g_test_add_func("/rtmp/amf3/members-through-references", test_members_through_references);
  g_test_add_func("/rtmp/amf3/arrays-with-names", test_arrays_with_names);
  g_test_add_func("/rtmp/amf3/what-is-unknown-ends-it", test_unknown_ends_the_document);
  g_test_add_func("/rtmp/amf3/missing-ends-are-forgiven", test_missing_ends_are_forgiven);
  g_test_add_func("/rtmp/amf3/cut-values-are-refused", test_cut_values_are_refused);
  g_test_add_func("/rtmp/amf3/depth-is-limited", test_depth_is_limited);
  g_test_add_func("/rtmp/amf3/counts-allocate-nothing", test_counts_allocate_nothing);
  g_test_add_func("/rtmp/amf3/values-are-limited", test_values_are_limited);
  g_test_add_func("/rtmp/amf3/names-are-limited", test_names_are_limited);
  return g_test_run();
}
