#include "manifest/text.h"

#define US_PER_DAY (G_GINT64_CONSTANT(86400) * 1000000)

/* What GDate calls 1970-01-01. */
#define DAYS_TO_1970  719163

#define FIRST_DATE_US ((1 - DAYS_TO_1970) * US_PER_DAY)
#define LAST_DATE_US  (G_GINT64_CONSTANT(253402300799) * 1000000)

void
mg_text_u64(MgWriter *w, guint64 v)
{
  guint digits = 1;
  for (guint64 rest = v; rest >= 10; rest /= 10)
    digits++;
  mg_text_padded(w, v, digits);
}

void
mg_text_padded(MgWriter *w, guint64 v, guint digits)
{
  guint8 *at = mg_writer_extend(w, digits);
  for (guint i = digits; i > 0; i--, v /= 10)
    at[i - 1] = (guint8) ('0' + v % 10);
}

void
mg_text_fraction(MgWriter *w, guint64 num, guint64 den, guint decimals)
{
  guint64 one = 1;
  for (guint i = 0; i < decimals; i++)
    one *= 10;
  unsigned __int128 v = ((unsigned __int128) num * one + den / 2) / den;
  mg_text_u64(w, (guint64) (v / one));
  mg_writer_u8(w, '.');
  mg_text_padded(w, (guint64) (v % one), decimals);
}

void
mg_text_date(MgWriter *w, gint64 utc_us)
{
  /* From the first date on, so that no division sees a negative number. */
  gint64 us = CLAMP(utc_us, FIRST_DATE_US, LAST_DATE_US) - FIRST_DATE_US;
  guint64 ms = (guint64) (us + 500) / 1000;
  guint64 s = ms / 1000;
  GDate date;
  g_date_clear(&date, 1);
  g_date_set_julian(&date, (guint32) (s / 86400) + 1);

  mg_text_padded(w, g_date_get_year(&date), 4);
  mg_writer_u8(w, '-');
  mg_text_padded(w, g_date_get_month(&date), 2);
  mg_writer_u8(w, '-');
  mg_text_padded(w, g_date_get_day(&date), 2);
  mg_writer_u8(w, 'T');
  mg_text_padded(w, s / 3600 % 24, 2);
  mg_writer_u8(w, ':');
  mg_text_padded(w, s / 60 % 60, 2);
  mg_writer_u8(w, ':');
  mg_text_padded(w, s % 60, 2);
  mg_writer_u8(w, '.');
  mg_text_padded(w, ms % 1000, 3);
  mg_writer_u8(w, 'Z');
}

static void
put_unit(MgWriter *w, guint64 v, char unit)
{
  if (v == 0)
    return;
  mg_text_u64(w, v);
  mg_writer_u8(w, (guint8) unit);
}

void
mg_text_thousandths(MgWriter *w, guint64 v)
{
  guint64 fraction = v % 1000;
  guint digits = 3;
  mg_text_u64(w, v / 1000);
  if (fraction == 0)
    return;
  for (; fraction % 10 == 0; fraction /= 10)
    digits--;
  mg_writer_u8(w, '.');
  mg_text_padded(w, fraction, digits);
}

void
mg_text_duration(MgWriter *w, guint64 ms)
{
  guint64 s = ms / 1000;
  mg_writer_text(w, "PT");
  put_unit(w, s / 3600, 'H');
  put_unit(w, s / 60 % 60, 'M');
  if (ms != 0 && ms % 60000 == 0)
    return;
  mg_text_thousandths(w, ms % 60000);
  mg_writer_u8(w, 'S');
}

void
mg_text_escaped(MgWriter *w, const char *text, MgTextEscape escape)
{
  gboolean is_utf8 = g_utf8_validate(text, -1, NULL);
  const char *run = text; /* what is written as it is */
  const char *at = text;
  for (; *at != '\0'; at++) {
    guint8 c = (guint8) *at;
    char scratch[4];
    const char *instead = escape(c, scratch);
    if (instead == NULL && c >= 0x80 && !is_utf8)
      instead = "?";
    if (instead == NULL)
      continue;
    mg_writer_bytes(w, run, (gsize) (at - run));
    mg_writer_text(w, instead);
    run = at + 1;
  }
  mg_writer_bytes(w, run, (gsize) (at - run));
}

static const char *
escape_quoted(guint8 c, char scratch[4])
{
  return c < 0x20 || c == '"' || c == 0x7f ? "" : NULL;
}

void
mg_text_quoted(MgWriter *w, const char *text)
{
  mg_writer_u8(w, '"');
  mg_text_escaped(w, text, escape_quoted);
  mg_writer_u8(w, '"');
}

static const char *
escape_uri(guint8 c, char scratch[4])
{
  static const char hex[] = "0123456789ABCDEF";
  if (c > 0x20 && c < 0x7f && c != '"')
    return NULL;
  scratch[0] = '%';
  scratch[1] = hex[c >> 4];
  scratch[2] = hex[c & 15];
  scratch[3] = '\0';
  return scratch;
}

void
mg_text_uri(MgWriter *w, const char *uri)
{
  /* A line that starts with '#' is a comment (RFC 8216bis, 4.1). */
  if (*uri == '#') {
    mg_writer_text(w, "%23");
    uri++;
  }
  mg_text_escaped(w, uri, escape_uri);
}
