#include "codec/codec.h"

G_DEFINE_QUARK(mg - codec - error - quark, mg_codec_error)

MgCodecRational
mg_codec_rational(guint64 num, guint64 den)
{
  guint64 a = num, b = den;
  while (b != 0) {
    guint64 rest = a % b;
    a = b;
    b = rest;
  }
  if (num == 0 || den == 0 || num / a > G_MAXUINT32 || den / a > G_MAXUINT32)
    return (MgCodecRational){ 0 };
  return (MgCodecRational){ (guint32) (num / a), (guint32) (den / a) };
}

gboolean
mg_codec_malformed(GError **error, const char *what)
{
  g_set_error_literal(error, MG_CODEC_ERROR, MG_CODEC_ERROR_MALFORMED, what);
  return FALSE;
}

MgCodecRational
mg_codec_sar(guint idc)
{
  static const guint8 known[][2] = {
    { 0, 0 },   { 1, 1 },    { 12, 11 }, { 10, 11 }, { 16, 11 }, { 40, 33 },
    { 24, 11 }, { 20, 11 },  { 32, 11 }, { 80, 33 }, { 18, 11 }, { 15, 11 },
    { 64, 33 }, { 160, 99 }, { 4, 3 },   { 3, 2 },   { 2, 1 },
  };
  if (idc >= G_N_ELEMENTS(known))
    return (MgCodecRational){ 0 };
  return mg_codec_rational(known[idc][0], known[idc][1]);
}
