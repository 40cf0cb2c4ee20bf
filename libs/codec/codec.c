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
