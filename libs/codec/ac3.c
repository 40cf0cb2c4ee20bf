#include "codec/ac3.h"

#include "bytes/bits.h"
#include "bytes/reader.h"

enum {
  SYNC = 0x0b77,
  HIGHEST_AC3_BSID = 10,
  LOWEST_EAC3_BSID = 11,
  HIGHEST_EAC3_BSID = 16,
  STEREO_MODE = 2,
  REDUCED_RATE = 3,
  SIX_BLOCKS = 3,
  MOST_RATE_CODES = 38,
};

enum { INDEPENDENT = 0, DEPENDENT = 1 }; /* strmtyp */

static const guint32 rates[] = { 48000, 44100, 32000 };

/* kbit/s by half the frame size code (table 4.13). */
static const guint16 bitrates[] = { 32,  40,  48,  56,  64,  80,  96,  112, 128, 160,
                                    192, 224, 256, 320, 384, 448, 512, 576, 640 };

/* Full channels of acmod. */
static const guint8 mode_channels[] = { 2, 1, 2, 3, 3, 4, 4, 5 };

/* How many channels each bit of chan_loc stands for, from the lowest. */
static const guint8 location_channels[] = { 2, 2, 1, 1, 2, 2, 2, 1, 1 };

/* The bits of chanmap, whose highest is 0, for each of chan_loc (table E.1.4; annex F.6). */
static const guint8 location_bits[] = { 5, 6, 7, 8, 9, 10, 11, 12, 14 };

/* One frame, as far as it matters. */
typedef struct {
  guint8 type; /* strmtyp */
  guint8 substream_id;
  gsize size;
  guint16 channel_map;
  guint8 rate_code;
  guint8 bitrate_code;
  MgAc3Substream substream;
} Frame;

static guint
count_channels(const MgAc3Substream *s)
{
  guint n = mode_channels[s->mode & 7] + (s->has_lfe ? 1u : 0);
  for (guint i = 0; i < G_N_ELEMENTS(location_channels); i++)
    n += s->locations >> i & 1 ? location_channels[i] : 0u;
  return n;
}

static gboolean
derive(MgAc3Config *c)
{
  const MgAc3Substream *first = &c->substreams[0];
  if (first->rate_code >= G_N_ELEMENTS(rates))
    return FALSE;
  c->sample_rate = rates[first->rate_code];
  c->channels = count_channels(first);
  return TRUE;
}

/* --- frames ------------------------------------------------------------------------------------ */

/* syncinfo() and bsi() of AC-3 (4.3.1, 4.3.2) */
static gboolean
read_ac3_frame(MgBitReader *b, Frame *f)
{
  mg_bit_reader_skip(b, 16); /* crc1 */
  f->rate_code = (guint8) mg_bit_reader_u(b, 2);
  guint size_code = mg_bit_reader_u(b, 6);
  f->substream.bsid = (guint8) mg_bit_reader_u(b, 5);
  f->substream.bsmod = (guint8) mg_bit_reader_u(b, 3);
  guint mode = mg_bit_reader_u(b, 3);
  if (mode & 1 && mode != 1)
    mg_bit_reader_skip(b, 2); /* cmixlev */
  if (mode & 4)
    mg_bit_reader_skip(b, 2); /* surmixlev */
  if (mode == STEREO_MODE)
    mg_bit_reader_skip(b, 2); /* dsurmod */
  f->substream.mode = (guint8) mode;
  f->substream.has_lfe = mg_bit_reader_flag(b);
  if (size_code >= MOST_RATE_CODES || f->rate_code >= G_N_ELEMENTS(rates))
    return FALSE;
  f->bitrate_code = (guint8) (size_code / 2);
  guint bitrate = bitrates[f->bitrate_code];
  f->size = f->rate_code == 1 ? 2 * (bitrate * 96000u / 44100 + (size_code & 1))
                              : (gsize) bitrate * 192000 / rates[f->rate_code];
  return TRUE;
}

static void
skip_levels(MgBitReader *b, guint mode)
{
  for (guint i = 0; i < (mode == 0 ? 2 : 1); i++) {
    mg_bit_reader_skip(b, 5);  /* dialnorm */
    if (mg_bit_reader_flag(b)) /* compre */
      mg_bit_reader_skip(b, 8);
  }
}

/* bsi() of E-AC-3 (annex E.1.2.2), to the channel map. FALSE for what MP4 has no place for. */
static gboolean
read_eac3_frame(MgBitReader *b, Frame *f)
{
  f->type = (guint8) mg_bit_reader_u(b, 2);
  f->substream_id = (guint8) mg_bit_reader_u(b, 3);
  f->size = 2 * ((gsize) mg_bit_reader_u(b, 11) + 1);
  f->rate_code = (guint8) mg_bit_reader_u(b, 2);
  guint blocks = mg_bit_reader_u(b, 2); /* or fscod2 */
  f->substream.mode = (guint8) mg_bit_reader_u(b, 3);
  f->substream.has_lfe = mg_bit_reader_flag(b);
  f->substream.bsid = (guint8) mg_bit_reader_u(b, 5);
  skip_levels(b, f->substream.mode);
  if (f->type == DEPENDENT && mg_bit_reader_flag(b))
    f->channel_map = (guint16) mg_bit_reader_u(b, 16);
  return f->rate_code != REDUCED_RATE && blocks == SIX_BLOCKS;
}

