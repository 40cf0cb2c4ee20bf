#include "codec/vvc.h"

#include "codec/sei.h"

enum {
  MOST_CONFIG_BYTES = 65536,
  RESERVED_AND_LENGTHS = 0xf8 | (4 - 1) << 1,
  PTL_PRESENT = 1,
};

static const MgNalArrayKind kinds[] = {
  { MG_VVC_NAL_DCI, TRUE },         { MG_VVC_NAL_OPI, TRUE }, { MG_VVC_NAL_VPS, TRUE },
  { MG_VVC_NAL_SPS, TRUE },         { MG_VVC_NAL_PPS, TRUE }, { MG_VVC_NAL_PREFIX_APS, FALSE },
  { MG_VVC_NAL_PREFIX_SEI, FALSE },
};

/* Without APS and SEI, which packets may bring, too. */
enum { N_SETS = 5 };

/* VvcPTLRecord(num_sublayers) */
static void
read_ptl(MgReader *r, guint n_sublayers, MgVvcConfig *c)
{
  c->n_constraints = mg_reader_u8(r) & 63;
  guint8 profile = mg_reader_u8(r);
  c->profile = profile >> 1;
  c->is_high_tier = profile & 1;
  c->level = mg_reader_u8(r);
  c->constraints = mg_reader_take(r, c->n_constraints);
  if (n_sublayers > 1) {
    guint8 present = mg_reader_u8(r); /* the first n - 1 flags count, from the top */
    mg_reader_skip(r, (gsize) __builtin_popcount(present >> (9 - n_sublayers)));
  }
  mg_reader_skip(r, 4u * mg_reader_u8(r)); /* sub-profiles */
}

/* What is there when ptl_present_flag is set. */
static void
read_head(MgReader *r, MgVvcConfig *c)
{
  gsize begin = r->pos;
  c->head = mg_reader_peek(r, 0);
  guint layers = mg_reader_be16(r); /* ols_idx, num_sublayers, frame rate, chroma format */
  c->chroma_format = layers & 3;
  c->bit_depth = (guint8) (8 + (mg_reader_u8(r) >> 5));
  read_ptl(r, layers >> 4 & 7, c);
  c->width = mg_reader_be16(r);
  c->height = mg_reader_be16(r);
  mg_reader_skip(r, 2); /* avg_frame_rate */
  c->head_size = r->pos - begin;
}

static gboolean
check_sets(MgVvcConfig *config, GError **error)
{
  MgNal nal;
  MgNalArrayIter it = mg_nal_arrays_iter(&config->sets);
  while (mg_nal_arrays_next(&it, &nal))
    if (it.type == MG_VVC_NAL_PREFIX_SEI)
      mg_sei_read_hdr(&nal, &config->hdr);
  if (mg_nal_arrays_find(&config->sets, MG_VVC_NAL_SPS, &nal) &&
      mg_nal_arrays_find(&config->sets, MG_VVC_NAL_PPS, &nal))
    return TRUE;
  g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MISSING,
                      "VVC configuration without parameter sets");
  return FALSE;
}

gboolean
mg_vvc_config_parse(const guint8 *vvcc, gsize size, MgVvcConfig *config, GError **error)
{
  *config = (MgVvcConfig){ 0 };
  MgReader r = MG_READER(vvcc, size);
  guint8 flags = mg_reader_u8(&r);
  if (size > MOST_CONFIG_BYTES || (size > 0 && !(flags & PTL_PRESENT))) {
    g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_UNSUPPORTED,
                        "VVC configuration beyond reason, or without profile and level");
    return FALSE;
  }
  config->nal_length_size = (flags >> 1 & 3) + 1u;
  read_head(&r, config);
  config->sets = mg_nal_arrays_read(&r, TRUE);
  if (mg_reader_failed(&r) || config->nal_length_size == 3 || config->n_constraints == 0 ||
      config->width == 0 || config->height == 0 || config->level == 0)
    return mg_codec_malformed(error, "VVC configuration is not a VvcDecoderConfigurationRecord");
  return check_sets(config, error);
}

