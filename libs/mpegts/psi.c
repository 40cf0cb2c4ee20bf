#include "mpegts/psi.h"

enum {
  TABLE_PAT = 0,
  TABLE_PMT = 2,
  CRC_BYTES = 4,
  TAG_REGISTRATION = 5,
  MOST_LENGTH = 1021, /* section_length of both tables */
};

/*
 * What follows the head of the long form. FALSE when the section is damaged, or not in force yet.
 */
static gboolean
open_section(const guint8 *section, gsize size, guint table, MgReader *body, guint16 *extension,
             guint8 *version)
{
  if (size < 12 || mg_ts_crc(section, size) != 0)
    return FALSE;
  *body = MG_READER(section, size - CRC_BYTES);
  guint table_id = mg_reader_u8(body);
  guint length = mg_reader_be16(body);
  *extension = mg_reader_be16(body);
  guint flags = mg_reader_u8(body);
  mg_reader_skip(body, 2); /* section_number, last_section_number */
  *version = flags >> 1 & 31;
  return table_id == table && length & 0x8000 && (flags & 1) != 0;
}

gboolean
mg_ts_pat_parse(const guint8 *section, gsize size, MgTsPat *pat)
{
  MgReader r;
  *pat = (MgTsPat){ 0 };
  if (!open_section(section, size, TABLE_PAT, &r, &pat->transport_stream_id, &pat->version))
    return FALSE;
  while (mg_reader_left(&r) >= 4 && pat->n_programmes < MG_TS_MOST_PROGRAMMES) {
    guint16 number = mg_reader_be16(&r);
    guint16 pid = mg_reader_be16(&r) & 0x1fff;
    if (number != 0) /* 0 is the network's */
      pat->programmes[pat->n_programmes++] = (MgTsProgramme){ number, pid };
  }
  return TRUE;
}

static MgTsDescriptors
read_descriptors(MgReader *r)
{
  gsize size = mg_reader_be16(r) & 0x0fff;
  const guint8 *data = mg_reader_take(r, size);
  return (MgTsDescriptors){ data, data != NULL ? size : 0 };
}

gboolean
mg_ts_pmt_parse(const guint8 *section, gsize size, MgTsPmt *pmt)
{
  MgReader r;
  *pmt = (MgTsPmt){ 0 };
  if (!open_section(section, size, TABLE_PMT, &r, &pmt->programme, &pmt->version))
    return FALSE;
  pmt->pcr_pid = mg_reader_be16(&r) & 0x1fff;
  pmt->descriptors = read_descriptors(&r);
  while (mg_reader_left(&r) > 0 && pmt->n_streams < MG_TS_MOST_STREAMS) {
    MgTsStream *stream = &pmt->streams[pmt->n_streams++];
    stream->type = mg_reader_u8(&r);
    stream->pid = mg_reader_be16(&r) & 0x1fff;
    stream->descriptors = read_descriptors(&r);
  }
  return !mg_reader_failed(&r);
}

static gsize
begin_section(MgWriter *out, guint table, guint16 extension, guint8 version)
{
  gsize at = out->size;
  mg_writer_u8(out, (guint8) table);
  mg_writer_be16(out, 0xb000);
  mg_writer_be16(out, extension);
  mg_writer_u8(out, (guint8) (0xc1 | (version & 31) << 1));
  mg_writer_be16(out, 0);
  return at;
}

void
mg_ts_pat_write(const MgTsPat *pat, MgWriter *out)
{
  gsize at = begin_section(out, TABLE_PAT, pat->transport_stream_id, pat->version);
  for (guint i = 0; i < pat->n_programmes; i++) {
    mg_writer_be16(out, pat->programmes[i].number);
    mg_writer_be16(out, 0xe000 | pat->programmes[i].map_pid);
  }
  mg_ts_section_end(out, at);
}

static void
write_descriptors(const MgTsDescriptors *descriptors, MgWriter *out)
{
  mg_writer_be16(out, (guint16) (0xf000 | descriptors->size));
  mg_writer_bytes(out, descriptors->data, descriptors->size);
}

void
mg_ts_pmt_write(const MgTsPmt *pmt, MgWriter *out)
{
  gsize at = begin_section(out, TABLE_PMT, pmt->programme, pmt->version);
  mg_writer_be16(out, 0xe000 | pmt->pcr_pid);
  write_descriptors(&pmt->descriptors, out);
  for (guint i = 0; i < pmt->n_streams; i++) {
    mg_writer_u8(out, pmt->streams[i].type);
    mg_writer_be16(out, 0xe000 | pmt->streams[i].pid);
    write_descriptors(&pmt->streams[i].descriptors, out);
  }
  g_assert(out->size - at - 3 + CRC_BYTES <= MOST_LENGTH);
  mg_ts_section_end(out, at);
}

gboolean
mg_ts_descriptor_find(const MgTsDescriptors *descriptors, guint tag, MgTsDescriptors *body)
{
  MgReader r = MG_READER(descriptors->data, descriptors->size);
  while (mg_reader_left(&r) >= 2) {
    guint found = mg_reader_u8(&r);
    gsize size = mg_reader_u8(&r);
    const guint8 *data = mg_reader_take(&r, size);
    if (data == NULL)
      return FALSE;
    if (found == tag) {
      *body = (MgTsDescriptors){ data, size };
      return TRUE;
    }
  }
  return FALSE;
}

guint32
mg_ts_descriptor_registration(const MgTsDescriptors *descriptors)
{
  MgTsDescriptors body;
  if (!mg_ts_descriptor_find(descriptors, TAG_REGISTRATION, &body))
    return 0;
  MgReader r = MG_READER(body.data, body.size);
  return mg_reader_be32(&r);
}
