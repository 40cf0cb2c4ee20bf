/*
 * Range requests (RFC 9110 §14): which bytes of a known size a Range field asks for.
 *
 * Pure functions, any thread.
 */
#pragma once

#include "http/request.h"

typedef enum {
  MG_HTTP_RANGE_NONE, /* answer with everything: none asked for, several, or not understood */
  MG_HTTP_RANGE_PART,
  MG_HTTP_RANGE_OUTSIDE, /* 416: it lies behind the end */
} MgHttpRangeKind;

typedef struct {
  MgHttpRangeKind kind;
  guint64 first, size; /* of a part */
} MgHttpRange;

/* What FIELD asks for of SIZE bytes. */
MgHttpRange mg_http_range_parse(MgHttpText field, guint64 size);

/* Whether ETAG (without quotes) is in an If-None-Match field; weak comparison. NULL is in "*" only. */
gboolean mg_http_etag_is_listed(MgHttpText field, const char *etag);

/* Whether an If-Range field names exactly ETAG; strong comparison. A date never does. */
gboolean mg_http_etag_is_exactly(MgHttpText field, const char *etag);