void
mg_vvc_config_write(const MgVvcConfig *config, MgWriter *vvcc)
{
  mg_writer_u8(vvcc, RESERVED_AND_LENGTHS | PTL_PRESENT);
  mg_writer_bytes(vvcc, config->head, config->head_size);
  mg_nal_arrays_write(&config->sets, kinds, G_N_ELEMENTS(kinds), vvcc);
}

gboolean
mg_vvc_config_equal(const MgVvcConfig *a, const MgVvcConfig *b)
{
  return mg_nal_arrays_include(&a->sets, &b->sets, kinds, N_SETS) &&
         mg_nal_arrays_include(&b->sets, &a->sets, kinds, N_SETS);
}

/* RFC 4648 clause 6, without padding. */
static void
append_base32(GString *text, const guint8 *bytes, guint n)
{
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  for (guint bit = 0; bit < n * 8; bit += 5) {
    guint value = 0;
    for (guint i = bit; i < bit + 5; i++)
      value = value << 1 | (i < n * 8 ? bytes[i / 8] >> (7 - i % 8) & 1u : 0);
    g_string_append_c(text, digits[value]);
  }
}

char *
mg_vvc_codec_string(const MgVvcConfig *config)
{
  GString *text = g_string_new(NULL);
  guint n = config->n_constraints;
  g_string_printf(text, "vvc1.%u.%c%u", config->profile, config->is_high_tier ? 'H' : 'L',
                  config->level);
  while (n > 0 && config->constraints[n - 1] == 0)
    n--;
  if (n > 0)
    g_string_append(text, ".C");
  append_base32(text, config->constraints, n);
  return g_string_free(text, FALSE);
}

/* The head of picture_header_structure(): gdr_or_irap, non_ref. SHIFT: bits before it in the byte. */
static gboolean
is_non_reference(const MgNal *nal, guint shift)
{
  return nal->size > 2 && nal->data[2] << shift & 0x40;
}

static void
inspect_slice(const MgNal *nal, guint type, MgVvcPicture *picture)
{
  gboolean has_header =
      nal->size > 2 && nal->data[2] & 0x80; /* sh_picture_header_in_slice_header */
  picture->is_irap = type >= MG_VVC_NAL_IDR_W_RADL && type <= MG_VVC_NAL_CRA;
  picture->has_slice = TRUE;
  if (has_header && is_non_reference(nal, 1))
    picture->is_reference = FALSE;
}

gboolean
mg_vvc_picture_inspect(const guint8 *data, gsize size, guint length_size, MgVvcPicture *picture)
{
  *picture = (MgVvcPicture){ .is_reference = TRUE };
  MgNal nal;
  MgNalIter it = mg_nal_iter(data, size, length_size);
  while (mg_nal_next(&it, &nal)) {
    if (nal.size < 2)
      return FALSE;
    guint type = mg_nal_type(&nal, TRUE);
    if (type <= MG_VVC_NAL_LAST_VCL)
      inspect_slice(&nal, type, picture);
    else if (type == MG_VVC_NAL_PICTURE_HEADER && is_non_reference(&nal, 0))
      picture->is_reference = FALSE;
    else if (type == MG_VVC_NAL_PREFIX_SEI)
      mg_sei_read_hdr(&nal, &picture->hdr);
    else if (!mg_vvc_is_not_parameter_set(&nal))
      picture->has_parameter_sets = TRUE;
  }
  return !mg_nal_iter_failed(&it);
}

gboolean
mg_vvc_is_not_parameter_set(const MgNal *nal)
{
  guint type = nal->size >= 2 ? mg_nal_type(nal, TRUE) : 0;
  return type < MG_VVC_NAL_DCI || type > MG_VVC_NAL_PPS;
}
