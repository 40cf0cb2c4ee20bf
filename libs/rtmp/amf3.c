/* AMF3 values. Section numbers are those of Adobe's amf3-file-format-spec. */
#include "rtmp/amf-parser.h"

enum {
  A3_UNDEFINED = 0x00,
  A3_NULL = 0x01,
  A3_FALSE = 0x02,
  A3_TRUE = 0x03,
  A3_INTEGER = 0x04,
  A3_DOUBLE = 0x05,
  A3_STRING = 0x06,
  A3_XML_DOCUMENT = 0x07,
  A3_DATE = 0x08,
  A3_ARRAY = 0x09,
  A3_OBJECT = 0x0a,
  A3_XML = 0x0b,
  A3_BYTES = 0x0c,
  A3_INTS = 0x0d,
  A3_UINTS = 0x0e,
  A3_DOUBLES = 0x0f,
  A3_OBJECTS = 0x10,
  A3_DICTIONARY = 0x11,
};

/* --- tables ------------------------------------------------------------------------------------ */

/* Room for one more item of SIZE bytes; NULL with ERROR: too many, or no memory. */
static gpointer
table_add(MgAmfTable *table, gsize size, GError **error)
{
  enum { FIRST_ROOM = 8 };
  if (table->n == MG_AMF_VALUES) {
    mg_amf_fail(error, MG_RTMP_ERROR_LIMIT, "too many values");
    return NULL;
  }
  if (table->n == table->room) {
    guint room = MAX(table->room * 2, FIRST_ROOM);
    gpointer grown = g_try_realloc(table->items, room * size);
    if (grown == NULL) {
      mg_amf_fail(error, MG_RTMP_ERROR_MEMORY, "no memory for its references");
      return NULL;
    }
    table->items = grown;
    table->room = room;
  }
  return (guint8 *) table->items + size * table->n++;
}

static gboolean
add_text(MgAmfTable *table, const char *text, GError **error)
{
  const char **item = table_add(table, sizeof *item, error);
  if (item == NULL)
    return FALSE;
  *item = text;
  return TRUE;
}

void
mg_amf3_clear(MgAmfParser *p)
{
  g_free(p->strings.items);
  g_free(p->objects.items);
  g_free(p->traits.items);
  g_free(p->names.items);
}

static gboolean
no_such(const char *what, GError **error)
{
  g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL, "AMF: there is no such %s to refer to",
              what);
  return FALSE;
}

/* --- parts ------------------------------------------------------------------------------------- */

/* U29 (1.3.1): seven bits a byte, eight in a fourth one. */
static guint32
read_u29(MgReader *r)
{
  guint32 v = 0;
  for (guint i = 0; i < 3; i++) {
    guint8 byte = mg_reader_u8(r);
    v = v << 7 | (byte & 0x7f);
    if (byte < 0x80)
      return v;
  }
  return v << 8 | mg_reader_u8(r);
}

/* UTF-8-vr (1.3.2): a string, or the number of one that came before. The empty one has no number. */
static gboolean
read_string(MgAmfParser *p, const char **text, GError **error)
{
  guint32 head = read_u29(&p->in);
  *text = "";
  if (head & 1) {
    *text = mg_amf_take_text(p, head >> 1);
    return head >> 1 == 0 || mg_reader_failed(&p->in) || add_text(&p->strings, *text, error);
  }
  if (mg_reader_failed(&p->in))
    return TRUE; /* the loop says so */
  if (head >> 1 >= p->strings.n)
    return no_such("string", error);
  *text = ((const char **) p->strings.items)[head >> 1];
  return TRUE;
}

/* Notes the last value as one that may be referred to. */
static gboolean
add_object(MgAmfParser *p, GError **error)
{
  guint *item = table_add(&p->objects, sizeof *item, error);
  if (item == NULL)
    return FALSE;
  *item = p->doc->n_values - 1;
  return TRUE;
}

/* The last value becomes a reference to object number N. */
static gboolean
refer(MgAmfParser *p, guint32 n, GError **error)
{
  if (mg_reader_failed(&p->in))
    return TRUE;
  if (n >= p->objects.n)
    return no_such("object", error);
  guint index = p->doc->n_values - 1;
  MgAmf *v = &p->doc->values[index];
  v->type = MG_AMF_REFERENCE;
  v->number = n;
  v->back = index - ((guint *) p->objects.items)[n];
  return TRUE;
}

