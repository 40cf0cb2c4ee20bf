/*
 * XML, written element by element with indentation. For the MPD writer of this folder.
 *
 *   mg_xml_open(x, "Period");
 *   mg_xml_text(x, "id", "p0");
 *   mg_xml_children(x);          or mg_xml_empty(x), and that is all
 *   …
 *   mg_xml_close(x, "Period");
 *
 * Names are ours and written as they are; values are escaped. No failure. Any thread, one at a time.
 */
#pragma once

#include "bytes/writer.h"
#include "manifest/ratio.h"

typedef struct {
  MgWriter *w; /* borrowed */
  guint depth;
} MgXml;

void mg_xml_open(MgXml *x, const char *element);
/* Ends the start tag: children follow, up to the close. */
void mg_xml_children(MgXml *x);
/* Ends the element: it has none. */
void mg_xml_empty(MgXml *x);
void mg_xml_close(MgXml *x, const char *element);

/* Ends the start tag, and the element behind TEXT, which is escaped. */
void mg_xml_content(MgXml *x, const char *element, const char *text);

/* An attribute of the element just opened. Not written: NULL and "", and a ratio with a 0. */
void mg_xml_text(MgXml *x, const char *name, const char *value);
void mg_xml_number(MgXml *x, const char *name, guint64 value);
void mg_xml_date(MgXml *x, const char *name, gint64 utc_us);
void mg_xml_duration(MgXml *x, const char *name, guint64 ms);
/* SEPARATOR stands between the two, as in 16:9. A denominator of 1 may stand for itself (30/1). */
void mg_xml_ratio(MgXml *x, const char *name, MgRatio value, char separator);

/* VALUE thousandths, as a decimal number: 1.5, 0.96, 2. */
void mg_xml_thousandths(MgXml *x, const char *name, guint64 value);

/* The same, except that 0 is not written. */
void mg_xml_thousandths_if_any(MgXml *x, const char *name, guint64 value);
void mg_xml_number_if_any(MgXml *x, const char *name, guint64 value);
void mg_xml_duration_if_any(MgXml *x, const char *name, guint64 ms);
