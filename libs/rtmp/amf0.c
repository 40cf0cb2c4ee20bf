#include "rtmp/amf-parser.h"

#include <math.h>
#include <string.h>

enum { FIRST_VALUES = 16, OBJECT_END = 0x09, AVMPLUS_OBJECT = 0x11 };

gboolean
mg_amf_fail(GError **error, MgRtmpError code, const char *why)
{
  g_set_error(error, MG_RTMP_ERROR, code, "AMF: %s", why);
  return FALSE;
}

MgAmf *
mg_amf_add(MgAmfDoc *doc, MgAmfType type, const char *name, GError **error)
{
  if (doc->n_values == MG_AMF_VALUES) {
    mg_amf_fail(error, MG_RTMP_ERROR_LIMIT, "too many values");
    return NULL;
  }
  if (doc->n_values == doc->room) {
    guint room = MAX(doc->room * 2, FIRST_VALUES);
    MgAmf *grown = g_try_realloc(doc->values, room * sizeof *grown);
    if (grown == NULL) {
      mg_amf_fail(error, MG_RTMP_ERROR_MEMORY, "no memory for its values");
      return NULL;
    }
    doc->values = grown;
    doc->room = room;
  }
  MgAmf *value = &doc->values[doc->n_values++];
  *value = (MgAmf){ .type = type, .span = 1, .name = name };
  return value;
}

const char *
mg_amf_take_text(MgAmfParser *p, gsize n)
{
  const guint8 *bytes = mg_reader_take(&p->in, n);
  if (bytes == NULL)
    return "";
  char *text = p->doc->pool + p->doc->pool_used;
  memcpy(text, bytes, n);
  text[n] = '\0';
  for (char *nul = memchr(text, '\0', n); nul != NULL; nul = memchr(nul, '\0', text + n - nul))
    *nul = 0x1a;
  p->doc->pool_used += n + 1;
  return text;
}

gboolean
mg_amf_open(MgAmfParser *p, MgAmfFrame frame, GError **error)
{
  if (p->n_frames == G_N_ELEMENTS(p->frames))
    return mg_amf_fail(error, MG_RTMP_ERROR_LIMIT, "nested too deep");
  p->frames[p->n_frames++] = frame;
  return TRUE;
}

void
mg_amf_close(MgAmfParser *p)
{
  MgAmf *value = &p->doc->values[p->frames[--p->n_frames].value];
  value->span = (guint32) (p->doc->values + p->doc->n_values - value);
}

/* The values that hold others, behind their marker. */
static gboolean
read_container(MgAmfParser *p, MgAmfType type, GError **error)
{
  guint index = p->doc->n_values - 1;
  MgAmfFrame frame = { .value = index, .place = MG_AMF_IN_MEMBERS };
  if (type == MG_AMF_STRICT_ARRAY) {
    frame.place = MG_AMF_IN_LIST;
    frame.left = mg_reader_be32(&p->in);
  }
  if (type == MG_AMF_ECMA_ARRAY)
    mg_reader_be32(&p->in); /* the count, which may lie */
  if (type == MG_AMF_TYPED_OBJECT)
    p->doc->values[index].text = mg_amf_take_text(p, mg_reader_be16(&p->in));
  return mg_amf_open(p, frame, error);
}

static gboolean
read_value(MgAmfParser *p, const char *name, GError **error)
{
  guint8 marker = mg_reader_u8(&p->in);
  if (marker == AVMPLUS_OBJECT)
    return mg_amf3_read(p, name, error);
  MgAmf *v = mg_amf_add(p->doc, marker, name, error);
  if (v == NULL)
    return FALSE;
  switch (marker) {
  case MG_AMF_NUMBER: v->number = mg_reader_be_double(&p->in); break;
  case MG_AMF_BOOLEAN: v->number = mg_reader_u8(&p->in) != 0; break;
  case MG_AMF_STRING: v->text = mg_amf_take_text(p, mg_reader_be16(&p->in)); break;
  case MG_AMF_NULL:
  case MG_AMF_UNDEFINED:
  case MG_AMF_UNSUPPORTED: break;
  case MG_AMF_REFERENCE: v->number = mg_reader_be16(&p->in); break;
  case MG_AMF_DATE:
    v->number = mg_reader_be_double(&p->in);
    mg_reader_be16(&p->in); /* a time zone that is always 0 (2.13) */
    break;
  case MG_AMF_LONG_STRING:
  case MG_AMF_XML: v->text = mg_amf_take_text(p, mg_reader_be32(&p->in)); break;
  case MG_AMF_OBJECT:
  case MG_AMF_ECMA_ARRAY:
  case MG_AMF_STRICT_ARRAY:
  case MG_AMF_TYPED_OBJECT: return read_container(p, marker, error);
  default: v->type = MG_AMF_UNKNOWN; p->is_over = TRUE;
  }
  return TRUE;
}

