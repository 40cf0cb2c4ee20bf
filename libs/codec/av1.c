#include "codec/av1.h"

#include "bytes/bits.h"

#include <string.h>

enum {
  MARKER_AND_VERSION = 0x81,
  MOST_CONFIG_BYTES = 65536,
  HAS_EXTENSION = 4,
  HAS_SIZE = 2,
  METADATA_LIGHT = 1, /* metadata_type (6.7.1) */
  METADATA_MASTERING = 2,
  EACH_SAYS = 2,
  MOST_LEB128_BYTES = 8,
};

enum { KEY_FRAME = 0, INTRA_ONLY_FRAME = 2, SWITCH_FRAME = 3 }; /* frame_type */

/* leb128() (4.10.5), at most 32 bits of it. */
static gsize
read_leb128(MgReader *r)
{
  guint64 value = 0;
  for (guint i = 0; i < MOST_LEB128_BYTES; i++) {
    guint8 byte = mg_reader_u8(r);
    value |= (guint64) (byte & 0x7f) << (7 * i);
    if (!(byte & 0x80))
      break;
  }
  if (value > G_MAXUINT32)
    mg_reader_fail(r);
  return (gsize) value;
}

gboolean
mg_av1_obu_next(MgReader *r, MgAv1Obu *obu)
{
  if (mg_reader_left(r) == 0)
    return FALSE;
  gsize begin = r->pos;
  gsize whole = mg_reader_left(r);
  obu->data = mg_reader_peek(r, whole);
  guint8 head = mg_reader_u8(r);
  obu->type = head >> 3 & 15;
  if (head & HAS_EXTENSION)
    mg_reader_skip(r, 1);
  gsize size = head & HAS_SIZE ? read_leb128(r) : mg_reader_left(r);
  obu->payload = mg_reader_sub(r, size);
  obu->size = r->pos - begin;
  if (head & 0x80) /* obu_forbidden_bit */
    mg_reader_fail(r);
  return !mg_reader_failed(r);
}

/* --- HDR: metadata OBUs (5.8.3, 5.8.4) --------------------------------------------------------- */

/* 0.16 fixed point to steps of 0.00002. */
static guint16
to_step(guint16 fixed)
{
  return (guint16) (((guint32) fixed * 50000u + 32768u) >> 16);
}

static void
read_point(MgReader *r, guint16 point[2])
{
  point[0] = to_step(mg_reader_be16(r));
  point[1] = to_step(mg_reader_be16(r));
}

/* 24.8 and 18.14 fixed point to steps of 0.0001 cd/m². */
static void
read_mastering(MgReader *r, MgCodecMastering *mastering)
{
  MgCodecMastering m = { .max_luminance = 0 };
  read_point(r, m.red);
  read_point(r, m.green);
  read_point(r, m.blue);
  read_point(r, m.white);
  guint64 max = ((guint64) mg_reader_be32(r) * 10000 + 128) >> 8;
  guint64 min = ((guint64) mg_reader_be32(r) * 10000 + 8192) >> 14;
  m.max_luminance = (guint32) MIN(max, G_MAXUINT32);
  m.min_luminance = (guint32) MIN(min, G_MAXUINT32);
  if (!mg_reader_failed(r))
    *mastering = m;
}

static void
read_metadata(MgReader r, MgCodecHdr *hdr)
{
  gsize type = read_leb128(&r);
  if (type == METADATA_MASTERING)
    read_mastering(&r, &hdr->mastering);
  if (type != METADATA_LIGHT)
    return;
  MgCodecLight light = { .max_content = mg_reader_be16(&r) };
  light.max_frame_average = mg_reader_be16(&r);
  if (!mg_reader_failed(&r))
    hdr->light = light;
}

/* --- configuration ----------------------------------------------------------------------------- */

/* Takes the sequence header and the metadata among OBUS. */
static gboolean
take_obus(MgReader obus, MgAv1Config *config, GError **error)
{
  MgAv1Obu obu;
  config->obus_size = mg_reader_left(&obus);
  config->obus = mg_reader_peek(&obus, config->obus_size);
  while (mg_av1_obu_next(&obus, &obu)) {
    if (obu.type == MG_AV1_OBU_METADATA)
      read_metadata(obu.payload, &config->hdr);
    if (obu.type != MG_AV1_OBU_SEQUENCE || config->sequence_obu != NULL)
      continue;
    if (!mg_av1_sequence_parse(&obu.payload, &config->video, error))
      return FALSE;
    config->sequence_obu = obu.data;
    config->sequence_size = obu.size;
  }
  if (mg_reader_failed(&obus))
    return mg_codec_malformed(error, "the OBUs of an AV1 configuration do not add up");
  if (config->sequence_obu != NULL)
    return TRUE;
  g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MISSING,
                      "AV1 configuration without a sequence header");
  return FALSE;
}

