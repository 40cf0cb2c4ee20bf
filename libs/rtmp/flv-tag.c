#include "rtmp/flv.h"

#include <string.h>

enum { TYPE_MASK = 0x1f };

gboolean
mg_flv_file_begin(MgReader *r)
{
  const guint8 *signature = mg_reader_take(r, 3);
  mg_reader_skip(r, 2); /* version and flags */
  guint32 header_size = mg_reader_be32(r);
  if (signature == NULL || memcmp(signature, "FLV", 3) != 0 || header_size < 9)
    return mg_reader_fail(r);
  mg_reader_skip(r, header_size - 9);
  mg_reader_skip(r, 4); /* the back pointer before the first tag */
  return !mg_reader_failed(r);
}

/* FLVTAG (E.4.1). */
gboolean
mg_flv_tag_read(MgReader *r, MgFlvTag *tag)
{
  if (mg_reader_left(r) == 0)
    return FALSE;
  guint8 type = mg_reader_u8(r) & TYPE_MASK;
  guint32 size = mg_reader_be24(r);
  guint32 low = mg_reader_be24(r);
  guint32 high = mg_reader_u8(r);
  mg_reader_skip(r, 3); /* stream id, always 0 */
  const guint8 *data = mg_reader_take(r, size);
  if (mg_reader_failed(r))
    return FALSE;
  mg_reader_skip(r, MIN(mg_reader_left(r), 4));
  *tag = (MgFlvTag){ .type = type, .timestamp_ms = high << 24 | low, .data = data, .size = size };
  return TRUE;
}
