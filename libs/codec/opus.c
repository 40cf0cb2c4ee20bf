#include "codec/opus.h"

#include "bytes/reader.h"

#include <string.h>

enum { MOST_PACKET_SAMPLES = MG_OPUS_RATE * 120 / 1000, HEADER_VERSION = 1 };

/* Channel mapping families other than 0 have a table (RFC 7845 clause 5.1.1). */
static gboolean
read_mapping(MgReader *r, MgOpusConfig *c)
{
  c->mapping_family = mg_reader_u8(r);
  if (c->mapping_family == 0) {
    c->streams = 1;
    c->coupled = c->channels == 2;
    c->mapping[1] = 1;
    return c->channels == 1 || c->channels == 2;
  }
  c->streams = mg_reader_u8(r);
  c->coupled = mg_reader_u8(r);
  const guint8 *mapping = mg_reader_take(r, c->channels);
  if (mapping == NULL || c->streams == 0 || c->coupled > c->streams)
    return FALSE;
  memcpy(c->mapping, mapping, c->channels);
  return TRUE;
}

static gboolean
read_head(MgReader *r, MgOpusConfig *c)
{
  guint8 version = mg_reader_u8(r);
  c->channels = mg_reader_u8(r);
  c->pre_skip = mg_reader_le16(r);
  c->input_rate = mg_reader_le32(r);
  c->gain = (gint16) mg_reader_le16(r);
  return version >> 4 == 0 && read_mapping(r, c);
}

/* The same fields, big-endian and with a version of 0. */
static gboolean
read_box(MgReader *r, MgOpusConfig *c)
{
  guint8 version = mg_reader_u8(r);
  c->channels = mg_reader_u8(r);
  c->pre_skip = mg_reader_be16(r);
  c->input_rate = mg_reader_be32(r);
  c->gain = (gint16) mg_reader_be16(r);
  return version == 0 && read_mapping(r, c);
}

gboolean
mg_opus_config_parse(const guint8 *head, gsize size, MgOpusConfig *config, GError **error)
{
  *config = (MgOpusConfig){ 0 };
  MgReader r = MG_READER(head, size);
  const guint8 *magic = mg_reader_peek(&r, 8);
  gboolean has_magic = magic != NULL && memcmp(magic, "OpusHead", 8) == 0;
  if (has_magic)
    mg_reader_skip(&r, 8);
  gboolean ok = has_magic ? read_head(&r, config) : read_box(&r, config);
  if (!ok || mg_reader_failed(&r) || config->channels == 0)
    return mg_codec_malformed(error, "Opus configuration is not an identification header");
  return TRUE;
}

static void
write_mapping(const MgOpusConfig *c, MgWriter *out)
{
  mg_writer_u8(out, c->mapping_family);
  if (c->mapping_family == 0)
    return;
  mg_writer_u8(out, c->streams);
  mg_writer_u8(out, c->coupled);
  mg_writer_bytes(out, c->mapping, c->channels);
}

static void
write_le16(MgWriter *out, guint16 value)
{
  mg_writer_u8(out, value & 0xff);
  mg_writer_u8(out, value >> 8);
}

void
mg_opus_config_write(const MgOpusConfig *c, MgWriter *head)
{
  mg_writer_text(head, "OpusHead");
  mg_writer_u8(head, HEADER_VERSION);
  mg_writer_u8(head, c->channels);
  write_le16(head, c->pre_skip);
  mg_writer_le32(head, c->input_rate);
  write_le16(head, (guint16) c->gain);
  write_mapping(c, head);
}

void
mg_opus_box_write(const MgOpusConfig *c, MgWriter *dops)
{
  mg_writer_u8(dops, 0);
  mg_writer_u8(dops, c->channels);
  mg_writer_be16(dops, c->pre_skip);
  mg_writer_be32(dops, c->input_rate);
  mg_writer_be16(dops, (guint16) c->gain);
  write_mapping(c, dops);
}

gboolean
mg_opus_config_equal(const MgOpusConfig *a, const MgOpusConfig *b)
{
  return a->channels == b->channels && a->pre_skip == b->pre_skip &&
         a->input_rate == b->input_rate && a->gain == b->gain &&
         a->mapping_family == b->mapping_family && a->streams == b->streams &&
         a->coupled == b->coupled && memcmp(a->mapping, b->mapping, sizeof a->mapping) == 0;
}

/* Table 2: SILK 10 to 60 ms, hybrid 10 and 20 ms, CELT 2.5 to 20 ms. */
static guint
frame_samples(guint8 toc)
{
  static const guint silk[] = { 480, 960, 1920, 2880 };
  guint config = toc >> 3;
  if (config < 12)
    return silk[config & 3];
  if (config < 16)
    return config & 1 ? 960 : 480;
  return 120u << (config & 3);
}

guint
mg_opus_packet_samples(const guint8 *data, gsize size)
{
  MgReader r = MG_READER(data, size);
  guint8 toc = mg_reader_u8(&r);
  guint n = toc & 3 ? 2 : 1;
  if ((toc & 3) == 3)
    n = mg_reader_u8(&r) & 63;
  guint samples = n * frame_samples(toc);
  return mg_reader_failed(&r) || samples > MOST_PACKET_SAMPLES ? 0 : samples;
}