gboolean
mg_av1_config_parse(const guint8 *av1c, gsize size, MgAv1Config *config, GError **error)
{
  if (size > MOST_CONFIG_BYTES) {
    g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                "AV1 configuration of %" G_GSIZE_FORMAT " bytes", size);
    return FALSE;
  }
  *config = (MgAv1Config){ 0 };
  MgReader r = MG_READER(av1c, size);
  guint8 head = mg_reader_u8(&r);
  mg_reader_skip(&r, 2); /* profile to chroma position: the sequence header has them too */
  config->delay = mg_reader_u8(&r) & 0x1f;
  if (mg_reader_failed(&r) || head != MARKER_AND_VERSION)
    return mg_codec_malformed(error, "AV1 configuration is not an AV1CodecConfigurationRecord");
  return take_obus(r, config, error);
}

void
mg_av1_config_write(const MgAv1Config *config, MgWriter *av1c)
{
  const MgAv1Sequence *s = &config->video;
  mg_writer_u8(av1c, MARKER_AND_VERSION);
  mg_writer_u8(av1c, (guint8) (s->profile << 5 | s->level));
  mg_writer_u8(av1c, (guint8) ((s->is_high_tier ? 0x80 : 0) | (s->bit_depth > 8 ? 0x40 : 0) |
                               (s->bit_depth == 12 ? 0x20 : 0) | (s->is_monochrome ? 0x10 : 0) |
                               s->subsampling_x << 3 | s->subsampling_y << 2 | s->chroma_position));
  mg_writer_u8(av1c, config->delay);
  mg_writer_bytes(av1c, config->obus, config->obus_size);
}

gboolean
mg_av1_config_from_unit(const guint8 *data, gsize size, MgWriter *av1c, GError **error)
{
  MgAv1Config config = { 0 };
  if (!take_obus(MG_READER(data, size), &config, error))
    return FALSE;
  config.obus = config.sequence_obu;
  config.obus_size = config.sequence_size;
  mg_av1_config_write(&config, av1c);
  return TRUE;
}

gboolean
mg_av1_config_equal(const MgAv1Config *a, const MgAv1Config *b)
{
  return a->sequence_size == b->sequence_size &&
         memcmp(a->sequence_obu, b->sequence_obu, a->sequence_size) == 0;
}

static gboolean
has_default_colour(const MgAv1Sequence *s)
{
  const MgCodecColour *c = &s->colour;
  gboolean is_bt709 = c->primaries == 1 && c->transfer == 1 && c->matrix == 1 && !c->is_full_range;
  return (is_bt709 || mg_codec_colour_is_unspecified(c)) && !s->is_monochrome &&
         s->subsampling_x == 1 && s->subsampling_y == 1 && s->chroma_position == 0;
}

char *
mg_av1_codec_string(const MgAv1Config *config)
{
  const MgAv1Sequence *s = &config->video;
  const MgCodecColour *c = &s->colour;
  GString *text = g_string_new(NULL);
  g_string_printf(text, "av01.%u.%02u%c.%02u", s->profile, s->level, s->is_high_tier ? 'H' : 'M',
                  s->bit_depth);
  if (!has_default_colour(s))
    g_string_append_printf(text, ".%u.%u%u%u.%02u.%02u.%02u.%u", s->is_monochrome, s->subsampling_x,
                           s->subsampling_y, s->chroma_position, c->primaries, c->transfer,
                           c->matrix, c->is_full_range);
  return g_string_free(text, FALSE);
}

/* --- temporal units ---------------------------------------------------------------------------- */

/* The head of uncompressed_header() (5.9.2), as far as it was read. */
typedef struct {
  gboolean is_existing; /* a frame that was decoded before is shown */
  guint type;
  gboolean is_shown;
} Frame;

static Frame
read_frame(MgBitReader *b)
{
  Frame frame = { .is_existing = mg_bit_reader_flag(b) };
  if (!frame.is_existing) {
    frame.type = mg_bit_reader_u(b, 2);
    frame.is_shown = mg_bit_reader_flag(b);
  }
  return frame;
}

static void
skip_screen_content(MgBitReader *b, const MgAv1Head *head)
{
  guint tools = head->screen_content == EACH_SAYS ? mg_bit_reader_u(b, 1) : head->screen_content;
  if (tools && head->integer_mv == EACH_SAYS)
    mg_bit_reader_skip(b, 1);
}

/* Whether an inter or intra-only frame updates no reference; B is behind show_frame. */
static gboolean
updates_nothing(MgBitReader *b, const Frame *frame, const MgAv1Head *head)
{
  if (frame->type == KEY_FRAME || frame->type == SWITCH_FRAME || frame->is_existing ||
      !head->is_known || head->has_decoder_model)
    return FALSE;
  if (!frame->is_shown)
    mg_bit_reader_skip(b, 1); /* showable_frame */
  gboolean is_resilient = mg_bit_reader_flag(b);
  mg_bit_reader_skip(b, 1); /* disable_cdf_update */
  skip_screen_content(b, head);
  mg_bit_reader_skip(b, head->frame_id_bits);
  mg_bit_reader_skip(b, 1); /* frame_size_override_flag */
  mg_bit_reader_skip(b, head->order_hint_bits);
  if (frame->type != INTRA_ONLY_FRAME && !is_resilient)
    mg_bit_reader_skip(b, 3);                                    /* primary_ref_frame */
  return mg_bit_reader_u(b, 8) == 0 && !mg_bit_reader_failed(b); /* refresh_frame_flags */
}