/* bsid stands at the same bit in both, which is how they are told apart. */
static guint
peek_bsid(const MgReader *r)
{
  const guint8 *head = mg_reader_peek(r, 6);
  return head != NULL ? head[5] >> 3 : G_MAXUINT;
}

gboolean
mg_ac3_frame_parse(const guint8 *data, MgAc3Frame *frame)
{
  Frame f = { .type = INDEPENDENT };
  MgReader r = MG_READER(data, MG_AC3_FRAME_HEAD);
  MgBitReader b = MG_BIT_READER(data, MG_AC3_FRAME_HEAD);
  guint bsid = peek_bsid(&r);
  gboolean is_eac3 = bsid >= LOWEST_EAC3_BSID;
  if (mg_bit_reader_u(&b, 16) != SYNC || bsid > HIGHEST_EAC3_BSID ||
      !(is_eac3 ? read_eac3_frame(&b, &f) : read_ac3_frame(&b, &f)) || f.size < MG_AC3_FRAME_HEAD)
    return FALSE;
  *frame = (MgAc3Frame){
    .is_eac3 = is_eac3,
    .begins_unit = f.type != DEPENDENT && f.substream_id == 0,
    .size = f.size,
    .sample_rate = rates[f.rate_code],
    .mode = f.substream.mode,
    .has_lfe = f.substream.has_lfe,
  };
  return TRUE;
}

/* Reads the head of the next frame and moves past all of it. */
static gboolean
next_frame(MgReader *r, Frame *f, GError **error)
{
  guint bsid = peek_bsid(r);
  *f = (Frame){ .type = INDEPENDENT };
  MgBitReader b = MG_BIT_READER(mg_reader_peek(r, 0), mg_reader_left(r));
  gboolean is_frame = mg_bit_reader_u(&b, 16) == SYNC && bsid <= HIGHEST_EAC3_BSID;
  gboolean is_eac3 = bsid >= LOWEST_EAC3_BSID;
  if (is_frame && is_eac3 && !read_eac3_frame(&b, f)) {
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                        "E-AC-3 with less than six blocks in a frame, or a reduced sample rate");
    return FALSE;
  }
  if (is_frame && !is_eac3)
    is_frame = read_ac3_frame(&b, f);
  f->substream.rate_code = f->rate_code;
  mg_reader_skip(r, f->size);
  if (!is_frame || f->size == 0 || mg_bit_reader_failed(&b) || mg_reader_failed(r))
    return mg_codec_malformed(error, "the bytes are not a whole AC-3 or E-AC-3 sync frame");
  return TRUE;
}

gboolean
mg_ac3_config_from_frame(const guint8 *data, gsize size, MgAc3Config *config, GError **error)
{
  MgReader r = MG_READER(data, size);
  Frame f;
  if (!next_frame(&r, &f, error))
    return FALSE;
  if (f.substream.bsid > HIGHEST_AC3_BSID || mg_reader_left(&r) > 0) {
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                        "more than one AC-3 sync frame in a packet, or E-AC-3");
    return FALSE;
  }
  *config = (MgAc3Config){
    .bitrate = bitrates[f.bitrate_code],
    .bitrate_code = f.bitrate_code,
    .n_substreams = 1,
    .substreams = { f.substream },
  };
  derive(config);
  return TRUE;
}

/* Adds a dependent substream's channels to the independent one it follows. */
static void
add_dependent(MgAc3Substream *to, const Frame *f)
{
  to->n_dependent++;
  for (guint i = 0; i < G_N_ELEMENTS(location_bits); i++)
    if (f->channel_map >> (15 - location_bits[i]) & 1)
      to->locations |= (guint16) (1u << i);
}

static gboolean
add_frame(MgAc3Config *c, const Frame *f)
{
  if (f->type == DEPENDENT && c->n_substreams > 0 &&
      c->substreams[c->n_substreams - 1].n_dependent < 8) {
    add_dependent(&c->substreams[c->n_substreams - 1], f);
    return TRUE;
  }
  if (f->type == DEPENDENT || c->n_substreams == MG_EAC3_MOST_SUBSTREAMS)
    return FALSE;
  c->substreams[c->n_substreams++] = f->substream;
  return TRUE;
}

gboolean
mg_eac3_config_from_unit(const guint8 *data, gsize size, MgAc3Config *config, GError **error)
{
  MgReader r = MG_READER(data, size);
  Frame f;
  *config = (MgAc3Config){ .is_eac3 = TRUE };
  do {
    if (!next_frame(&r, &f, error))
      return FALSE;
    if (f.substream.bsid < LOWEST_EAC3_BSID || !add_frame(config, &f)) {
      g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                          "a mixture of substreams that is no E-AC-3 access unit");
      return FALSE;
    }
  } while (mg_reader_left(&r) > 0);
  derive(config);
  config->bitrate =
      (guint16) MIN((guint64) size * 8 * config->sample_rate / MG_AC3_FRAME_SAMPLES / 1000, 0x1fff);
  return TRUE;
}

