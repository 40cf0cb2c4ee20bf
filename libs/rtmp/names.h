/*
 * From what an encoder sends to the name of a stream.
 *
 * Clients cut rtmp://host/live/cam1?key=x apart in every possible way: the app may hold the stream,
 * the stream may hold slashes, the query may follow any part, connect may lack an app, the tcUrl may
 * be quoted. The answer depends on the whole only, not on where the client cut: the segments of the
 * path are percent-decoded, empty ones and Flash's _definst_ dropped, the first is the app, the last
 * the stream, one between them the app's instance.
 *
 * App, instance and stream match [A-Za-z0-9._-]{1,128} without a leading dot. That holds for files
 * and URLs too, so nobody else needs to check. The query may hold anything printable.
 */
#pragma once

#include <glib.h>

enum { MG_RTMP_NAME_BYTES = 128, MG_RTMP_QUERY_BYTES = 2048 };

/* All owned, none NULL. */
typedef struct {
  char *app;      /* "" when the client named nothing but a stream */
  char *instance; /* "" mostly */
  char *stream;
  char *query; /* without '?', parts from several places joined by '&'; not decoded */
} MgRtmpName;

/*
 * APP and TC_URL as connect had them, STREAM as publish had it; each may be NULL. Fills NAME, to be
 * cleared, or returns FALSE with NAME empty and MG_RTMP_ERROR_NAME set.
 */
gboolean mg_rtmp_name_parse(const char *app, const char *tc_url, const char *stream,
                            MgRtmpName *name, GError **error);
void mg_rtmp_name_clear(MgRtmpName *name);

/* Returned-owned: TEXT in double quotes for a message or a log, cut to 80 bytes, all but printable
 * ASCII escaped. */
char *mg_rtmp_quote(const char *text);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgRtmpName, mg_rtmp_name_clear)
