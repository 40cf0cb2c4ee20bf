#include "rtmp/chunk-header.h"

#include <string.h>

void
mg_rtmp_chunk_header_read_basic(MgReader *in, MgRtmpChunkHeader *h)
{
  guint8 first = mg_reader_u8(in);
  *h = (MgRtmpChunkHeader){ .fmt = first >> 6, .csid = first & 0x3f };
  if (h->csid == 0)
    h->csid = 64 + mg_reader_u8(in);
  else if (h->csid == 1)
    h->csid = 64 + mg_reader_le16(in);
}

/*
 * A fmt 3 chunk repeats the extended timestamp, except from clients that leave it out: it is there
 * if the bytes say so. Bytes that may yet become it fail the reader, which asks for more.
 */
static void
skip_repeated(MgReader *in, guint32 field)
{
  guint32 expected = GUINT32_TO_BE(field);
  gsize n = MIN(mg_reader_left(in), sizeof expected);
  if (memcmp(mg_reader_peek(in, n), &expected, n) == 0)
    mg_reader_skip(in, sizeof expected);
}

void
mg_rtmp_chunk_header_read_rest(MgReader *in, MgRtmpChunkHeader *h, const guint32 *repeated)
{
  if (h->fmt == 3) {
    if (repeated != NULL)
      skip_repeated(in, *repeated);
    return;
  }
  h->field = mg_reader_be24(in);
  if (h->fmt <= 1) {
    h->length = mg_reader_be24(in);
    h->type = mg_reader_u8(in);
  }
  if (h->fmt == 0)
    h->stream_id = mg_reader_le32(in);
  h->is_extended = h->field == MG_RTMP_EXTENDED;
  if (h->is_extended)
    h->field = mg_reader_be32(in);
}

static void
write_basic(MgWriter *out, guint fmt, guint32 csid)
{
  guint8 high = (guint8) (fmt << 6);
  if (csid < 64) {
    mg_writer_u8(out, high | (guint8) csid);
  } else if (csid < 64 + 256) {
    mg_writer_u8(out, high);
    mg_writer_u8(out, (guint8) (csid - 64));
  } else {
    mg_writer_u8(out, high | 1);
    mg_writer_u8(out, (guint8) ((csid - 64) & 0xff));
    mg_writer_u8(out, (guint8) ((csid - 64) >> 8));
  }
}

void
mg_rtmp_chunk_header_write(MgWriter *out, guint fmt, guint32 field, const MgRtmpMessage *message)
{
  write_basic(out, fmt, message->csid);
  if (fmt <= 2)
    mg_writer_be24(out, MIN(field, MG_RTMP_EXTENDED));
  if (fmt <= 1) {
    mg_writer_be24(out, (guint32) message->size);
    mg_writer_u8(out, message->type);
  }
  if (fmt == 0)
    mg_writer_le32(out, message->stream_id);
  if (field >= MG_RTMP_EXTENDED)
    mg_writer_be32(out, field);
}
