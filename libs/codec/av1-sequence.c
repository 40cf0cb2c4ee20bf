/* The sequence header OBU: AV1 specification clauses 5.5 and 6.4. Names of fields are the standard's. */
#include "bytes/bits.h"
#include "codec/av1.h"

enum {
  SELECT = 2, /* seq_force_screen_content_tools, seq_force_integer_mv: each frame says */
  SRGB_PRIMARIES = 1,
  SRGB_TRANSFER = 13,
  SRGB_MATRIX = 0,
};

/* How many bits the operating points' parameters have; 0: there is no decoder model. */
typedef struct {
  guint delay_bits;
  gboolean has_initial_delay;
} Model;

static void
skip_uvlc(MgBitReader *b)
{
  guint zeros = 0;
  while (!mg_bit_reader_failed(b) && !mg_bit_reader_flag(b))
    zeros++;
  if (zeros < 32)
    mg_bit_reader_skip(b, zeros);
}

static void
read_timing(MgBitReader *b, MgAv1Sequence *s, Model *model)
{
  guint32 units = mg_bit_reader_u(b, 32);
  guint32 scale = mg_bit_reader_u(b, 32);
  if (mg_bit_reader_flag(b)) { /* equal_picture_interval */
    MgBitReader before = *b;
    skip_uvlc(b);
    gboolean is_one_tick = b->pos - before.pos == 1; /* num_ticks_per_picture_minus_1 is 0 */
    if (is_one_tick)
      s->frame_rate = mg_codec_rational(scale, units);
  }
  if (!mg_bit_reader_flag(b)) /* decoder_model_info_present_flag */
    return;
  s->head.has_decoder_model = TRUE;
  model->delay_bits = mg_bit_reader_u(b, 5) + 1;
  mg_bit_reader_skip(b, 32 + 5 + 5);
}

static void
read_operating_point(MgBitReader *b, const Model *model, guint8 *level, gboolean *is_high_tier)
{
  mg_bit_reader_skip(b, 12); /* operating_point_idc */
  *level = (guint8) mg_bit_reader_u(b, 5);
  *is_high_tier = *level > 7 && mg_bit_reader_flag(b);
  if (model->delay_bits > 0 && mg_bit_reader_flag(b))
    mg_bit_reader_skip(b, 2 * model->delay_bits + 1);
  if (model->has_initial_delay && mg_bit_reader_flag(b))
    mg_bit_reader_skip(b, 4);
}

static void
read_operating_points(MgBitReader *b, MgAv1Sequence *s)
{
  Model model = { 0 };
  if (mg_bit_reader_flag(b)) /* timing_info_present_flag */
    read_timing(b, s, &model);
  model.has_initial_delay = mg_bit_reader_flag(b);
  guint n = mg_bit_reader_u(b, 5) + 1;
  read_operating_point(b, &model, &s->level, &s->is_high_tier);
  guint8 level;
  gboolean is_high_tier;
  for (guint i = 1; i < n; i++)
    read_operating_point(b, &model, &level, &is_high_tier);
}

static void
read_size(MgBitReader *b, MgAv1Sequence *s)
{
  guint width_bits = mg_bit_reader_u(b, 4) + 1;
  guint height_bits = mg_bit_reader_u(b, 4) + 1;
  s->width = mg_bit_reader_u(b, width_bits) + 1;
  s->height = mg_bit_reader_u(b, height_bits) + 1;
  if (s->is_still || !mg_bit_reader_flag(b)) /* frame_id_numbers_present_flag */
    return;
  guint delta_bits = mg_bit_reader_u(b, 4) + 2;
  s->head.frame_id_bits = (guint8) (delta_bits + mg_bit_reader_u(b, 3) + 1);
}

