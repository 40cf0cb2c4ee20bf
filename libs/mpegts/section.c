#include "mpegts/section.h"

#include <string.h>

enum { NO_SECTION = 0xff, LENGTH_MASK = 0x0fff, CRC_BYTES = 4 };

/* The whole size that a section's head announces. */
static gsize
announced_size(const guint8 *head)
{
  MgReader r = MG_READER(head, MG_TS_SECTION_HEAD);
  mg_reader_skip(&r, 1);
  return MG_TS_SECTION_HEAD + (mg_reader_be16(&r) & LENGTH_MASK);
}

/* Moves bytes until N are collected. FALSE when R ended before. */
static gboolean
collect_up_to(MgTsCollector *c, MgReader *r, gsize n)
{
  gsize some = MIN(n - c->n, mg_reader_left(r));
  memcpy(c->bytes + c->n, mg_reader_take(r, some), some);
  c->n += some;
  return c->n == n;
}

/* Collects one section. FALSE when R has no more of it. */
static gboolean
collect(MgTsCollector *c, MgReader *r, MgTsOnSection on_section, gpointer user)
{
  if (c->n < MG_TS_SECTION_HEAD && !collect_up_to(c, r, MG_TS_SECTION_HEAD))
    return FALSE;
  gsize size = announced_size(c->bytes);
  if (size > MG_TS_MOST_SECTION) {
    mg_ts_collector_reset(c);
    return FALSE;
  }
  if (!collect_up_to(c, r, size))
    return FALSE;
  c->n = 0;
  on_section(c->bytes, size, user);
  return TRUE;
}

void
mg_ts_collector_push(MgTsCollector *c, const MgTsPacket *packet, MgTsOnSection on_section,
                     gpointer user)
{
  MgReader r = MG_READER(packet->payload, packet->payload_size);
  if (packet->is_start) {
    MgReader rest = mg_reader_sub(&r, mg_reader_u8(&r));
    if (c->n > 0)
      collect(c, &rest, on_section, user);
    mg_ts_collector_reset(c);
    const guint8 *first;
    while ((first = mg_reader_peek(&r, 1)) != NULL && *first != NO_SECTION)
      if (!collect(c, &r, on_section, user))
        break;
  } else if (c->n > 0) {
    collect(c, &r, on_section, user);
  }
}

void
mg_ts_collector_reset(MgTsCollector *c)
{
  c->n = 0;
}

/*
 * By half bytes: a table of 16 entries is quick enough for tables of some hundred bytes a second.
 */
guint32
mg_ts_crc(const guint8 *data, gsize size)
{
  static const guint32 table[16] = {
    0x00000000, 0x04c11db7, 0x09823b6e, 0x0d4326d9, 0x130476dc, 0x17c56b6b, 0x1a864db2, 0x1e475005,
    0x2608edb8, 0x22c9f00f, 0x2f8ad6d6, 0x2b4bcb61, 0x350c9b64, 0x31cd86d3, 0x3c8ea00a, 0x384fbdbd,
  };
  guint32 crc = 0xffffffff;
  for (gsize i = 0; i < size; i++) {
    crc = crc << 4 ^ table[crc >> 28 ^ data[i] >> 4];
    crc = crc << 4 ^ table[crc >> 28 ^ (data[i] & 15u)];
  }
  return crc;
}

void
mg_ts_section_end(MgWriter *out, gsize at)
{
  gsize length = out->size - at - MG_TS_SECTION_HEAD + CRC_BYTES;
  g_assert(length <= MG_TS_MOST_SECTION - MG_TS_SECTION_HEAD);
  out->data[at + 1] |= (guint8) (length >> 8);
  out->data[at + 2] = (guint8) length;
  mg_writer_be32(out, mg_ts_crc(out->data + at, out->size - at));
}

/* Behind the last section a packet is filled up in its payload. */
void
mg_ts_section_write(const guint8 *section, gsize size, guint16 pid, guint8 *counter, MgWriter *out)
{
  for (gsize at = 0; at < size;) {
    const MgTsPacket packet = {
      .pid = pid, .counter = *counter, .is_start = at == 0, .pcr = MG_TS_NONE
    };
    gsize room = mg_ts_packet_write(&packet, MG_TS_MOST_PAYLOAD, out);
    *counter = (*counter + 1) & 15;
    if (at == 0) {
      mg_writer_u8(out, 0); /* pointer_field */
      room--;
    }
    gsize n = MIN(room, size - at);
    mg_writer_bytes(out, section + at, n);
    at += n;
    for (; n < room; n++)
      mg_writer_u8(out, 0xff);
  }
}
