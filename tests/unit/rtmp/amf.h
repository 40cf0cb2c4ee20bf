/* What tests of AMF0 and AMF3 share: bytes to documents, and documents to text. */
#pragma once

#include "hex.h"
#include "rtmp/amf0.h"
#include "rtmp/error.h"

static inline MgAmfDoc *
parse_hex(const char *text, GError **error)
{
  g_auto(MgWriter) in = MG_WRITER_INIT;
  put_hex(&in, text);
  /* An exact copy: the writer has room behind its bytes that would hide a read past the end. */
  g_autofree guint8 *exact = g_memdup2(in.data, in.size);
  return mg_amf_parse(exact, in.size, error);
}

/* The document as text: one word per value, members as name=value, references as type<number. */
static inline void
describe(GString *out, const MgAmf *v)
{
  if (v->name != NULL)
    g_string_append_printf(out, "%s=", v->name);
  if (mg_amf_follow(v) != v)
    g_string_append_printf(out, "%02x<%g", mg_amf_follow(v)->type, v->number);
  else if (v->text != NULL)
    g_string_append_printf(out, "%02x'%s'", v->type, v->text);
  else
    g_string_append_printf(out, "%02x:%g", v->type, v->number);
  if (mg_amf_first(v) == NULL)
    return;
  g_string_append_c(out, '(');
  for (const MgAmf *c = mg_amf_first(v); c != NULL; c = mg_amf_next(v, c)) {
    describe(out, c);
    g_string_append_c(out, ' ');
  }
  out->str[out->len - 1] = ')';
}

static inline void
assert_parses(const char *hex, const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MgAmfDoc) doc = parse_hex(hex, &error);
  g_assert_no_error(error);
  g_autoptr(GString) out = g_string_new(NULL);
  describe(out, mg_amf_doc_root(doc));
  g_assert_cmpstr(out->str, ==, expected);
}

static inline void
assert_refused(const char *hex, MgRtmpError code)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(parse_hex(hex, &error));
  g_assert_error(error, MG_RTMP_ERROR, (gint) code);
}