/* One step: the end of the innermost container, or one more value in it. */
static gboolean
step(MgAmfParser *p, GError **error)
{
  MgAmfFrame *top = &p->frames[p->n_frames - 1];
  const char *name = NULL;
  if (top->place > MG_AMF_IN_LIST)
    return mg_amf3_step(p, error);
  if (top->place == MG_AMF_IN_MEMBERS) {
    const guint8 *end = mg_reader_peek(&p->in, 3);
    if (end != NULL && end[0] == 0 && end[1] == 0 && end[2] == OBJECT_END) {
      mg_reader_skip(&p->in, 3);
      mg_amf_close(p);
      return TRUE;
    }
    name = mg_amf_take_text(p, mg_reader_be16(&p->in));
  } else if (top->left-- == 0) {
    mg_amf_close(p);
    return TRUE;
  }
  return read_value(p, name, error);
}

static gboolean
parse_all(MgAmfParser *p, GError **error)
{
  MgAmfFrame all = { .place = MG_AMF_IN_LIST, .left = G_MAXUINT32 };
  if (mg_amf_add(p->doc, MG_AMF_STRICT_ARRAY, NULL, error) == NULL || !mg_amf_open(p, all, error))
    return FALSE;
  while (mg_reader_left(&p->in) > 0 && !p->is_over) {
    if (!step(p, error))
      return FALSE;
    if (mg_reader_failed(&p->in))
      return mg_amf_fail(error, MG_RTMP_ERROR_PROTOCOL, "a value is cut short");
  }
  while (p->n_frames > 0)
    mg_amf_close(p);
  return TRUE;
}

MgAmfDoc *
mg_amf_parse(const guint8 *data, gsize size, GError **error)
{
  g_autoptr(MgAmfDoc) doc = g_new0(MgAmfDoc, 1);
  /* A text's NUL fits where its length prefix was. */
  doc->pool = g_try_malloc(size + 1);
  if (doc->pool == NULL) {
    mg_amf_fail(error, MG_RTMP_ERROR_MEMORY, "no memory for its text");
    return NULL;
  }
  MgAmfParser p = { .in = MG_READER(data, size), .doc = doc };
  gboolean is_fine = parse_all(&p, error);
  mg_amf3_clear(&p);
  return is_fine ? g_steal_pointer(&doc) : NULL;
}

void
mg_amf_doc_free(MgAmfDoc *doc)
{
  if (doc == NULL)
    return;
  g_free(doc->values);
  g_free(doc->pool);
  g_free(doc);
}

const MgAmf *
mg_amf_doc_root(const MgAmfDoc *doc)
{
  return doc->values;
}

const MgAmf *
mg_amf_first(const MgAmf *parent)
{
  return parent != NULL && parent->span > 1 ? parent + 1 : NULL;
}

const MgAmf *
mg_amf_next(const MgAmf *parent, const MgAmf *child)
{
  const MgAmf *next = child + child->span;
  return next < parent + parent->span ? next : NULL;
}

const MgAmf *
mg_amf_nth(const MgAmf *parent, guint n)
{
  const MgAmf *v = mg_amf_first(parent);
  for (; v != NULL && n > 0; n--)
    v = mg_amf_next(parent, v);
  return v;
}

const MgAmf *
mg_amf_follow(const MgAmf *value)
{
  return value != NULL ? value - value->back : NULL;
}

const MgAmf *
mg_amf_member(const MgAmf *object, const char *name)
{
  const MgAmf *found = NULL;
  object = mg_amf_follow(object);
  for (const MgAmf *v = mg_amf_first(object); v != NULL; v = mg_amf_next(object, v))
    if (v->name != NULL && strcmp(v->name, name) == 0)
      found = v;
  return found;
}

const char *
mg_amf_string(const MgAmf *value, const char *otherwise)
{
  gboolean is_text =
      value != NULL && (value->type == MG_AMF_STRING || value->type == MG_AMF_LONG_STRING);
  return is_text ? value->text : otherwise;
}

static gdouble
number_in_text(const char *text)
{
  char *end = NULL;
  gdouble v = g_ascii_strtod(text, &end);
  return end != text && *end == '\0' ? v : (gdouble) NAN;
}

gdouble
mg_amf_number(const MgAmf *value, gdouble low, gdouble high, gdouble otherwise)
{
  gdouble v = NAN;
  if (value != NULL && (value->type == MG_AMF_NUMBER || value->type == MG_AMF_BOOLEAN))
    v = value->number;
  else if (mg_amf_string(value, NULL) != NULL)
    v = number_in_text(value->text);
  return isfinite(v) ? CLAMP(v, low, high) : otherwise;
}