static gboolean
open_last(MgAmfParser *p, MgAmfPlace place, guint32 left, guint trait, GError **error)
{
  MgAmfFrame frame = {
    .value = p->doc->n_values - 1,
    .place = place,
    .left = left,
    .trait = trait,
  };
  return add_object(p, error) && mg_amf_open(p, frame, error);
}

/* --- objects (3.12) ---------------------------------------------------------------------------- */

static gboolean
read_names(MgAmfParser *p, guint n, GError **error)
{
  for (guint i = 0; i < n && !mg_reader_failed(&p->in); i++) {
    const char *name;
    if (!read_string(p, &name, error) || !add_text(&p->names, name, error))
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_externalizable(guint32 head)
{
  return (head & 6) == 6;
}

/* Traits that HEAD announces, which become the last of the table. */
static gboolean
read_trait(MgAmfParser *p, guint32 head, GError **error)
{
  MgAmfTrait *trait = table_add(&p->traits, sizeof *trait, error);
  if (trait == NULL)
    return FALSE;
  *trait = (MgAmfTrait){
    .first_name = p->names.n,
    .n_names = is_externalizable(head) ? 0 : head >> 4,
    .is_dynamic = (head & 8) != 0,
  };
  return read_string(p, &trait->class_name, error) && read_names(p, trait->n_names, error);
}

static gboolean
read_object(MgAmfParser *p, guint32 head, GError **error)
{
  guint number = head >> 2;
  if (head & 2) {
    number = p->traits.n;
    if (!read_trait(p, head, error))
      return FALSE;
  }
  if (mg_reader_failed(&p->in))
    return TRUE;
  if (number >= p->traits.n)
    return no_such("class", error);
  const MgAmfTrait *trait = &((MgAmfTrait *) p->traits.items)[number];
  MgAmf *v = &p->doc->values[p->doc->n_values - 1];
  if (*trait->class_name != '\0') {
    v->type = MG_AMF_TYPED_OBJECT;
    v->text = trait->class_name;
  }
  if (is_externalizable(head)) { /* only its class knows how to read it */
    v->type = MG_AMF_UNKNOWN;
    p->is_over = TRUE;
    return TRUE;
  }
  return open_last(p, MG_AMF3_IN_SEALED, 0, number, error);
}

/* --- values ------------------------------------------------------------------------------------ */

/* What holds others or has a length, HEAD being what its U29 says beside "not a reference". */
static gboolean
read_complex(MgAmfParser *p, guint8 marker, guint32 head, GError **error)
{
  MgAmf *v = &p->doc->values[p->doc->n_values - 1];
  const char *class_name;
  switch (marker) {
  case A3_DATE: v->number = mg_reader_be_double(&p->in); return add_object(p, error);
  case A3_XML_DOCUMENT:
  case A3_XML: v->text = mg_amf_take_text(p, head); return add_object(p, error);
  case A3_BYTES: mg_reader_skip(&p->in, head); return add_object(p, error);
  case A3_ARRAY: return open_last(p, MG_AMF3_IN_NAMED, head, 0, error);
  case A3_DICTIONARY:
    mg_reader_u8(&p->in); /* whether keys are held weakly */
    return open_last(p, MG_AMF3_IN_LIST, head * 2, 0, error);
  default: break;
  }
  mg_reader_u8(&p->in); /* a vector: whether its length is fixed */
  switch (marker) {
  case A3_INTS: return open_last(p, MG_AMF3_IN_INTS, head, 0, error);
  case A3_UINTS: return open_last(p, MG_AMF3_IN_UINTS, head, 0, error);
  case A3_DOUBLES: return open_last(p, MG_AMF3_IN_DOUBLES, head, 0, error);
  default:
    return read_string(p, &class_name, error) && open_last(p, MG_AMF3_IN_LIST, head, 0, error);
  }
}

static MgAmfType
type_of(guint8 marker)
{
  switch (marker) {
  case A3_UNDEFINED: return MG_AMF_UNDEFINED;
  case A3_NULL: return MG_AMF_NULL;
  case A3_FALSE:
  case A3_TRUE: return MG_AMF_BOOLEAN;
  case A3_INTEGER:
  case A3_DOUBLE: return MG_AMF_NUMBER;
  case A3_STRING: return MG_AMF_STRING;
  case A3_XML_DOCUMENT:
  case A3_XML: return MG_AMF_XML;
  case A3_DATE: return MG_AMF_DATE;
  case A3_OBJECT: return MG_AMF_OBJECT;
  case A3_BYTES: return MG_AMF_BYTES;
  case A3_ARRAY:
  case A3_INTS:
  case A3_UINTS:
  case A3_DOUBLES:
  case A3_OBJECTS:
  case A3_DICTIONARY: return MG_AMF_STRICT_ARRAY;
  default: return MG_AMF_UNKNOWN;
  }
}

/* A 29-bit integer in two's complement (3.6). */
static gint32
signed_29(guint32 v)
{
  return v & 0x10000000 ? (gint32) v - 0x20000000 : (gint32) v;
}

gboolean
mg_amf3_read(MgAmfParser *p, const char *name, GError **error)
{
  guint8 marker = mg_reader_u8(&p->in);
  MgAmf *v = mg_amf_add(p->doc, type_of(marker), name, error);
  if (v == NULL)
    return FALSE;
  switch (marker) {
  case A3_UNDEFINED:
  case A3_NULL:
  case A3_FALSE: return TRUE;
  case A3_TRUE: v->number = 1; return TRUE;
  case A3_INTEGER: v->number = signed_29(read_u29(&p->in)); return TRUE;
  case A3_DOUBLE: v->number = mg_reader_be_double(&p->in); return TRUE;
  case A3_STRING: return read_string(p, &v->text, error);
  default: break;
  }
  if (marker > A3_DICTIONARY) {
    p->is_over = TRUE;
    return TRUE;
  }
  guint32 head = read_u29(&p->in);
  if (!(head & 1))
    return refer(p, head >> 1, error);
  if (marker == A3_OBJECT)
    return read_object(p, head, error);
  return read_complex(p, marker, head >> 1, error);
}

/* --- inside of them ---------------------------------------------------------------------------- */

static gboolean
step_sealed(MgAmfParser *p, MgAmfFrame *top, GError **error)
{
  const MgAmfTrait *trait = &((MgAmfTrait *) p->traits.items)[top->trait];
  if (top->member < trait->n_names)
    return mg_amf3_read(p, ((const char **) p->names.items)[trait->first_name + top->member++],
                        error);
  if (trait->is_dynamic)
    top->place = MG_AMF3_IN_NAMED;
  else
    mg_amf_close(p);
  return TRUE;
}

static gboolean
step_named(MgAmfParser *p, MgAmfFrame *top, GError **error)
{
  const char *name;
  if (!read_string(p, &name, error))
    return FALSE;
  if (*name == '\0') {
    top->place = MG_AMF3_IN_LIST;
    return TRUE;
  }
  MgAmf *holder = &p->doc->values[top->value];
  if (holder->type == MG_AMF_STRICT_ARRAY)
    holder->type = MG_AMF_ECMA_ARRAY;
  return mg_amf3_read(p, name, error);
}

static gboolean
step_number(MgAmfParser *p, MgAmfPlace place, GError **error)
{
  MgAmf *v = mg_amf_add(p->doc, MG_AMF_NUMBER, NULL, error);
  if (v == NULL)
    return FALSE;
  if (place == MG_AMF3_IN_INTS)
    v->number = (gint32) mg_reader_be32(&p->in);
  else if (place == MG_AMF3_IN_UINTS)
    v->number = mg_reader_be32(&p->in);
  else
    v->number = mg_reader_be_double(&p->in);
  return TRUE;
}

gboolean
mg_amf3_step(MgAmfParser *p, GError **error)
{
  MgAmfFrame *top = &p->frames[p->n_frames - 1];
  if (top->place == MG_AMF3_IN_SEALED)
    return step_sealed(p, top, error);
  if (top->place == MG_AMF3_IN_NAMED)
    return step_named(p, top, error);
  if (top->left == 0) {
    mg_amf_close(p);
    return TRUE;
  }
  top->left--;
  return top->place == MG_AMF3_IN_LIST ? mg_amf3_read(p, NULL, error)
                                       : step_number(p, top->place, error);
}
