#include "http/two/two.h"

#include <string.h>

enum {
  MOST_FIELDS = 100,
  MOST_KEPT = 16, /* fields that mean something here, and the pseudo-fields */
  OVERHEAD = 32,  /* of a field, by the reckoning of RFC 9113 §6.5.2 */
  BEYOND = 4,     /* times the limit: then nobody waits for the end to say so */
};

struct MgHttpTwoHead {
  gsize most, size; /* bytes */
  guint n_fields;
  guint status; /* to refuse it with; 0: none so far */
  guint n_kept;
  struct {
    nghttp2_rcbuf *name, *value;
  } kept[MOST_KEPT];
};

MgHttpTwoHead *
mg_http_two_head_new(gsize most_bytes)
{
  MgHttpTwoHead *head = g_new0(MgHttpTwoHead, 1);
  head->most = most_bytes;
  return head;
}

void
mg_http_two_head_free(MgHttpTwoHead *head)
{
  if (head == NULL)
    return;
  for (guint i = 0; i < head->n_kept; i++) {
    nghttp2_rcbuf_decref(head->kept[i].name);
    nghttp2_rcbuf_decref(head->kept[i].value);
  }
  g_free(head);
}

static MgHttpText
text_of(nghttp2_rcbuf *buffer)
{
  nghttp2_vec v = nghttp2_rcbuf_get_buf(buffer);
  return (MgHttpText){ (const char *) v.base, v.len };
}

static gboolean
is_of_use(MgHttpText name)
{
  static const char *const words[] = { ":method", ":path" };
  for (guint i = 0; i < G_N_ELEMENTS(words); i++)
    if (mg_http_text_is(name, words[i]))
      return TRUE;
  return mg_http_fields_knows(name);
}

static void
keep(MgHttpTwoHead *head, nghttp2_rcbuf *name, nghttp2_rcbuf *value)
{
  if (head->n_kept == MOST_KEPT) {
    head->status = 431;
    return;
  }
  nghttp2_rcbuf_incref(name);
  nghttp2_rcbuf_incref(value);
  head->kept[head->n_kept].name = name;
  head->kept[head->n_kept++].value = value;
}

gboolean
mg_http_two_head_add(MgHttpTwoHead *head, nghttp2_rcbuf *name, nghttp2_rcbuf *value)
{
  MgHttpText n = text_of(name);
  head->size += n.size + text_of(value).size + OVERHEAD;
  if (++head->n_fields > MOST_FIELDS || head->size > head->most)
    head->status = mg_http_text_is(n, ":path") ? 414 : 431;
  else if (head->status == 0 && is_of_use(n))
    keep(head, name, value);
  return head->size <= BEYOND * head->most && head->n_fields <= BEYOND * MOST_FIELDS;
}

static MgHttpText
find(const MgHttpTwoHead *head, const char *word)
{
  for (guint i = 0; i < head->n_kept; i++)
    if (mg_http_text_is(text_of(head->kept[i].name), word))
      return text_of(head->kept[i].value);
  return (MgHttpText){ NULL };
}

static guint
add_all(const MgHttpTwoHead *head, MgHttpFields *fields)
{
  guint status = 0;
  for (guint i = 0; i < head->n_kept && status == 0; i++) {
    MgHttpText name = text_of(head->kept[i].name);
    if (name.size > 0 && name.at[0] != ':')
      status = mg_http_fields_add(fields, name, text_of(head->kept[i].value));
  }
  return status;
}

/* That there is a method, and a path where there has to be one, nghttp2 has seen to. */
guint
mg_http_two_head_end(MgHttpTwoHead *head, gboolean has_body, MgHttpHead *out)
{
  MgHttpFields fields;
  mg_http_fields_begin(&fields, out);
  out->minor = 1;
  out->has_frames = TRUE;
  if (head->status != 0)
    return head->status;
  MgHttpText path = find(head, ":path");
  guint status = mg_http_fields_method(&fields, find(head, ":method"));
  if (status == 0 && path.at != NULL)
    status = mg_http_fields_target(&fields, path);
  if (status == 0)
    status = add_all(head, &fields);
  fields.n_hosts |= 1; /* it may be in :authority, where nghttp2 has seen it */
  if (status == 0)
    status = mg_http_fields_end(&fields);
  out->has_body |= has_body;
  return status;
}