/* --- boxes ------------------------------------------------------------------------------------- */

gboolean
mg_ac3_config_parse(const guint8 *dac3, gsize size, MgAc3Config *config, GError **error)
{
  MgBitReader b = MG_BIT_READER(dac3, size);
  *config = (MgAc3Config){ .n_substreams = 1 };
  MgAc3Substream *s = &config->substreams[0];
  s->rate_code = (guint8) mg_bit_reader_u(&b, 2);
  s->bsid = (guint8) mg_bit_reader_u(&b, 5);
  s->bsmod = (guint8) mg_bit_reader_u(&b, 3);
  s->mode = (guint8) mg_bit_reader_u(&b, 3);
  s->has_lfe = mg_bit_reader_flag(&b);
  config->bitrate_code = (guint8) mg_bit_reader_u(&b, 5);
  mg_bit_reader_skip(&b, 5);
  if (mg_bit_reader_failed(&b) || s->bsid > HIGHEST_AC3_BSID ||
      config->bitrate_code >= G_N_ELEMENTS(bitrates) || !derive(config))
    return mg_codec_malformed(error, "AC-3 configuration is not an AC3SpecificBox");
  config->bitrate = bitrates[config->bitrate_code];
  return TRUE;
}

static void
read_substream(MgBitReader *b, MgAc3Substream *s)
{
  s->rate_code = (guint8) mg_bit_reader_u(b, 2);
  s->bsid = (guint8) mg_bit_reader_u(b, 5);
  mg_bit_reader_skip(b, 1 + 1); /* reserved, asvc */
  s->bsmod = (guint8) mg_bit_reader_u(b, 3);
  s->mode = (guint8) mg_bit_reader_u(b, 3);
  s->has_lfe = mg_bit_reader_flag(b);
  mg_bit_reader_skip(b, 3);
  s->n_dependent = (guint8) mg_bit_reader_u(b, 4);
  if (s->n_dependent > 0)
    s->locations = (guint16) mg_bit_reader_u(b, 9);
  else
    mg_bit_reader_skip(b, 1);
}

gboolean
mg_eac3_config_parse(const guint8 *dec3, gsize size, MgAc3Config *config, GError **error)
{
  MgBitReader b = MG_BIT_READER(dec3, size);
  *config = (MgAc3Config){ .is_eac3 = TRUE };
  config->bitrate = (guint16) mg_bit_reader_u(&b, 13);
  config->n_substreams = mg_bit_reader_u(&b, 3) + 1;
  for (guint i = 0; i < config->n_substreams; i++)
    read_substream(&b, &config->substreams[i]);
  guint bsid = config->substreams[0].bsid;
  if (mg_bit_reader_failed(&b) || bsid > HIGHEST_EAC3_BSID || bsid < LOWEST_EAC3_BSID ||
      !derive(config))
    return mg_codec_malformed(error, "E-AC-3 configuration is not an EC3SpecificBox");
  return TRUE;
}

static void
write_substream(const MgAc3Substream *s, MgWriter *out)
{
  mg_writer_be16(out, (guint16) (s->rate_code << 14 | s->bsid << 9 | s->bsmod << 4 | s->mode << 1 |
                                 (s->has_lfe ? 1 : 0)));
  if (s->n_dependent == 0)
    mg_writer_u8(out, 0);
  else
    mg_writer_be16(out, (guint16) (s->n_dependent << 9 | s->locations));
}

static void
write_dac3(const MgAc3Config *c, MgWriter *out)
{
  const MgAc3Substream *s = &c->substreams[0];
  mg_writer_be24(out, (guint32) s->rate_code << 22 | (guint32) s->bsid << 17 |
                          (guint32) s->bsmod << 14 | (guint32) s->mode << 11 |
                          (guint32) (s->has_lfe ? 1 : 0) << 10 | (guint32) c->bitrate_code << 5);
}

void
mg_ac3_config_write(const MgAc3Config *config, MgWriter *box)
{
  if (!config->is_eac3) {
    write_dac3(config, box);
    return;
  }
  mg_writer_be16(box, (guint16) (config->bitrate << 3 | (config->n_substreams - 1)));
  for (guint i = 0; i < config->n_substreams; i++)
    write_substream(&config->substreams[i], box);
}

static gboolean
is_same_substream(const MgAc3Substream *a, const MgAc3Substream *b)
{
  return a->rate_code == b->rate_code && a->bsid == b->bsid && a->bsmod == b->bsmod &&
         a->mode == b->mode && !a->has_lfe == !b->has_lfe && a->n_dependent == b->n_dependent &&
         a->locations == b->locations;
}

gboolean
mg_ac3_config_equal(const MgAc3Config *a, const MgAc3Config *b)
{
  if (!a->is_eac3 != !b->is_eac3 || a->n_substreams != b->n_substreams)
    return FALSE;
  for (guint i = 0; i < a->n_substreams; i++)
    if (!is_same_substream(&a->substreams[i], &b->substreams[i]))
      return FALSE;
  return TRUE;
}
