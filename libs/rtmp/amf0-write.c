#include "rtmp/amf0.h"

#include <string.h>

void
mg_amf_write_number(MgWriter *w, gdouble v)
{
  mg_writer_u8(w, MG_AMF_NUMBER);
  mg_writer_be_double(w, v);
}

void
mg_amf_write_boolean(MgWriter *w, gboolean v)
{
  mg_writer_u8(w, MG_AMF_BOOLEAN);
  mg_writer_u8(w, v ? 1 : 0);
}

void
mg_amf_write_string(MgWriter *w, const char *text)
{
  gsize size = strlen(text);
  mg_writer_u8(w, size > G_MAXUINT16 ? MG_AMF_LONG_STRING : MG_AMF_STRING);
  if (size > G_MAXUINT16)
    mg_writer_be32(w, (guint32) size);
  else
    mg_writer_be16(w, (guint16) size);
  mg_writer_bytes(w, text, size);
}

void
mg_amf_write_null(MgWriter *w)
{
  mg_writer_u8(w, MG_AMF_NULL);
}

void
mg_amf_write_undefined(MgWriter *w)
{
  mg_writer_u8(w, MG_AMF_UNDEFINED);
}

void
mg_amf_write_object_begin(MgWriter *w)
{
  mg_writer_u8(w, MG_AMF_OBJECT);
}

void
mg_amf_write_ecma_begin(MgWriter *w, guint32 count)
{
  mg_writer_u8(w, MG_AMF_ECMA_ARRAY);
  mg_writer_be32(w, count);
}

void
mg_amf_write_strict_begin(MgWriter *w, guint32 count)
{
  mg_writer_u8(w, MG_AMF_STRICT_ARRAY);
  mg_writer_be32(w, count);
}

void
mg_amf_write_name(MgWriter *w, const char *name)
{
  gsize size = strlen(name);
  g_assert(size <= G_MAXUINT16);
  mg_writer_be16(w, (guint16) size);
  mg_writer_bytes(w, name, size);
}

void
mg_amf_write_end(MgWriter *w)
{
  mg_writer_be24(w, 0x000009);
}

void
mg_amf_write_property_number(MgWriter *w, const char *name, gdouble v)
{
  mg_amf_write_name(w, name);
  mg_amf_write_number(w, v);
}

void
mg_amf_write_property_boolean(MgWriter *w, const char *name, gboolean v)
{
  mg_amf_write_name(w, name);
  mg_amf_write_boolean(w, v);
}

void
mg_amf_write_property_string(MgWriter *w, const char *name, const char *text)
{
  mg_amf_write_name(w, name);
  mg_amf_write_string(w, text);
}
