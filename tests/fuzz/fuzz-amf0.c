/* Any bytes as AMF0 with AMF3 in it: whatever parses can be walked, and its tree is as large as it says. */
#include "rtmp/amf0.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* The values below V, itself included; recursion ends at MG_AMF_DEPTH. */
static guint
count(const MgAmf *v, guint depth)
{
  guint n = 1;
  g_assert(depth <= MG_AMF_DEPTH + 1);
  g_assert(v->text == NULL || strlen(v->text) <= G_MAXINT);
  g_assert(mg_amf_follow(v)->type != MG_AMF_REFERENCE || v->type == MG_AMF_REFERENCE);
  for (const MgAmf *c = mg_amf_first(v); c != NULL; c = mg_amf_next(v, c))
    n += count(c, depth + 1);
  g_assert(n == v->span);
  return n;
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MgAmfDoc) doc = mg_amf_parse(data, size, &error);
  g_assert((doc == NULL) == (error != NULL));
  if (doc == NULL)
    return 0;
  const MgAmf *root = mg_amf_doc_root(doc);
  guint n = count(root, 0);
  g_assert(n <= MG_AMF_VALUES && n <= size + 1);
  for (const MgAmf *v = mg_amf_first(root); v != NULL; v = mg_amf_next(root, v)) {
    gdouble number = mg_amf_number(mg_amf_member(v, "width"), 0, 10, 5);
    g_assert(number >= 0 && number <= 10);
  }
  return 0;
}
