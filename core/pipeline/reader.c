#include "pipeline/reader.h"

#include "pipeline/source.h"

#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <string.h>

enum { DEEPEST = 32 };

typedef struct {
  xmlParserCtxt *xml;
  MgSource source;
  MgElement *root;
  GPtrArray *open; /* of MgElement *, borrowed: the path to where the parser is */
  guint *elements_left;
  MgDiagnostics *diagnostics;
  gboolean has_text; /* refused already: behind the last tag */
  gboolean has_failed;
} Reader;

/* The first failure ends reading: what follows it would be noise. */
static void fail(Reader *reader, gsize offset, const char *format, ...) G_GNUC_PRINTF(3, 4);

static void
fail(Reader *reader, gsize offset, const char *format, ...)
{
  if (reader->has_failed)
    return;
  va_list args;
  va_start(args, format);
  g_autofree char *sentence = g_strdup_vprintf(format, args);
  va_end(args);
  MgPlace place = mg_source_place(&reader->source, offset);
  mg_diagnostics_error(reader->diagnostics, &place, "%s", sentence);
  reader->has_failed = TRUE;
  if (reader->xml)
    xmlStopParser(reader->xml);
}

static gsize
parser_offset(Reader *reader)
{
  long offset = xmlByteConsumed(reader->xml);
  return offset < 0 ? 0 : (gsize) offset;
}

static MgElement *
innermost(Reader *reader)
{
  return reader->open->len > 0 ? g_ptr_array_index(reader->open, reader->open->len - 1) : NULL;
}

/* Elements. */

static gboolean
is_schema_instance(const xmlChar *uri)
{
  return uri && strcmp((const char *) uri, "http://www.w3.org/2001/XMLSchema-instance") == 0;
}

static char *
qualified(const xmlChar *prefix, const xmlChar *name)
{
  if (prefix == NULL)
    return g_strdup((const char *) name);
  return g_strdup_printf("%s:%s", (const char *) prefix, (const char *) name);
}

static void
find_places(Reader *reader, const GArray *tag, gsize start, MgAttribute *attribute)
{
  const char *text = reader->source.text;
  gsize name = start, value = start, size = strlen(attribute->name);
  for (guint i = 0; i < tag->len; i++) {
    const MgTagAttribute *a = &g_array_index(tag, MgTagAttribute, i);
    if (a->name_size == size && memcmp(text + a->name, attribute->name, size) == 0) {
      name = a->name;
      value = a->value;
      break;
    }
  }
  attribute->place = mg_source_place(&reader->source, name);
  attribute->value_place = mg_source_place(&reader->source, value);
}

/* ATTRIBUTES as libxml2 has them: local name, prefix, URI, start and end of the value, for each of N. */
static void
add_attributes(Reader *reader, MgElement *element, gsize start, int n, const xmlChar **attributes)
{
  g_autoptr(GArray) tag = mg_source_attributes(&reader->source, start);
  for (int i = 0; i < n; i++, attributes += 5) {
    if (is_schema_instance(attributes[2]))
      continue;
    MgAttribute attribute = {
      .name = qualified(attributes[1], attributes[0]),
      .value = g_strndup((const char *) attributes[3], (gsize) (attributes[4] - attributes[3])),
    };
    find_places(reader, tag, start, &attribute);
    g_array_append_val(element->attributes, attribute);
  }
}

static void
on_start_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri,
                 int n_namespaces, const xmlChar **namespaces, int n_attributes, int n_defaulted,
                 const xmlChar **attributes)
{
  Reader *reader = data;
  gsize start = mg_source_tag_start(&reader->source, parser_offset(reader));
  if (reader->has_failed)
    return;
  reader->has_text = FALSE;
  if (reader->open->len >= DEEPEST) {
    fail(reader, start, "elements are nested more than %d deep", DEEPEST);
    return;
  }
  if (*reader->elements_left == 0) {
    fail(reader, start, "there are too many elements");
    return;
  }
  --*reader->elements_left;
  g_autofree char *full_name = qualified(prefix, name);
  MgElement *parent = innermost(reader);
  MgElement *element = mg_element_new(full_name, mg_source_place(&reader->source, start));
  add_attributes(reader, element, start, n_attributes, attributes);
  if (parent)
    g_ptr_array_add(parent->children, element);
  else
    reader->root = element;
  g_ptr_array_add(reader->open, element);
}

