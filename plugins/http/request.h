/*
 * The request parser: the head of an HTTP/1.x request, strictly (RFC 9112).
 *
 * Two steps, so that bytes may come one by one. mg_http_scan() finds the end of the head and looks at
 * each byte once. mg_http_head_parse() then reads the whole head. What a proxy in front could
 * understand differently is refused, never guessed: bare CR or LF, folded lines, spaces before a
 * colon, two lengths, a length and a transfer coding. Pure functions; nothing is allocated; any thread.
 */
#pragma once

#include "http/accept.h"
#include "http/text.h"

typedef struct {
  gsize pos;  /* nothing before it needs to be looked at again */
  gsize line; /* where the line under way starts */
} MgHttpScan;

typedef enum {
  MG_HTTP_SCAN_MORE, /* the head goes on */
  MG_HTTP_SCAN_BAD,  /* it cannot become a request */
  MG_HTTP_SCAN_DONE, /* scan->pos is the size of the head, with the empty line that ends it */
} MgHttpScanned;

/* Goes on with SCAN (zeroed at first) over the bytes received so far, SIZE from the first on. */
MgHttpScanned mg_http_scan(MgHttpScan *scan, const guint8 *bytes, gsize size);

typedef enum {
  MG_HTTP_GET,
  MG_HTTP_HEAD,
  MG_HTTP_OPTIONS,
  MG_HTTP_OTHER, /* well formed, but none of these */
} MgHttpMethod;

typedef struct {
  MgHttpMethod method;
  guint minor;            /* HTTP/1.minor: 0 or 1 */
  gboolean has_frames;    /* it is HTTP/2: frames tell where bodies end */
  MgHttpText path;        /* as sent; "*" in OPTIONS * */
  MgHttpText query;       /* behind the '?'; absent without one */
  gboolean is_persistent; /* the peer wants to go on after the answer */
  gboolean has_body;
  MgHttpText range;                      /* Range */
  MgHttpText if_range;                   /* If-Range */
  MgHttpText if_none_match;              /* If-None-Match: of several lines the first */
  gboolean wants_gzip;                   /* Accept-Encoding */
  MgHttpText x_forwarded_for, forwarded; /* of several lines the last */
} MgHttpHead;

/* Reads a whole head. Returns 0, or the status to refuse it with. */
guint mg_http_head_parse(const guint8 *bytes, gsize size, MgHttpHead *head);

/*
 * The same, of a head that comes in parts, as in HTTP/2. Begin; give it the method, the target and each field
 * once; end. FIELDS and what is borrowed must live until then.
 */
typedef struct {
  MgHttpHead *head;
  guint n_hosts, n_lengths, n_codings;
  gboolean closes, keeps;
  MgHttpAccept accept;
} MgHttpFields;

/* Whether a field of that name says anything here: the others need not be given. */
gboolean mg_http_fields_knows(MgHttpText name);

void mg_http_fields_begin(MgHttpFields *fields, MgHttpHead *head);

/* All return 0, or the status to refuse it with. The method comes before the target. */
guint mg_http_fields_method(MgHttpFields *fields, MgHttpText method);
guint mg_http_fields_target(MgHttpFields *fields, MgHttpText target);
guint mg_http_fields_add(MgHttpFields *fields, MgHttpText name, MgHttpText value);
guint mg_http_fields_end(MgHttpFields *fields);

/*
 * Undoes percent-encoding of a path into OUT, which has room for path.size + 1 bytes; ends it with a
 * NUL. FALSE when it is not a clean absolute path in UTF-8: "..", ".", "//", encoded slashes and control
 * characters are refused.
 */
gboolean mg_http_path_decode(MgHttpText path, char *out);
