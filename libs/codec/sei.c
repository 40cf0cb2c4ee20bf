#include "codec/sei.h"

enum {
  MASTERING_DISPLAY = 137, /* H.274 clause 8.8 */
  CONTENT_LIGHT = 144,     /* clause 8.9 */
  HEADER_BYTES = 2,
  MOST_BYTES = 512, /* looked at: both messages have thirty bytes together */
};

/* A payload type or size: bytes of 255 and a last one. */
static guint
read_number(MgReader *r)
{
  guint number = 0;
  guint8 byte;
  do {
    byte = mg_reader_u8(r);
    number += byte;
  } while (byte == 255);
  return number;
}

static void
read_point(MgReader *r, guint16 point[2])
{
  point[0] = mg_reader_be16(r);
  point[1] = mg_reader_be16(r);
}

static void
read_mastering(MgReader r, MgCodecMastering *mastering)
{
  MgCodecMastering m = { .max_luminance = 0 };
  read_point(&r, m.green);
  read_point(&r, m.blue);
  read_point(&r, m.red);
  read_point(&r, m.white);
  m.max_luminance = mg_reader_be32(&r);
  m.min_luminance = mg_reader_be32(&r);
  if (!mg_reader_failed(&r))
    *mastering = m;
}

static void
read_light(MgReader r, MgCodecLight *light)
{
  MgCodecLight l = { .max_content = mg_reader_be16(&r) };
  l.max_frame_average = mg_reader_be16(&r);
  if (!mg_reader_failed(&r))
    *light = l;
}

void
mg_sei_read_hdr(const MgNal *nal, MgCodecHdr *hdr)
{
  guint8 rbsp[MOST_BYTES];
  MgReader r = MG_READER(rbsp, mg_nal_unescape(nal, rbsp, sizeof rbsp));
  mg_reader_skip(&r, HEADER_BYTES);
  while (mg_reader_left(&r) > 2) {
    guint type = read_number(&r);
    MgReader message = mg_reader_sub(&r, read_number(&r));
    if (type == MASTERING_DISPLAY)
      read_mastering(message, &hdr->mastering);
    else if (type == CONTENT_LIGHT)
      read_light(message, &hdr->light);
  }
}
