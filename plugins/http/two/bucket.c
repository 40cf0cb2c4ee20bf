#include "http/two/bucket.h"

gboolean
mg_http_bucket_take(MgHttpBucket *bucket, MgTime now, guint most, guint rate)
{
  guint64 regained = (guint64) (now - bucket->at) / (MG_SECOND / rate);
  if (regained >= bucket->used) {
    bucket->used = 0;
    bucket->at = now;
  } else {
    bucket->used -= (guint) regained;
    bucket->at += (MgTime) regained * (MG_SECOND / rate);
  }
  if (bucket->used >= most)
    return FALSE;
  bucket->used++;
  return TRUE;
}