/* Adds one frame to what is known of the unit. */
static void
take_frame(const MgReader *payload, const MgAv1Head *head, gboolean is_still, MgAv1Unit *unit)
{
  gsize size = mg_reader_left(payload);
  MgBitReader b = MG_BIT_READER(mg_reader_peek(payload, size), size);
  Frame frame = read_frame(&b);
  gboolean is_disposable = !is_still && head != NULL && updates_nothing(&b, &frame, head);
  if (!unit->has_frame) {
    unit->is_key = is_still || (!frame.is_existing && frame.type == KEY_FRAME && frame.is_shown);
    unit->is_disposable = is_disposable;
  }
  unit->is_disposable &= is_disposable;
  unit->has_frame = TRUE;
}

/* A reduced sequence has no such head: all its frames are key frames. */
static gboolean
is_still_sequence(const MgReader *payload)
{
  MgAv1Sequence sequence;
  return mg_av1_sequence_parse(payload, &sequence, NULL) && sequence.is_still;
}

gboolean
mg_av1_unit_inspect(const guint8 *data, gsize size, const MgAv1Head *head, MgAv1Unit *unit)
{
  MgReader r = MG_READER(data, size);
  MgAv1Obu obu;
  gboolean is_still = FALSE;
  *unit = (MgAv1Unit){ 0 };
  while (mg_av1_obu_next(&r, &obu)) {
    if (obu.type == MG_AV1_OBU_SEQUENCE) {
      unit->has_sequence = TRUE;
      is_still = is_still_sequence(&obu.payload);
    } else if (obu.type == MG_AV1_OBU_METADATA) {
      read_metadata(obu.payload, &unit->hdr);
    } else if (obu.type == MG_AV1_OBU_FRAME || obu.type == MG_AV1_OBU_FRAME_HEADER) {
      take_frame(&obu.payload, head, is_still, unit);
    }
  }
  return !mg_reader_failed(&r);
}

static gboolean
belongs_into_sample(const MgAv1Obu *obu)
{
  return obu->type != MG_AV1_OBU_DELIMITER && obu->type != MG_AV1_OBU_PADDING &&
         obu->type != MG_AV1_OBU_TILE_LIST;
}

static gsize
leb128_bytes(gsize value)
{
  gsize n = 1;
  for (; value > 0x7f; value >>= 7)
    n++;
  return n;
}

static gsize
sample_bytes(const MgAv1Obu *obu)
{
  gboolean has_size = obu->data[0] & HAS_SIZE;
  return obu->size + (has_size ? 0 : leb128_bytes(mg_reader_left(&obu->payload)));
}

static void
write_obu(const MgAv1Obu *obu, MgWriter *w)
{
  if (obu->data[0] & HAS_SIZE) {
    mg_writer_bytes(w, obu->data, obu->size);
    return;
  }
  mg_writer_u8(w, obu->data[0] | HAS_SIZE);
  if (obu->data[0] & HAS_EXTENSION)
    mg_writer_u8(w, obu->data[1]);
  gsize left = mg_reader_left(&obu->payload);
  for (; left > 0x7f; left >>= 7)
    mg_writer_u8(w, (guint8) (0x80 | (left & 0x7f)));
  mg_writer_u8(w, (guint8) left);
  mg_writer_bytes(w, mg_reader_peek(&obu->payload, 0), mg_reader_left(&obu->payload));
}

/* How large the unit gets as a sample; 0 with an error set when it cannot. */
static gsize
measure(MgReader r, GError **error)
{
  gsize total = 0;
  MgAv1Obu obu;
  while (mg_av1_obu_next(&r, &obu))
    if (belongs_into_sample(&obu))
      total += sample_bytes(&obu);
  if (mg_reader_failed(&r)) {
    mg_codec_malformed(error, "the OBUs of a temporal unit do not add up");
    return 0;
  }
  if (total == 0)
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MISSING,
                        "a temporal unit has no OBU but a delimiter");
  return total;
}

MgNalResult
mg_av1_unit_to_sample(const guint8 *data, gsize size, guint8 **out, gsize *out_size, GError **error)
{
  MgReader r = MG_READER(data, size);
  MgAv1Obu obu;
  gsize total = measure(r, error);
  if (total == 0)
    return MG_NAL_REFUSED;
  if (total == size)
    return MG_NAL_AS_IS;
  guint8 *block = g_try_malloc(total);
  if (block == NULL) {
    g_set_error(error, MG_CODEC_ERROR, MG_CODEC_ERROR_NO_MEMORY,
                "no memory for a temporal unit of %" G_GSIZE_FORMAT " bytes", total);
    return MG_NAL_REFUSED;
  }
  MgWriter w = { .data = block, .room = total }; /* has all the room it needs: never grows */
  while (mg_av1_obu_next(&r, &obu))
    if (belongs_into_sample(&obu))
      write_obu(&obu, &w);
  *out = mg_writer_steal(&w, out_size);
  return MG_NAL_REWRITTEN;
}
