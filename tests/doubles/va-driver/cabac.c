/* H.264 clause 9.3.4.2 and the tables 9-12 ff., 9-44 and 9-45 as far as they are needed. */
#include "va-driver/cabac.h"

static const guint8 RANGE_LPS[64][4] = {
  { 128, 176, 208, 240 }, { 128, 167, 197, 227 }, { 128, 158, 187, 216 }, { 123, 150, 178, 205 },
  { 116, 142, 169, 195 }, { 111, 135, 160, 185 }, { 105, 128, 152, 175 }, { 100, 122, 144, 166 },
  { 95, 116, 137, 158 },  { 90, 110, 130, 150 },  { 85, 104, 123, 142 },  { 81, 99, 117, 135 },
  { 77, 94, 111, 128 },   { 73, 89, 105, 122 },   { 69, 85, 100, 116 },   { 66, 80, 95, 110 },
  { 62, 76, 90, 104 },    { 59, 72, 86, 99 },     { 56, 69, 81, 94 },     { 53, 65, 77, 89 },
  { 51, 62, 73, 85 },     { 48, 59, 69, 80 },     { 46, 56, 66, 76 },     { 43, 53, 63, 72 },
  { 41, 50, 59, 69 },     { 39, 48, 56, 65 },     { 37, 45, 54, 62 },     { 35, 43, 51, 59 },
  { 33, 41, 48, 56 },     { 32, 39, 46, 53 },     { 30, 37, 43, 50 },     { 29, 35, 41, 48 },
  { 27, 33, 39, 45 },     { 26, 31, 37, 43 },     { 24, 30, 35, 41 },     { 23, 28, 33, 39 },
  { 22, 27, 32, 37 },     { 21, 26, 30, 35 },     { 20, 24, 29, 33 },     { 19, 23, 27, 31 },
  { 18, 22, 26, 30 },     { 17, 21, 25, 28 },     { 16, 20, 23, 27 },     { 15, 19, 22, 25 },
  { 14, 18, 21, 24 },     { 14, 17, 20, 23 },     { 13, 16, 19, 22 },     { 12, 15, 18, 21 },
  { 12, 14, 17, 20 },     { 11, 14, 16, 19 },     { 11, 13, 15, 18 },     { 10, 12, 15, 17 },
  { 10, 12, 14, 16 },     { 9, 11, 13, 15 },      { 9, 11, 12, 14 },      { 8, 10, 12, 14 },
  { 8, 9, 11, 13 },       { 7, 9, 11, 12 },       { 7, 9, 10, 12 },       { 7, 8, 10, 11 },
  { 6, 8, 9, 11 },        { 6, 7, 9, 10 },        { 6, 7, 8, 9 },         { 2, 2, 2, 2 },
};

static const guint8 NEXT_LPS[64] = {
  0,  0,  1,  2,  2,  4,  4,  5,  6,  7,  8,  9,  9,  11, 11, 12, 13, 13, 15, 15, 16, 16,
  18, 18, 19, 19, 21, 21, 22, 22, 23, 24, 24, 25, 26, 26, 27, 27, 28, 29, 29, 30, 30, 30,
  31, 32, 32, 33, 33, 33, 34, 34, 35, 35, 35, 36, 36, 36, 37, 37, 37, 38, 38, 63,
};

/* m and n of each context; those of I slices, and of P and B slices with cabac_init_idc 0. */
static const gint8 START[MG_VA_N_CONTEXTS][2] = {
  [3] = { 20, -15 },   [4] = { 2, 54 },   [5] = { 3, 74 },   [11] = { 23, 33 }, [12] = { 23, 2 },
  [13] = { 21, 0 },    [14] = { 1, 9 },   [17] = { 5, 57 },  [24] = { 18, 64 }, [25] = { 9, 43 },
  [26] = { 29, 0 },    [27] = { 26, 67 }, [28] = { 16, 90 }, [29] = { 9, 104 }, [30] = { -46, 127 },
  [31] = { -20, 104 }, [32] = { 1, 67 },
};

void
mg_va_cabac_init(MgVaCabac *cabac, MgBitWriter *out, gint qp)
{
  *cabac = (MgVaCabac){ .out = out };
  for (guint i = 0; i < MG_VA_N_CONTEXTS; i++) {
    gint state = CLAMP((START[i][0] * CLAMP(qp, 0, 51) >> 4) + START[i][1], 1, 126);
    cabac->state[i] = (guint8) (state < 64 ? 2 * (63 - state) : 2 * (state - 64) + 1);
  }
  mg_va_cabac_start(cabac);
}

void
mg_va_cabac_start(MgVaCabac *cabac)
{
  cabac->low = 0;
  cabac->range = 510;
  cabac->n_outstanding = 0;
  cabac->is_first = TRUE;
}

/* The first bit of all is always 0 and is not written. */
static void
put_bit(MgVaCabac *cabac, guint bit)
{
  if (!cabac->is_first)
    mg_bit_writer_u(cabac->out, bit, 1);
  cabac->is_first = FALSE;
  for (; cabac->n_outstanding > 0; cabac->n_outstanding--)
    mg_bit_writer_u(cabac->out, !bit, 1);
}

static void
renormalise(MgVaCabac *cabac)
{
  while (cabac->range < 256) {
    if (cabac->low < 256) {
      put_bit(cabac, 0);
    } else if (cabac->low >= 512) {
      cabac->low -= 512;
      put_bit(cabac, 1);
    } else {
      cabac->low -= 256;
      cabac->n_outstanding++;
    }
    cabac->range <<= 1;
    cabac->low <<= 1;
  }
}

void
mg_va_cabac_put(MgVaCabac *cabac, guint i, guint bit)
{
  guint index = cabac->state[i] >> 1, likely = cabac->state[i] & 1;
  guint lps = RANGE_LPS[index][cabac->range >> 6 & 3];
  cabac->range -= lps;
  if (bit == likely) {
    index = MIN(index + 1, 62);
  } else {
    cabac->low += cabac->range;
    cabac->range = lps;
    likely ^= index == 0;
    index = NEXT_LPS[index];
  }
  cabac->state[i] = (guint8) (index << 1 | likely);
  renormalise(cabac);
}

void
mg_va_cabac_end(MgVaCabac *cabac, guint bit)
{
  cabac->range -= 2;
  if (bit) {
    cabac->low += cabac->range;
    cabac->range = 2;
  }
  renormalise(cabac);
  if (!bit)
    return;
  put_bit(cabac, cabac->low >> 9 & 1);
  mg_bit_writer_u(cabac->out, (cabac->low >> 7 & 3) | 1, 2);
}
