#include "cmaf/box.h"

enum { TYPE_CHARS = 4 };

gsize
mg_box_begin(MgWriter *w, const char *type)
{
  gsize begin = w->size;
  mg_writer_be32(w, 0);
  mg_writer_be32(w, mg_box_type(type));
  return begin;
}

gsize
mg_full_box_begin(MgWriter *w, const char *type, guint8 version, guint32 flags)
{
  gsize begin = mg_box_begin(w, type);
  mg_writer_u8(w, version);
  mg_writer_be24(w, flags);
  return begin;
}

void
mg_box_end(MgWriter *w, gsize begin)
{
  mg_writer_patch_be32(w, begin, (guint32) (w->size - begin));
}

gboolean
mg_box_next(MgReader *r, MgBox *box)
{
  if (mg_reader_left(r) == 0)
    return FALSE;
  gsize whole = mg_reader_left(r);
  box->begin = r->pos;
  guint64 size = mg_reader_be32(r);
  box->type = mg_reader_be32(r);
  if (size == 1)
    size = mg_reader_be64(r);
  else if (size == 0)
    size = whole;
  box->header_size = (guint) (r->pos - box->begin);
  if (mg_reader_failed(r) || size < box->header_size || size > whole)
    return mg_reader_fail(r);
  box->body = mg_reader_sub(r, (gsize) size - box->header_size);
  return TRUE;
}

gboolean
mg_box_find(const MgReader *r, const char *type, MgBox *box)
{
  MgReader rest = *r;
  while (mg_box_next(&rest, box))
    if (mg_box_is(box, type))
      return TRUE;
  return FALSE;
}

gboolean
mg_box_find_path(const MgReader *r, const char *path, MgBox *box)
{
  if (!mg_box_find(r, path, box))
    return FALSE;
  for (gsize at = TYPE_CHARS; path[at] == '/'; at += 1 + TYPE_CHARS) {
    MgReader inside = box->body;
    if (!mg_box_find(&inside, path + at + 1, box))
      return FALSE;
  }
  return TRUE;
}

void
mg_full_box_read(MgReader *body, guint8 *version, guint32 *flags)
{
  *version = mg_reader_u8(body);
  *flags = mg_reader_be24(body);
}
