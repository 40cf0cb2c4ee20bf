#include "rtmp/chunk.h"

#include "rtmp/chunk-header.h"

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
  if (m->timestamp - last->timestamp >= MG_RTMP_EXTENDED)
    return 0;
  return last->size == m->size && last->type == m->type ? 2 : 1;
}

/* Appends the next SIZE bytes of what is left in PIECES. */
static void
take(MgWriter *out, MgRtmpPiece **pieces, gsize size)
{
  while (size > 0) {
    MgRtmpPiece *piece = *pieces;
    gsize n = MIN(size, piece->size);
    mg_writer_bytes(out, piece->data, n);
    piece->size -= n;
    size -= n;
    if (piece->size == 0)
      (*pieces)++;
    else
      piece->data += n;
  }
}

void
mg_rtmp_chunk_write_pieces(MgRtmpChunkWriter *w, MgWriter *out, const MgRtmpMessage *message,
                           const MgRtmpPiece *pieces, guint n)
{
  g_assert(message->csid >= 2 && message->csid < 64 + 65536 && message->size <= 0xffffff);
  g_autofree MgRtmpPiece *left = g_memdup2(pieces, n * sizeof *pieces);
  MgRtmpPiece *next = left;
  MgRtmpMessage *last = find_last(w, message->csid);
  guint fmt = choose_fmt(last, message);
  guint32 field = fmt == 0 ? message->timestamp : message->timestamp - last->timestamp;
  mg_rtmp_chunk_header_write(out, fmt, field, message);
  gsize size = MIN(message->size, w->chunk_size);
  take(out, &next, size);
  for (gsize at = size; at < message->size; at += size) {
    mg_rtmp_chunk_header_write(out, 3, field, message);
    size = MIN(message->size - at, w->chunk_size);
    take(out, &next, size);
  }
  remember(w, last, message);
}

void
mg_rtmp_chunk_write(MgRtmpChunkWriter *w, MgWriter *out, const MgRtmpMessage *message)
{
  MgRtmpPiece all = { message->data, message->size };
  mg_rtmp_chunk_write_pieces(w, out, message, &all, 1);
}

void
mg_rtmp_chunk_write_first_header(MgWriter *out, const MgRtmpMessage *message)
{
  mg_rtmp_chunk_header_write(out, 0, message->timestamp, message);
}

void
mg_rtmp_chunk_write_next_header(MgWriter *out, const MgRtmpMessage *message)
{
  mg_rtmp_chunk_header_write(out, 3, message->timestamp, message);
}
