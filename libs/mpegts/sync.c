#include "mpegts/sync.h"

#include <string.h>

enum { FIRST_EVIDENCE = 3, LATER_EVIDENCE = 2 };

static const guint strides[] = { MG_TS_PACKET_BYTES, 192, MG_TS_WIDEST };

/* Fills HELD up to SIZE bytes. FALSE when IN ended before. */
static gboolean
hold(MgTsSync *s, MgReader *in, gsize size)
{
  if (s->at > 0) {
    memmove(s->held, s->held + s->at, s->n - s->at);
    s->n -= s->at;
    s->at = 0;
  }
  gsize some = s->n < size ? MIN(size - s->n, mg_reader_left(in)) : 0;
  if (some > 0)
    memcpy(s->held + s->n, mg_reader_take(in, some), some);
  s->n += some;
  return s->n >= size;
}

/* Whether a row of packets begins at FROM, as far as can be seen. */
static gboolean
is_row(const MgTsSync *s, gsize from, guint stride)
{
  guint wanted = stride == s->stride ? LATER_EVIDENCE : FIRST_EVIDENCE;
  for (guint i = 0; i < wanted; i++, from += stride) {
    if (from >= s->n)
      return s->is_last && i > 0 && from - stride + MG_TS_PACKET_BYTES <= s->n;
    if (s->held[from] != MG_TS_SYNC)
      return FALSE;
  }
  return TRUE;
}

static guint
find_stride(const MgTsSync *s, gsize from)
{
  if (s->held[from] != MG_TS_SYNC)
    return 0;
  if (s->stride != 0 && is_row(s, from, s->stride))
    return s->stride;
  for (guint i = 0; i < G_N_ELEMENTS(strides); i++)
    if (is_row(s, from, strides[i]))
      return strides[i];
  return 0;
}

/* Drops the first N bytes that are held: no packet begins in them. */
static void
drop(MgTsSync *s, gsize n)
{
  s->at = n;
  s->n_garbage += n;
}

/*
 * The first row of packets in what is held, or else the first byte where one may still turn out to
 * be.
 */
static gsize
find_row(const MgTsSync *s, gboolean is_full, guint *stride)
{
  gsize from = 0;
  *stride = 0;
  for (; from < s->n; from++) {
    *stride = find_stride(s, from);
    if (*stride != 0 || (s->held[from] == MG_TS_SYNC && !is_full && !s->is_last))
      return from;
  }
  /*
   * Of all that can be held, the first third has been judged by three packets of the widest kind.
   */
  return is_full && !s->is_last ? s->n - 2 * MG_TS_WIDEST : from;
}

static gboolean
lock(MgTsSync *s, MgReader *in)
{
  gboolean is_full;
  do {
    guint stride;
    is_full = hold(s, in, MG_TS_SYNC_HELD);
    drop(s, find_row(s, is_full, &stride));
    if (stride != 0) {
      s->skip = 0;
      s->stride = stride;
      s->is_locked = TRUE;
      return TRUE;
    }
  } while (is_full && mg_reader_left(in) > 0);
  return FALSE;
}

static void
pass_over(MgTsSync *s, MgReader *in)
{
  gsize some = MIN(s->skip, s->n - s->at);
  s->at += some;
  s->skip -= some;
  some = s->at == s->n ? MIN(s->skip, mg_reader_left(in)) : 0;
  mg_reader_skip(in, some);
  s->skip -= some;
}

/* The next packet where it must be. NULL when it is not whole yet, or not there. */
static const guint8 *
next_in_step(MgTsSync *s, MgReader *in)
{
  const guint8 *packet;
  pass_over(s, in);
  gboolean is_direct = s->at == s->n && mg_reader_left(in) >= MG_TS_PACKET_BYTES;
  if (is_direct)
    packet = mg_reader_peek(in, MG_TS_PACKET_BYTES);
  else if (s->n - s->at >= MG_TS_PACKET_BYTES || hold(s, in, MG_TS_PACKET_BYTES))
    packet = s->held + s->at;
  else
    return NULL;
  if (*packet != MG_TS_SYNC) {
    s->is_locked = FALSE;
    return NULL;
  }
  if (is_direct)
    mg_reader_skip(in, MG_TS_PACKET_BYTES);
  else
    s->at += MG_TS_PACKET_BYTES;
  s->skip = s->stride - MG_TS_PACKET_BYTES;
  return packet;
}

const guint8 *
mg_ts_sync_next(MgTsSync *s, MgReader *in)
{
  for (;;) {
    if (!s->is_locked && !lock(s, in))
      return NULL;
    const guint8 *packet = next_in_step(s, in);
    if (packet != NULL || s->is_locked)
      return packet;
  }
}
