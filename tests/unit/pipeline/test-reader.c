#include "pipeline/reader.h"

#include <string.h>

static MgElement *
read_text(const char *text, gsize size, MgDiagnostics *diagnostics)
{
  guint elements_left = 100;
  return mg_xml_read(g_intern_string("f.xml"), text, size, &elements_left, diagnostics);
}

static void
append_place(GString *out, const MgPlace *place)
{
  g_string_append_printf(out, "%u:%u", place->line, place->column);
}

/* "<a 1:1 x 1:4=1:7'value'> … " for an element and all below it. */
static void
append_element(GString *out, const MgElement *element)
{
  g_string_append_printf(out, "<%s ", element->name);
  append_place(out, &element->place);
  for (guint i = 0; i < element->attributes->len; i++) {
    const MgAttribute *a = &g_array_index(element->attributes, MgAttribute, i);
    g_string_append_printf(out, " %s ", a->name);
    append_place(out, &a->place);
    g_string_append_c(out, '=');
    append_place(out, &a->value_place);
    g_string_append_printf(out, "'%s'", a->value);
  }
  g_string_append_c(out, '>');
  for (guint i = 0; i < element->children->len; i++)
    append_element(out, g_ptr_array_index(element->children, i));
}

static void
assert_reads(const char *text, const char *expected)
{
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  g_autoptr(MgElement) root = read_text(text, strlen(text), diagnostics);
  g_autofree char *said = mg_diagnostics_to_text(diagnostics);
  g_assert_cmpstr(said, ==, "");
  g_autoptr(GString) out = g_string_new(NULL);
  append_element(out, root);
  g_assert_cmpstr(out->str, ==, expected);
}

static void
assert_fails_sized(const char *text, gsize size, const char *expected)
{
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  g_autoptr(MgElement) root = read_text(text, size, diagnostics);
  g_autofree char *said = mg_diagnostics_to_text(diagnostics);
  g_assert_cmpstr(said, ==, expected);
  g_assert_null(root);
}

static void
assert_fails(const char *text, const char *expected)
{
  assert_fails_sized(text, strlen(text), expected);
}

static void
test_one_line(void)
{
  assert_reads("<a x='1' y=\"2\"><b/></a>", "<a 1:1 x 1:4=1:7'1' y 1:10=1:13'2'><b 1:16>");
}

static void
test_tag_over_lines(void)
{
  assert_reads("<a>\n  <b\n     x = '1'\n\ty\n  =\n 'two'\n  />\n</a>",
               "<a 1:1><b 2:3 x 3:6=3:11'1' y 4:2=6:3'two'>");
}

static void
test_characters(void)
{
  assert_reads("<a é='ü€' \xf0\x9f\x8e\xa5='x' z='1'/>",
               "<a 1:1 é 1:4=1:7'ü€' \xf0\x9f\x8e\xa5 1:11=1:14'x' z 1:17=1:20'1'>");
}

static void
test_crlf(void)
{
  assert_reads("<a>\r\n  <b\r\n  x='1'/>\r\n</a>\r\n", "<a 1:1><b 2:3 x 3:3=3:6'1'>");
}

static void
test_byte_order_mark(void)
{
  assert_reads("\xef\xbb\xbf<a x='1'/>", "<a 1:1 x 1:4=1:7'1'>");
  assert_reads("\xef\xbb\xbf<?xml version='1.0' encoding='utf-8'?><a/>", "<a 1:39>");
}

static void
test_comments(void)
{
  assert_reads("<!-- <x y='1'> -->\n<a><!--\n<c/>\n--><b/><?p <q> ?><c/></a><!-- end -->",
               "<a 2:1><b 4:4><c 4:18>");
}

static void
test_entities(void)
{
  assert_reads("<a x='&lt;&amp;&#x41;&gt;>' y='1'/>", "<a 1:1 x 1:4=1:7'<&A>>' y 1:29=1:32'1'>");
}

static void
test_names_alike(void)
{
  assert_reads("<a xx='x=\"9\"' x='1'/>", "<a 1:1 xx 1:4=1:8'x=\"9\"' x 1:15=1:18'1'>");
}

static void
test_schema_attributes(void)
{
  assert_reads("<a xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' "
               "xsi:noNamespaceSchemaLocation='m.xsd' x='1'/>",
               "<a 1:1 x 1:96=1:99'1'>");
}

static void
test_large(void)
{
  g_autoptr(GString) text = g_string_new("<a>");
  for (guint i = 0; i < 5000; i++)
    g_string_append(text, "<!-- é -->\n");
  g_string_append(text, "  <b x='1'/></a>");
  assert_reads(text->str, "<a 1:1><b 5001:3 x 5001:6=5001:9'1'>");
}

static void
test_not_well_formed(void)
{
  assert_fails("<a>\n  <b>\n</a>", "f.xml:3:1: error: this does not close <b> of line 2\n");
  assert_fails("<a>\n <b/>\n", "f.xml:3:1: error: <a> of line 1 is not closed\n");
  assert_fails("<a x=1/>", "f.xml:1:6: error: a value must stand in quotes\n");
  assert_fails("<a x/>", "f.xml:1:5: error: attribute 'x' has no value\n");
  assert_fails("<a\n x='1'\n x='2'/>", "f.xml:3:7: error: attribute 'x' is there twice\n");
  assert_fails("<a x='1\n<b/>", "f.xml:2:1: error: '<' inside a value; a closing quote is missing, "
                                "or '<' must be written as &lt;\n");
  assert_fails("<a x='1'y='2'/>", "f.xml:1:9: error: a space is missing before this attribute\n");
  assert_fails("<a x='a&b'/>",
               "f.xml:1:10: error: ';' is missing; '&' itself is written as &amp;\n");
  assert_fails("<a x='&b;'/>",
               "f.xml:1:10: error: unknown entity '&b;'; '&' itself is written as &amp;\n");
  assert_fails("<a/><b/>",
               "f.xml:1:5: error: there is something behind the end of the root element\n");
  assert_fails("", "f.xml:1:1: error: there is no element\n");
  assert_fails("  \n", "f.xml:2:1: error: there is no element\n");
  assert_fails("hello", "f.xml:1:1: error: there is no element\n");
}

