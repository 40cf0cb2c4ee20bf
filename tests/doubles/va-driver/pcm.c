/* H.264 clauses 7.3.4 and 7.3.5 for macroblocks of type I_PCM. */
#include "va-driver/pcm.h"

#include "va-driver/cabac.h"

static const guint MB_TYPE[] = {
  [MG_VA_SLICE_I] = 25, [MG_VA_SLICE_P] = 5 + 25, [MG_VA_SLICE_B] = 23 + 25
};

static void
put_block(MgWriter *out, const MgVaComponent *c, guint x0, guint y0, guint side)
{
  guint8 *to = mg_writer_extend(out, (gsize) side * side);
  for (guint y = y0; y < y0 + side; y++) {
    const guint8 *row = c->data + (gsize) MIN(y, c->height - 1) * c->pitch;
    for (guint x = x0; x < x0 + side; x++)
      *to++ = row[(gsize) MIN(x, c->width - 1) * c->step];
  }
}

static void
put_samples(MgWriter *out, const MgVaPicture *picture, guint mb_x, guint mb_y)
{
  put_block(out, &picture->component[0], mb_x * 16, mb_y * 16, 16);
  put_block(out, &picture->component[1], mb_x * 8, mb_y * 8, 8);
  put_block(out, &picture->component[2], mb_x * 8, mb_y * 8, 8);
}

static void
write_cavlc(MgBitWriter *b, const MgVaPcm *pcm)
{
  for (guint y = 0; y < pcm->height_mbs; y++)
    for (guint x = 0; x < pcm->width_mbs; x++) {
      if (pcm->slice_type != MG_VA_SLICE_I)
        mg_va_put_ue(b, 0); /* none skipped */
      mg_va_put_ue(b, MB_TYPE[pcm->slice_type]);
      mg_bit_writer_align(b);
      put_samples(b->out, pcm->picture, x, y);
    }
  mg_va_h264_end(b);
}

/* That it is not skipped, and the bins of its type (tables 9-36 and 9-37); N neighbours are alike. */
static void
put_type(MgVaCabac *cabac, guint slice_type, guint n)
{
  static const struct {
    guint context, bit;
  } b_prefix[] = { { 30, 1 }, { 31, 1 }, { 32, 1 }, { 32, 0 }, { 32, 1 } };
  if (slice_type == MG_VA_SLICE_I) {
    mg_va_cabac_put(cabac, 3 + n, 1);
  } else if (slice_type == MG_VA_SLICE_P) {
    mg_va_cabac_put(cabac, 11 + n, 0);
    mg_va_cabac_put(cabac, 14, 1);
    mg_va_cabac_put(cabac, 17, 1);
  } else {
    mg_va_cabac_put(cabac, 24 + n, 0);
    mg_va_cabac_put(cabac, 27 + n, 1);
    for (guint i = 0; i < G_N_ELEMENTS(b_prefix); i++)
      mg_va_cabac_put(cabac, b_prefix[i].context, b_prefix[i].bit);
    mg_va_cabac_put(cabac, 32, 1);
  }
  mg_va_cabac_end(cabac, 1);
}

static void
write_cabac(MgBitWriter *b, const MgVaPcm *pcm)
{
  MgVaCabac cabac;
  while (b->n_held > 0)
    mg_bit_writer_u(b, 1, 1);
  mg_va_cabac_init(&cabac, b, pcm->qp);
  for (guint y = 0; y < pcm->height_mbs; y++)
    for (guint x = 0; x < pcm->width_mbs; x++) {
      gboolean is_last = y + 1 == pcm->height_mbs && x + 1 == pcm->width_mbs;
      put_type(&cabac, pcm->slice_type, (x > 0) + (y > 0));
      mg_bit_writer_align(b);
      put_samples(b->out, pcm->picture, x, y);
      mg_va_cabac_start(&cabac);
      mg_va_cabac_end(&cabac, is_last);
    }
  mg_bit_writer_align(b); /* the coder has written the bit that ends the RBSP */
}

void
mg_va_pcm_write(MgBitWriter *b, const MgVaPcm *pcm)
{
  if (pcm->is_cabac)
    write_cabac(b, pcm);
  else
    write_cavlc(b, pcm);
}
