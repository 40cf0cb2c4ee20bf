#include "rtmp/chunk.h"

enum { EXTENDED = 0xffffff };

static MgRtmpMessage *
find_last(MgRtmpChunkWriter *w, guint32 csid)
{
  for (guint i = 0; i < w->n_last; i++)
    if (w->last[i].csid == csid)
      return &w->last[i];
  return NULL;
}

static void
remember(MgRtmpChunkWriter *w, MgRtmpMessage *last, const MgRtmpMessage *m)
{
  if (last == NULL && w->n_last < G_N_ELEMENTS(w->last))
    last = &w->last[w->n_last++];
  if (last == NULL)
    return;
  *last = *m;
  last->data = NULL;
  last->block = NULL;
}

/*
 * Which header says all: 0 does always, 1 leaves out the message stream, 2 length and type too. Only
 * media is worth it, and only with a short step forward: peers disagree about extended differences.
 */
static guint
choose_fmt(const MgRtmpMessage *last, const MgRtmpMessage *m)
{
  gboolean is_media = m->type == MG_RTMP_AUDIO || m->type == MG_RTMP_VIDEO;
  if (!is_media || last == NULL || last->stream_id != m->stream_id)
    return 0;
  if (m->timestamp - last->timestamp >= EXTENDED)
    return 0;
  return last->size == m->size && last->type == m->type ? 2 : 1;
}

static void
write_basic_header(MgWriter *out, guint fmt, guint32 csid)
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

static void
write_header(MgWriter *out, guint fmt, guint32 field, const MgRtmpMessage *m)
{
  write_basic_header(out, fmt, m->csid);
  mg_writer_be24(out, MIN(field, EXTENDED));
  if (fmt <= 1) {
    mg_writer_be24(out, (guint32) m->size);
    mg_writer_u8(out, m->type);
  }
  if (fmt == 0)
    mg_writer_le32(out, m->stream_id);
  if (field >= EXTENDED)
    mg_writer_be32(out, field);
}

void
mg_rtmp_chunk_write(MgRtmpChunkWriter *w, MgWriter *out, const MgRtmpMessage *message)
{
  g_assert(message->csid >= 2 && message->csid < 64 + 65536 && message->size <= 0xffffff);
  MgRtmpMessage *last = find_last(w, message->csid);
  guint fmt = choose_fmt(last, message);
  guint32 field = fmt == 0 ? message->timestamp : message->timestamp - last->timestamp;
  write_header(out, fmt, field, message);
  gsize n = MIN(message->size, w->chunk_size);
  mg_writer_bytes(out, message->data, n);
  for (gsize at = n; at < message->size; at += n) {
    write_basic_header(out, 3, message->csid);
    if (field >= EXTENDED)
      mg_writer_be32(out, field);
    n = MIN(message->size - at, w->chunk_size);
    mg_writer_bytes(out, message->data + at, n);
  }
  remember(w, last, message);
}
