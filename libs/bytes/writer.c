#include "bytes/writer.h"

#include <string.h>

/* Growing fast: most of what is written is a few bytes or a manifest. */
enum { FIRST_ROOM = 64, GROWTH = 4 };

void
mg_writer_clear(MgWriter *w)
{
  if (w == NULL)
    return;
  g_free(w->data);
  *w = MG_WRITER_INIT;
}

void
mg_writer_reset(MgWriter *w)
{
  w->size = 0;
}

guint8 *
mg_writer_steal(MgWriter *w, gsize *size)
{
  if (size != NULL)
    *size = w->size;
  guint8 *data = w->data;
  *w = MG_WRITER_INIT;
  return data;
}

gboolean
mg_writer_reserve(MgWriter *w, gsize n)
{
  if (n <= w->room - w->size)
    return TRUE;
  if (n > G_MAXSIZE / 2 - w->size)
    return FALSE;
  gsize room = MAX(w->size + n, w->room + w->room / 2); /* so that many in turn stay cheap */
  guint8 *data = g_try_realloc(w->data, room);
  if (data == NULL)
    return FALSE;
  w->data = data;
  w->room = room;
  return TRUE;
}

guint8 *
mg_writer_extend(MgWriter *w, gsize n)
{
  if (n > w->room - w->size) {
    w->room = MAX(MAX(w->room * GROWTH, w->size + n), FIRST_ROOM);
    w->data = g_realloc(w->data, w->room);
  }
  guint8 *at = w->data + w->size;
  w->size += n;
  return at;
}

void
mg_writer_bytes(MgWriter *w, gconstpointer bytes, gsize n)
{
  if (n > 0)
    memcpy(mg_writer_extend(w, n), bytes, n);
}

void
mg_writer_zeros(MgWriter *w, gsize n)
{
  if (n > 0)
    memset(mg_writer_extend(w, n), 0, n);
}

void
mg_writer_text(MgWriter *w, const char *text)
{
  mg_writer_bytes(w, text, strlen(text));
}

static void
put_be(guint8 *at, guint64 v, guint n)
{
  for (guint i = 0; i < n; i++)
    at[i] = (guint8) (v >> (8 * (n - 1 - i)));
}

void
mg_writer_u8(MgWriter *w, guint8 v)
{
  put_be(mg_writer_extend(w, 1), v, 1);
}

void
mg_writer_be16(MgWriter *w, guint16 v)
{
  put_be(mg_writer_extend(w, 2), v, 2);
}

void
mg_writer_be24(MgWriter *w, guint32 v)
{
  put_be(mg_writer_extend(w, 3), v, 3);
}

void
mg_writer_be32(MgWriter *w, guint32 v)
{
  put_be(mg_writer_extend(w, 4), v, 4);
}

void
mg_writer_be64(MgWriter *w, guint64 v)
{
  put_be(mg_writer_extend(w, 8), v, 8);
}

void
mg_writer_le32(MgWriter *w, guint32 v)
{
  mg_writer_be32(w, GUINT32_SWAP_LE_BE(v));
}

void
mg_writer_be_double(MgWriter *w, gdouble v)
{
  guint64 bits;
  memcpy(&bits, &v, sizeof bits);
  mg_writer_be64(w, bits);
}

void
mg_writer_patch_be32(MgWriter *w, gsize at, guint32 v)
{
  g_assert(at + 4 <= w->size);
  put_be(w->data + at, v, 4);
}
