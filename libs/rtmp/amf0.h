/*
 * AMF0 (Adobe's amf0-file-format-specification): reading into a tree, and writing. AMF3 values
 * (amf3-file-format-spec), which stand in AMF0 behind a marker of their own, are read into the same
 * tree: integers as numbers, vectors as strict arrays, dictionaries as arrays of key, value, key,
 * value … Nothing is ever written in AMF3: who reads it reads AMF0, too.
 *
 * mg_amf_parse() reads a run of values, as commands and data messages carry them, into one document
 * that owns all its memory; values and strings are borrowed from it. The document never looks at the
 * input again. Nothing recurses, neither parsing nor freeing.
 *
 * Peers are sloppy, so the parser forgives what can be understood: an array's count is a hint and
 * allocates nothing; input that ends between two values closes every open object and array; an
 * unknown marker becomes a value of type UNKNOWN and ends the document there, since nothing says how
 * long it is. Errors (MG_RTMP_ERROR_PROTOCOL, _LIMIT, _MEMORY) are input that ends inside a value,
 * nesting deeper than MG_AMF_DEPTH, and more than MG_AMF_VALUES values.
 *
 * Any thread, one at a time; a document may be read by many.
 */
#pragma once

#include "bytes/writer.h"

#include <glib.h>

enum { MG_AMF_DEPTH = 32, MG_AMF_VALUES = 16384 };

/* The numbers are the markers of AMF0, except the last two. */
typedef enum {
  MG_AMF_NUMBER = 0x00,
  MG_AMF_BOOLEAN = 0x01,
  MG_AMF_STRING = 0x02,
  MG_AMF_OBJECT = 0x03,
  MG_AMF_NULL = 0x05,
  MG_AMF_UNDEFINED = 0x06,
  MG_AMF_REFERENCE = 0x07,
  MG_AMF_ECMA_ARRAY = 0x08,
  MG_AMF_STRICT_ARRAY = 0x0a,
  MG_AMF_DATE = 0x0b,
  MG_AMF_LONG_STRING = 0x0c,
  MG_AMF_UNSUPPORTED = 0x0d,
  MG_AMF_XML = 0x0f,
  MG_AMF_TYPED_OBJECT = 0x10,
  MG_AMF_BYTES = 0x80, /* of AMF3; they are passed over */
  MG_AMF_UNKNOWN = 0xff,
} MgAmfType;

/* One value. Children follow their parent in memory: walk them with the functions below only. */
typedef struct {
  MgAmfType type;
  guint32 span;     /* private: values in this subtree, this one included */
  guint32 back;     /* private: of an AMF3 reference, how many values before it the meant one is */
  const char *name; /* of this property in its object; NULL outside of one */
  const char *text; /* string, long string, xml, typed object's class; else NULL */
  gdouble number;   /* number, boolean (0 or 1), date (ms since 1970), reference; may be NaN */
} MgAmf;

typedef struct MgAmfDoc MgAmfDoc;

/*
 * Returned-owned: the document, or NULL with ERROR set. Text is made NUL-terminated; a NUL inside it
 * becomes SUB (0x1a), so it cannot hide what follows. It need not be UTF-8.
 */
MgAmfDoc *mg_amf_parse(const guint8 *data, gsize size, GError **error);
void mg_amf_doc_free(MgAmfDoc *doc);

/* The value, an array without a name, whose children are the document's values in order. */
const MgAmf *mg_amf_doc_root(const MgAmfDoc *doc);

/* Walking: the children of an object or array in order, NULL at the end. NULL has no children. */
const MgAmf *mg_amf_first(const MgAmf *parent);
const MgAmf *mg_amf_next(const MgAmf *parent, const MgAmf *child);
const MgAmf *mg_amf_nth(const MgAmf *parent, guint n);

/*
 * What an AMF3 reference refers to, which may be one of its parents: walk no further than you know the
 * shape. Any other value (AMF0's references, too; NULL) is itself.
 */
const MgAmf *mg_amf_follow(const MgAmf *value);

/*
 * The last property called NAME of an object, ECMA array or typed object, or of what OBJECT refers to;
 * NULL without one.
 */
const MgAmf *mg_amf_member(const MgAmf *object, const char *name);

/* The text of a string or long string; OTHERWISE (may be NULL) for any other value, NULL too. */
const char *mg_amf_string(const MgAmf *value, const char *otherwise);

/*
 * The number in VALUE, moved into LOW..HIGH. A boolean counts as 0 or 1, a string that holds a
 * number as that number. NaN, infinity and all other values, NULL too, give OTHERWISE.
 */
gdouble mg_amf_number(const MgAmf *value, gdouble low, gdouble high, gdouble otherwise);

/* Writing. An object is begin, then property or name and value for each member, then end. */
void mg_amf_write_number(MgWriter *w, gdouble v);
void mg_amf_write_boolean(MgWriter *w, gboolean v);
void mg_amf_write_string(MgWriter *w, const char *text); /* long string above 65535 bytes */
void mg_amf_write_null(MgWriter *w);
void mg_amf_write_undefined(MgWriter *w);
void mg_amf_write_object_begin(MgWriter *w);
void mg_amf_write_ecma_begin(MgWriter *w, guint32 count);
void mg_amf_write_strict_begin(MgWriter *w, guint32 count); /* has no end */
void mg_amf_write_name(MgWriter *w, const char *name);      /* at most 65535 bytes */
void mg_amf_write_end(MgWriter *w);
void mg_amf_write_property_number(MgWriter *w, const char *name, gdouble v);
void mg_amf_write_property_boolean(MgWriter *w, const char *name, gboolean v);
void mg_amf_write_property_string(MgWriter *w, const char *name, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgAmfDoc, mg_amf_doc_free)
