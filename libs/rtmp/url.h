/*
 * The URL of a stream on another server: rtmp[s]://HOST[:PORT]/APP[/INSTANCE]/STREAM[?QUERY].
 *
 * A stream's name often is its key, and a query may hold one: so no error quotes a URL, and what is
 * meant for logs ends in front of the name.
 */
#pragma once

#include <glib.h>

/* All text owned, none NULL. */
typedef struct {
  gboolean is_tls;
  char *host; /* without brackets */
  guint port;
  char *app;    /* with its instance */
  char *stream; /* with its query */
  char *tc_url; /* up to the app: for connect, and for people */
} MgRtmpUrl;

/*
 * KEY (may be NULL) is put where servers look for one: behind a URL that ends in '/' or '='; as the
 * stream's name where the URL has nothing but an app; else as ?key=. Fills URL, to be cleared,
 * or returns FALSE with URL empty and MG_RTMP_ERROR_NAME: a sentence without a subject.
 */
gboolean mg_rtmp_url_parse(const char *text, const char *key, MgRtmpUrl *url, GError **error);

/* How a file is read whose first line is a key: READ returns the key, or NULL and ERROR; WIPE takes it back. */
typedef struct {
  char *(*read)(const char *path, GError **error);
  void (*wipe)(char *key);
} MgRtmpKeyFiles;

/* The same with the key in KEY_FILE (NULL: none), as FILES reads it. What is wrong with the text is "url: …". */
gboolean mg_rtmp_url_parse_with(const char *text, const char *key_file, const MgRtmpKeyFiles *files,
                                MgRtmpUrl *url, GError **error);

void mg_rtmp_url_clear(MgRtmpUrl *url);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgRtmpUrl, mg_rtmp_url_clear)