static void
on_end_element(void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
  Reader *reader = data;
  reader->has_text = FALSE;
  if (!reader->has_failed && reader->open->len > 0)
    g_ptr_array_remove_index(reader->open, reader->open->len - 1);
}

/* What is not allowed. */

/* Where in the source TEXT of N bytes starts; the parser hands out its own buffer where it can. */
static gsize
text_offset(Reader *reader, const xmlChar *text, gsize n)
{
  const xmlParserInput *input = reader->xml->input;
  gsize end = parser_offset(reader);
  if (input && text >= input->base && text < input->end)
    return end + (gsize) (text - input->base) - (gsize) (input->cur - input->base);
  const char *start = reader->source.text;
  if (end > 0 && end <= reader->source.size && start[end - 1] == ';') { /* an entity */
    while (end > 0 && start[--end] != '&')
      ;
    return end;
  }
  return end - MIN(end, n);
}

/* The elements around it can be read all the same. What is between two tags may come in pieces. */
static void
refuse_text(Reader *reader, gsize offset)
{
  MgElement *parent = innermost(reader);
  if (reader->has_failed || reader->has_text)
    return;
  MgPlace place = mg_source_place(&reader->source, offset);
  mg_diagnostics_error(reader->diagnostics, &place,
                       "there is text in <%s>, where only elements may stand",
                       parent ? parent->name : "");
  reader->has_text = TRUE;
}

static void
on_text(void *data, const xmlChar *text, int n)
{
  Reader *reader = data;
  gsize blanks = 0;
  while (blanks < (gsize) n && g_ascii_isspace((char) text[blanks]))
    blanks++;
  if (blanks < (gsize) n)
    refuse_text(reader, text_offset(reader, text, (gsize) n) + blanks);
}

static void
on_cdata(void *data, const xmlChar *text, int n)
{
  Reader *reader = data;
  refuse_text(reader, mg_source_tag_start(&reader->source, parser_offset(reader)));
}

static void
on_doctype(void *data, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
  Reader *reader = data;
  fail(reader, mg_source_tag_start(&reader->source, parser_offset(reader)),
       "a document type (DOCTYPE) is not allowed");
}

/* Well-formedness. */

static const struct {
  int code;
  const char *sentence; /* %s: a name that libxml2 has with the error */
} sentences[] = {
  { XML_ERR_DOCUMENT_EMPTY, "there is no element" },
  { XML_ERR_DOCUMENT_END, "there is something behind the end of the root element" },
  { XML_ERR_ATTRIBUTE_REDEFINED, "attribute '%s' is there twice" },
  { XML_ERR_ATTRIBUTE_NOT_STARTED, "a value must stand in quotes" },
  { XML_ERR_ATTRIBUTE_NOT_FINISHED, "a value has no closing quote" },
  { XML_ERR_ATTRIBUTE_WITHOUT_VALUE, "attribute '%s' has no value" },
  { XML_ERR_LT_IN_ATTRIBUTE, "'<' inside a value; a closing quote is missing, or '<' must be "
                             "written as &lt;" },
  { XML_ERR_SPACE_REQUIRED, "a space is missing before this attribute" },
  { XML_ERR_GT_REQUIRED, "'>' is missing here" },
  { XML_ERR_UNDECLARED_ENTITY, "unknown entity '&%s;'; '&' itself is written as &amp;" },
  { XML_ERR_ENTITYREF_SEMICOL_MISSING, "';' is missing; '&' itself is written as &amp;" },
  { XML_ERR_COMMENT_NOT_FINISHED, "this comment is not closed" },
  { XML_ERR_HYPHEN_IN_COMMENT, "'--' cannot stand inside a comment" },
  { XML_ERR_INVALID_CHAR, "this character is not allowed in XML" },
};

static const char *
find_sentence(int code)
{
  for (gsize i = 0; i < G_N_ELEMENTS(sentences); i++) {
    if (sentences[i].code == code)
      return sentences[i].sentence;
  }
  return NULL;
}

