/*
 * The small words that playlists and MPDs are made of: numbers, dates, strings that are safe.
 *
 * For the writers of this folder. Everything is appended to a writer, exact, and the same in every
 * locale. No failure. Any thread.
 */
#pragma once

#include "bytes/writer.h"

void mg_text_u64(MgWriter *w, guint64 v);

/* With leading zeros up to DIGITS, 1 to 20, which V must not exceed. */
void mg_text_padded(MgWriter *w, guint64 v, guint digits);

/* NUM / DEN with so many DECIMALS, 1 to 6, half rounded up. DEN is not 0. */
void mg_text_fraction(MgWriter *w, guint64 num, guint64 den, guint decimals);

/* V thousandths without zeros at the end: 1.5, 0.96, 2. */
void mg_text_thousandths(MgWriter *w, guint64 v);

/* 2024-02-29T23:59:59.250Z, rounded to the millisecond, kept within the years 1 to 9999. */
void mg_text_date(MgWriter *w, gint64 utc_us);

/* An ISO 8601 duration: PT0S, PT3.96S, PT25H0M1S is written PT25H1S. */
void mg_text_duration(MgWriter *w, guint64 ms);

/* What to write for the byte C instead: NULL for C itself. SCRATCH may hold the answer. */
typedef const char *(*MgTextEscape)(guint8 c, char scratch[4]);

/* TEXT with every byte replaced that ESCAPE replaces; what is not UTF-8 becomes '?'. */
void mg_text_escaped(MgWriter *w, const char *text, MgTextEscape escape);

/* Between quotation marks, without any inside and without control characters. */
void mg_text_quoted(MgWriter *w, const char *text);

/* A URI reference with everything percent-encoded that would end it or its line. */
void mg_text_uri(MgWriter *w, const char *uri);