static void
read_inter_tools(MgBitReader *b, MgAv1Head *head)
{
  mg_bit_reader_skip(b, 4); /* interintra, masked compound, warped motion, dual filter */
  gboolean has_order_hint = mg_bit_reader_flag(b);
  if (has_order_hint)
    mg_bit_reader_skip(b, 2); /* jnt_comp, ref_frame_mvs */
  if (!mg_bit_reader_flag(b)) /* seq_choose_screen_content_tools */
    head->screen_content = (guint8) mg_bit_reader_u(b, 1);
  if (head->screen_content > 0 && !mg_bit_reader_flag(b)) /* seq_choose_integer_mv */
    head->integer_mv = (guint8) mg_bit_reader_u(b, 1);
  if (has_order_hint)
    head->order_hint_bits = (guint8) (mg_bit_reader_u(b, 3) + 1);
}

static void
read_tools(MgBitReader *b, MgAv1Sequence *s)
{
  mg_bit_reader_skip(b, 3); /* superblock size, filter intra, intra edge filter */
  if (!s->is_still)
    read_inter_tools(b, &s->head);
  mg_bit_reader_skip(b, 3); /* superres, cdef, restoration */
}

static void
read_depth(MgBitReader *b, MgAv1Sequence *s)
{
  gboolean is_high = mg_bit_reader_flag(b);
  s->bit_depth = is_high ? 10 : 8;
  if (s->profile == 2 && is_high && mg_bit_reader_flag(b))
    s->bit_depth = 12;
  s->is_monochrome = s->profile != 1 && mg_bit_reader_flag(b);
}

static void
read_subsampling(MgBitReader *b, MgAv1Sequence *s)
{
  s->subsampling_x = s->profile != 1;
  s->subsampling_y = s->profile == 0;
  if (s->profile == 2 && s->bit_depth == 12) {
    s->subsampling_x = mg_bit_reader_flag(b) ? 1 : 0;
    s->subsampling_y = s->subsampling_x && mg_bit_reader_flag(b) ? 1 : 0;
  }
  if (s->subsampling_x && s->subsampling_y)
    s->chroma_position = (guint8) mg_bit_reader_u(b, 2);
}

/* color_config() (5.5.2) */
static void
read_colour(MgBitReader *b, MgAv1Sequence *s)
{
  read_depth(b, s);
  if (mg_bit_reader_flag(b)) { /* color_description_present_flag */
    s->colour.primaries = (guint8) mg_bit_reader_u(b, 8);
    s->colour.transfer = (guint8) mg_bit_reader_u(b, 8);
    s->colour.matrix = (guint8) mg_bit_reader_u(b, 8);
  }
  gboolean is_srgb = s->colour.primaries == SRGB_PRIMARIES && s->colour.transfer == SRGB_TRANSFER &&
                     s->colour.matrix == SRGB_MATRIX;
  if (s->is_monochrome) {
    s->colour.is_full_range = mg_bit_reader_flag(b);
    s->subsampling_x = s->subsampling_y = 1;
  } else if (is_srgb) {
    s->colour.is_full_range = TRUE;
  } else {
    s->colour.is_full_range = mg_bit_reader_flag(b);
    read_subsampling(b, s);
  }
}

gboolean
mg_av1_sequence_parse(const MgReader *payload, MgAv1Sequence *s, GError **error)
{
  gsize size = mg_reader_left(payload);
  MgBitReader b = MG_BIT_READER(mg_reader_peek(payload, size), size);
  *s = (MgAv1Sequence){
    .head = { .is_known = TRUE, .screen_content = SELECT, .integer_mv = SELECT },
    .colour = { MG_CODEC_UNSPECIFIED, MG_CODEC_UNSPECIFIED, MG_CODEC_UNSPECIFIED, FALSE },
  };
  s->profile = (guint8) mg_bit_reader_u(&b, 3);
  mg_bit_reader_skip(&b, 1); /* still_picture */
  s->is_still = mg_bit_reader_flag(&b);
  if (s->is_still)
    s->level = (guint8) mg_bit_reader_u(&b, 5);
  else
    read_operating_points(&b, s);
  read_size(&b, s);
  read_tools(&b, s);
  read_colour(&b, s);
  if (mg_bit_reader_failed(&b) || s->profile > 2)
    return mg_codec_malformed(error, "AV1 sequence header is broken");
  return TRUE;
}