/* An end tag for another element, or none at all: the element that is open tells most. */
static gboolean
fail_open_element(Reader *reader, int code, gsize offset)
{
  MgElement *element = innermost(reader);
  if (element == NULL)
    return FALSE;
  if (code == XML_ERR_TAG_NAME_MISMATCH) {
    fail(reader, mg_source_tag_start(&reader->source, offset),
         "this does not close <%s> of line %u", element->name, element->place.line);
    return TRUE;
  }
  if (code == XML_ERR_TAG_NOT_FINISHED && offset >= reader->source.size) {
    fail(reader, reader->source.size, "<%s> of line %u is not closed", element->name,
         element->place.line);
    return TRUE;
  }
  return FALSE;
}

static void
on_error(void *data, xmlErrorPtr error)
{
  Reader *reader = data;
  if (reader->has_failed || error->level < XML_ERR_ERROR)
    return;
  gsize offset = parser_offset(reader);
  if (fail_open_element(reader, error->code, offset))
    return;
  const char *sentence = find_sentence(error->code);
  if (sentence && strstr(sentence, "%s")) {
    g_auto(GStrv) parts = g_strsplit(sentence, "%s", 2);
    fail(reader, offset, "%s%s%s", parts[0], error->str1 ? error->str1 : "", parts[1]);
  } else if (sentence) {
    fail(reader, offset, "%s", sentence);
  } else {
    g_autofree char *message = g_strchomp(g_strdup(error->message ? error->message : "?"));
    fail(reader, offset, "this is not well-formed XML: %s", message);
  }
}

/* The whole. */

/* Checks what the XML declaration, if there is one, says of the encoding. */
static gboolean
check_encoding(Reader *reader)
{
  const MgSource *source = &reader->source;
  gsize start = source->offset; /* behind a byte order mark */
  const char *bad = NULL;
  if (!g_utf8_validate(source->text, (gssize) source->size, &bad)) {
    fail(reader, (gsize) (bad - source->text), "this is not UTF-8");
    return FALSE;
  }
  if (source->size - start < 5 || memcmp(source->text + start, "<?xml", 5) != 0)
    return TRUE;
  g_autoptr(GArray) attributes = mg_source_attributes(source, start);
  for (guint i = 0; i < attributes->len; i++) {
    const MgTagAttribute *a = &g_array_index(attributes, MgTagAttribute, i);
    g_autofree char *name = g_strndup(source->text + a->name, a->name_size);
    g_autofree char *value = g_strndup(source->text + a->value, a->value_size);
    if (g_str_equal(name, "encoding") && g_ascii_strcasecmp(value, "UTF-8") != 0)
      fail(reader, a->value, "the encoding must be UTF-8");
  }
  return !reader->has_failed;
}

static void
parse(Reader *reader)
{
  xmlInitParser();
  reader->xml = xmlNewParserCtxt();
  if (reader->xml == NULL) {
    fail(reader, 0, "there is no memory to read it");
    return;
  }
  *reader->xml->sax = (xmlSAXHandler){
    .initialized = XML_SAX2_MAGIC,
    .internalSubset = on_doctype,
    .startElementNs = on_start_element,
    .endElementNs = on_end_element,
    .characters = on_text,
    .cdataBlock = on_cdata,
    .serror = on_error,
  };
  reader->xml->userData = reader;
  /* XML_PARSE_NOENT replaces entities; without a DTD there are only those of XML. */
  xmlDoc *none = xmlCtxtReadMemory(reader->xml, reader->source.text, (int) reader->source.size,
                                   NULL, NULL, XML_PARSE_NONET | XML_PARSE_NOENT);
  g_assert(none == NULL);
  xmlFreeParserCtxt(reader->xml);
  reader->xml = NULL;
}

MgElement *
mg_xml_read(const char *file, const char *text, gsize size, guint *elements_left,
            MgDiagnostics *diagnostics)
{
  Reader reader = { .elements_left = elements_left, .diagnostics = diagnostics };
  mg_source_init(&reader.source, file, text, size);
  reader.open = g_ptr_array_new();
  if (size > G_MAXINT / 2)
    fail(&reader, 0, "the file is too large");
  if (!reader.has_failed && check_encoding(&reader))
    parse(&reader);
  g_ptr_array_unref(reader.open);
  if (reader.root == NULL)
    fail(&reader, 0, "there is no element");
  if (reader.has_failed)
    g_clear_pointer(&reader.root, mg_element_free);
  return reader.root;
}