static void
assert_refuses_text(const char *text, const char *expected, const char *elements)
{
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  g_autoptr(MgElement) root = read_text(text, strlen(text), diagnostics);
  g_autofree char *said = mg_diagnostics_to_text(diagnostics);
  g_assert_cmpstr(said, ==, expected);
  g_assert_true(mg_diagnostics_has_errors(diagnostics));
  g_autoptr(GString) out = g_string_new(NULL);
  append_element(out, root);
  g_assert_cmpstr(out->str, ==, elements);
}

static void
test_text(void)
{
  assert_refuses_text("<a>\n  <b/> stray\n</a>",
                      "f.xml:2:8: error: there is text in <a>, where only elements may stand\n",
                      "<a 1:1><b 2:3>");
  assert_refuses_text("<a><![CDATA[x]]></a>",
                      "f.xml:1:4: error: there is text in <a>, where only elements may stand\n",
                      "<a 1:1>");
  assert_refuses_text("<a>\n&lt;</a>",
                      "f.xml:2:1: error: there is text in <a>, where only elements may stand\n",
                      "<a 1:1>");
}

static void
test_all_text(void)
{
  g_autofree char *long_text = g_strnfill(2000, 'x');
  g_autofree char *text =
      g_strdup_printf("<a>\none &amp; <![CDATA[two]]> %s<b>\n three </b>four<c/>\n</a>", long_text);
  assert_refuses_text(text,
                      "f.xml:2:1: error: there is text in <a>, where only elements may stand\n"
                      "f.xml:3:2: error: there is text in <b>, where only elements may stand\n"
                      "f.xml:3:12: error: there is text in <a>, where only elements may stand\n",
                      "<a 1:1><b 2:2027><c 3:16>");
  assert_fails("<a> one <b></a>", "f.xml:1:5: error: there is text in <a>, where only elements may "
                                  "stand\n"
                                  "f.xml:1:12: error: this does not close <b> of line 1\n");
}

static void
test_no_dtd(void)
{
  assert_fails("<?xml version='1.0'?>\n<!DOCTYPE a [ <!ENTITY b 'c'> ]>\n<a x='&b;'/>",
               "f.xml:2:1: error: a document type (DOCTYPE) is not allowed\n");
  assert_fails("<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
               "f.xml:1:1: error: a document type (DOCTYPE) is not allowed\n");
}

static void
test_encoding(void)
{
  assert_fails("<a x='\xe4'/>", "f.xml:1:7: error: this is not UTF-8\n");
  assert_fails("<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
               "f.xml:1:31: error: the encoding must be UTF-8\n");
  assert_fails_sized("<\0a\0/\0>\0", 8, "f.xml:1:2: error: this is not UTF-8\n");
  assert_fails_sized("\xff\xfe<\0a\0", 6, "f.xml:1:1: error: this is not UTF-8\n");
}

static void
test_limits(void)
{
  g_autoptr(GString) deep = g_string_new(NULL);
  for (guint i = 0; i < 33; i++)
    g_string_append(deep, "<a>");
  assert_fails(deep->str, "f.xml:1:97: error: elements are nested more than 32 deep\n");
  g_autoptr(GString) many = g_string_new("<a>");
  for (guint i = 0; i < 100; i++)
    g_string_append(many, "<b/>");
  assert_fails(many->str, "f.xml:1:400: error: there are too many elements\n");
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/pipeline/reader/places-are-of-tags-names-and-values", test_one_line);
  g_test_add_func("/pipeline/reader/tag-over-many-lines-has-its-first", test_tag_over_lines);
  g_test_add_func("/pipeline/reader/columns-count-characters", test_characters);
  g_test_add_func("/pipeline/reader/crlf-ends-a-line", test_crlf);
  g_test_add_func("/pipeline/reader/byte-order-mark-is-no-column", test_byte_order_mark);
  g_test_add_func("/pipeline/reader/comments-move-places-only", test_comments);
  g_test_add_func("/pipeline/reader/entities-are-as-wide-as-written", test_entities);
  g_test_add_func("/pipeline/reader/names-alike-are-told-apart", test_names_alike);
  g_test_add_func("/pipeline/reader/schema-attributes-are-left-out", test_schema_attributes);
  g_test_add_func("/pipeline/reader/places-are-true-in-large-files", test_large);
  g_test_add_func("/pipeline/reader/what-is-not-well-formed-has-its-place", test_not_well_formed);
  g_test_add_func("/pipeline/reader/text-is-refused", test_text);
  g_test_add_func("/pipeline/reader/text-between-two-tags-is-refused-once", test_all_text);
  g_test_add_func("/pipeline/reader/document-type-is-refused", test_no_dtd);
  g_test_add_func("/pipeline/reader/only-utf-8", test_encoding);
  g_test_add_func("/pipeline/reader/depth-and-number-are-limited", test_limits);
  return g_test_run();
}
