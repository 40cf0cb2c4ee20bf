/* What a peer may do at a time: so much at once, and then so much per second. Pure functions, any thread. */
#pragma once

#include <mediagraph/types.h>

typedef struct {
  guint used;
  MgTime at; /* when it was last emptied */
} MgHttpBucket;

/* Takes one at NOW of a bucket (zeroed at first) that holds MOST and regains RATE per second; FALSE: none left. */
gboolean mg_http_bucket_take(MgHttpBucket *bucket, MgTime now, guint most, guint rate);
