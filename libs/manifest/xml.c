#include "manifest/xml.h"

#include "manifest/text.h"

static void
indent(MgXml *x)
{
  for (guint i = 0; i < x->depth; i++)
    mg_writer_text(x->w, "  ");
}

void
mg_xml_open(MgXml *x, const char *element)
{
  indent(x);
  mg_writer_u8(x->w, '<');
  mg_writer_text(x->w, element);
}

void
mg_xml_children(MgXml *x)
{
  mg_writer_text(x->w, ">\n");
  x->depth++;
}

void
mg_xml_empty(MgXml *x)
{
  mg_writer_text(x->w, "/>\n");
}

void
mg_xml_close(MgXml *x, const char *element)
{
  x->depth--;
  indent(x);
  mg_writer_text(x->w, "</");
  mg_writer_text(x->w, element);
  mg_writer_text(x->w, ">\n");
}

/* Production 10 of XML 1.0; white space as references, or reading would turn it into spaces. */
static const char *
escape_value(guint8 c, char scratch[4])
{
  switch (c) {
  case '&': return "&amp;";
  case '<': return "&lt;";
  case '>': return "&gt;";
  case '"': return "&quot;";
  case '\t': return "&#9;";
  case '\n': return "&#10;";
  case '\r': return "&#13;";
  default: return c < 0x20 || c == 0x7f ? "" : NULL;
  }
}

static void
begin_value(MgXml *x, const char *name)
{
  mg_writer_u8(x->w, ' ');
  mg_writer_text(x->w, name);
  mg_writer_text(x->w, "=\"");
}

static void
end_value(MgXml *x)
{
  mg_writer_u8(x->w, '"');
}

void
mg_xml_content(MgXml *x, const char *element, const char *text)
{
  mg_writer_u8(x->w, '>');
  mg_text_escaped(x->w, text, escape_value);
  mg_writer_text(x->w, "</");
  mg_writer_text(x->w, element);
  mg_writer_text(x->w, ">\n");
}

void
mg_xml_text(MgXml *x, const char *name, const char *value)
{
  if (value == NULL || *value == '\0')
    return;
  begin_value(x, name);
  mg_text_escaped(x->w, value, escape_value);
  end_value(x);
}

void
mg_xml_number(MgXml *x, const char *name, guint64 value)
{
  begin_value(x, name);
  mg_text_u64(x->w, value);
  end_value(x);
}

void
mg_xml_date(MgXml *x, const char *name, gint64 utc_us)
{
  begin_value(x, name);
  mg_text_date(x->w, utc_us);
  end_value(x);
}

void
mg_xml_duration(MgXml *x, const char *name, guint64 ms)
{
  begin_value(x, name);
  mg_text_duration(x->w, ms);
  end_value(x);
}

void
mg_xml_thousandths(MgXml *x, const char *name, guint64 value)
{
  begin_value(x, name);
  mg_text_thousandths(x->w, value);
  end_value(x);
}

void
mg_xml_ratio(MgXml *x, const char *name, MgRatio value, char separator)
{
  if (value.num == 0 || value.den == 0)
    return;
  begin_value(x, name);
  mg_text_u64(x->w, value.num);
  if (separator != '/' || value.den != 1) {
    mg_writer_u8(x->w, (guint8) separator);
    mg_text_u64(x->w, value.den);
  }
  end_value(x);
}

void
mg_xml_number_if_any(MgXml *x, const char *name, guint64 value)
{
  if (value != 0)
    mg_xml_number(x, name, value);
}

void
mg_xml_duration_if_any(MgXml *x, const char *name, guint64 ms)
{
  if (ms != 0)
    mg_xml_duration(x, name, ms);
}

void
mg_xml_thousandths_if_any(MgXml *x, const char *name, guint64 value)
{
  if (value != 0)
    mg_xml_thousandths(x, name, value);
}
