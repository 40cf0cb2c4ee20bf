#include "mpegts/pes.h"

enum {
  FIXED_BYTES = 6, /* start code, stream_id, length */
  FLAG_BYTES = 3,
  STAMP_BYTES = 5,
  ALIGNED = 0x84, /* '10', data_alignment_indicator */
};

/* Those whose packets have no flags behind the length (table 2-22). */
static gboolean
is_bare(guint stream_id)
{
  switch (stream_id) {
  case 0xbc: /* program_stream_map */
  case 0xbe: /* padding_stream */
  case 0xbf: /* private_stream_2 */
  case 0xf0: /* ECM */
  case 0xf1: /* EMM */
  case 0xf2: /* DSMCC_stream */
  case 0xf8: /* H.222.1 type E */
  case 0xff: /* program_stream_directory */ return TRUE;
  default: return FALSE;
  }
}

/* 33 bits in three pieces, each with a marker bit behind it. */
static gint64
read_stamp(MgReader *r)
{
  gint64 high = mg_reader_u8(r) >> 1 & 7;
  gint64 middle = mg_reader_be16(r) >> 1;
  gint64 low = mg_reader_be16(r) >> 1;
  return high << 30 | middle << 15 | low;
}

static MgTsPesResult
parse_flags(MgReader *r, gsize length, MgTsPes *pes)
{
  guint first = mg_reader_u8(r);
  guint flags = mg_reader_u8(r) >> 6;
  MgReader head = mg_reader_sub(r, mg_reader_u8(r));
  if (mg_reader_failed(r))
    return MG_TS_PES_MORE;
  pes->is_aligned = (first & 4) != 0;
  if (flags & 2)
    pes->pts = read_stamp(&head);
  if (flags == 3)
    pes->dts = read_stamp(&head);
  pes->head_size = r->pos;
  gboolean fits = length == 0 || length >= pes->head_size - FIXED_BYTES;
  if (first >> 6 != 2 || flags == 1 || mg_reader_failed(&head) || !fits)
    return MG_TS_PES_BAD;
  pes->is_open = length == 0;
  pes->payload_size = length == 0 ? 0 : length - (pes->head_size - FIXED_BYTES);
  return MG_TS_PES_HEAD;
}

MgTsPesResult
mg_ts_pes_parse(const guint8 *data, gsize size, MgTsPes *pes)
{
  MgReader r = MG_READER(data, size);
  guint32 start = mg_reader_be24(&r);
  *pes = (MgTsPes){ .stream_id = mg_reader_u8(&r), .pts = MG_TS_NONE, .dts = MG_TS_NONE };
  gsize length = mg_reader_be16(&r);
  if (size >= 3 && start != 1)
    return MG_TS_PES_BAD;
  if (mg_reader_failed(&r))
    return MG_TS_PES_MORE;
  if (!is_bare(pes->stream_id))
    return parse_flags(&r, length, pes);
  pes->head_size = FIXED_BYTES;
  pes->payload_size = length;
  return MG_TS_PES_HEAD;
}

static void
write_stamp(guint prefix, gint64 stamp, MgWriter *out)
{
  mg_writer_u8(out, (guint8) (prefix << 4 | (stamp >> 30 & 7) << 1 | 1));
  mg_writer_be16(out, (guint16) ((stamp >> 15 & 0x7fff) << 1 | 1));
  mg_writer_be16(out, (guint16) ((stamp & 0x7fff) << 1 | 1));
}

gboolean
mg_ts_pes_fits(gsize payload_size)
{
  return payload_size <= G_MAXUINT16 - FLAG_BYTES - 2 * STAMP_BYTES;
}

void
mg_ts_pes_write(const MgTsPes *pes, MgWriter *out)
{
  gboolean has_pts = pes->pts != MG_TS_NONE;
  gboolean has_dts = has_pts && pes->dts != MG_TS_NONE && pes->dts != pes->pts;
  guint stamps = has_dts ? 2 * STAMP_BYTES : has_pts ? STAMP_BYTES : 0;
  gsize length = FLAG_BYTES + stamps + pes->payload_size;
  mg_writer_be24(out, 1);
  mg_writer_u8(out, pes->stream_id);
  mg_writer_be16(out, (guint16) (mg_ts_pes_fits(pes->payload_size) ? length : 0));
  mg_writer_u8(out, ALIGNED);
  mg_writer_u8(out, has_dts ? 0xc0 : has_pts ? 0x80 : 0);
  mg_writer_u8(out, (guint8) stamps);
  if (has_pts)
    write_stamp(has_dts ? 3 : 2, pes->pts, out);
  if (has_dts)
    write_stamp(1, pes->dts, out);
}
