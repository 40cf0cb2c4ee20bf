#include "mpegts/packet.h"

#include "bytes/bits.h"

enum {
  HEAD_BYTES = 4,
  PCR_BYTES = 6,
  FILLING = 0xff,
  FLAG_DISCONTINUITY = 0x80,
  FLAG_RANDOM_ACCESS = 0x40,
  FLAG_PCR = 0x10,
};

static gint64
read_pcr(MgBitReader *b)
{
  gint64 base = (gint64) mg_bit_reader_u(b, 32) << 1;
  base |= mg_bit_reader_u(b, 1);
  mg_bit_reader_skip(b, 6);
  guint extension = mg_bit_reader_u(b, 9);
  return base * MG_TS_STAMP_TICKS + MIN(extension, MG_TS_STAMP_TICKS - 1);
}

/* adaptation_field() behind its length. FALSE when it is too short for what it says. */
static gboolean
parse_adaptation(MgReader field, MgTsPacket *packet)
{
  if (mg_reader_left(&field) == 0)
    return !mg_reader_failed(&field);
  guint flags = mg_reader_u8(&field);
  packet->is_discontinuous = (flags & FLAG_DISCONTINUITY) != 0;
  packet->is_random_access = (flags & FLAG_RANDOM_ACCESS) != 0;
  if (flags & FLAG_PCR) {
    const guint8 *bytes = mg_reader_take(&field, PCR_BYTES);
    MgBitReader b = MG_BIT_READER(bytes, bytes != NULL ? PCR_BYTES : 0);
    packet->pcr = read_pcr(&b);
  }
  return !mg_reader_failed(&field);
}

gboolean
mg_ts_packet_parse(const guint8 *data, MgTsPacket *packet)
{
  MgReader r = MG_READER(data, MG_TS_PACKET_BYTES);
  guint sync = mg_reader_u8(&r);
  guint pid = mg_reader_be16(&r);
  guint control = mg_reader_u8(&r);
  *packet = (MgTsPacket){
    .pid = pid & 0x1fff,
    .counter = control & 15,
    .is_start = (pid & 0x4000) != 0,
    .has_payload = (control & 0x10) != 0,
    .is_broken = (pid & 0x8000) != 0,
    .is_scrambled = (control & 0xc0) != 0,
    .pcr = MG_TS_NONE,
  };
  if (sync != MG_TS_SYNC)
    return FALSE;
  if (packet->is_broken)
    return TRUE;
  if (control & 0x20 && !parse_adaptation(mg_reader_sub(&r, mg_reader_u8(&r)), packet))
    return FALSE;
  packet->payload_size = packet->has_payload ? mg_reader_left(&r) : 0;
  packet->payload = mg_reader_take(&r, packet->payload_size);
  return (control & 0x30) != 0 && !mg_reader_failed(&r);
}

static void
write_pcr(gint64 pcr, MgWriter *out)
{
  MgBitWriter b = { .out = out };
  gint64 base = pcr / MG_TS_STAMP_TICKS % MG_TS_STAMP_RANGE;
  mg_bit_writer_u(&b, (guint32) (base >> 1), 32);
  mg_bit_writer_u(&b, base & 1, 1);
  mg_bit_writer_u(&b, 0x3f, 6);
  mg_bit_writer_u(&b, (guint32) (pcr % MG_TS_STAMP_TICKS), 9);
}

/* An adaptation field of N bytes with its length, which hold what PACKET says at least. */
static void
write_adaptation(const MgTsPacket *packet, gsize n, MgWriter *out)
{
  gsize end = out->size + n;
  mg_writer_u8(out, (guint8) (n - 1));
  if (n == 1)
    return;
  mg_writer_u8(out, (guint8) ((packet->is_discontinuous ? FLAG_DISCONTINUITY : 0) |
                              (packet->is_random_access ? FLAG_RANDOM_ACCESS : 0) |
                              (packet->pcr != MG_TS_NONE ? FLAG_PCR : 0)));
  if (packet->pcr != MG_TS_NONE)
    write_pcr(packet->pcr, out);
  while (out->size < end)
    mg_writer_u8(out, FILLING);
}

gsize
mg_ts_packet_write(const MgTsPacket *packet, gsize left, MgWriter *out)
{
  gsize field = 0; /* of the adaptation field, with its length */
  if (packet->pcr != MG_TS_NONE)
    field = 2 + PCR_BYTES;
  else if (packet->is_discontinuous || packet->is_random_access)
    field = 2;
  gsize n = MIN(left, MG_TS_MOST_PAYLOAD - field);
  field = MG_TS_MOST_PAYLOAD - n;
  guint control = (field > 0 ? 0x20u : 0) | (n > 0 ? 0x10u : 0) | (packet->counter & 15u);
  mg_writer_u8(out, MG_TS_SYNC);
  mg_writer_be16(out, (guint16) ((packet->is_start ? 0x4000 : 0) | (packet->pid & 0x1fff)));
  mg_writer_u8(out, (guint8) control);
  if (field > 0)
    write_adaptation(packet, field, out);
  return n;
}

void
mg_ts_packet_write_null(MgWriter *out)
{
  mg_writer_be32(out, 0x47000010u | MG_TS_NULL_PID << 8);
  for (guint i = 0; i < MG_TS_MOST_PAYLOAD; i++)
    mg_writer_u8(out, FILLING);
}
