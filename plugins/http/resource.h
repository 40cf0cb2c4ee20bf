/*
 * A resource: what is served, with the head of its answer written beforehand.
 *
 * Counted and immutable; made when it is put or answered with, on any thread. What is only known per
 * request (the date, a range, whether the connection closes) is added when it is sent (response.h). Text
 * may have a gzip form besides, made when it is first wanted (gzip.h).
 *
 * `head` is, in this order, so that other answers can use its end:
 *
 *   status line, Content-Length | Content-Type, Accept-Ranges | Cache-Control, ETag, Vary, CORS
 *                        `entity` ^                  `common` ^
 *
 * with Content-Encoding instead of Accept-Ranges in a gzip form.
 */
#pragma once

#include "http/lines.h"

#include <mediagraph/http.h>

typedef struct MgHttpForms MgHttpForms;
typedef struct MgHttpLazy MgHttpLazy;

typedef struct {
  gint ref_count;
  guint status;
  gboolean is_growing; /* more is to come: its size is not known */
  guint64 size;        /* bytes of the slices */
  const char *coding;  /* Content-Encoding, static; NULL: none */
  MgHttpForms *forms;  /* NULL: it comes as it is, always */
  MgHttpLazy *lazy;    /* NULL: its body is there; else it is made when it is wanted */
  char *etag;          /* NULL: none */
  char *head;
  gsize head_size;
  MgHttpLines *lines;   /* the same for HTTP/2: a reference */
  gsize entity, common; /* offsets in head */
  guint n_slices;
  MgSlice slices[];
} MgHttpResource;

/*
 * Returned-owned. CONTENT is borrowed; CORS is the origin that pages may come from, "*", or NULL for no
 * such header; borrowed, for as long as something is answered with it. Text has a gzip form.
 */
MgHttpResource *mg_http_resource_new(const MgHttpContent *content, const char *cors);

/* Returned-owned: the same for a single request, for which no gzip form is made. */
MgHttpResource *mg_http_resource_new_once(const MgHttpContent *content, const char *cors);

/* Returned-owned: a form of another, whose body is in CODING (static). */
MgHttpResource *mg_http_resource_new_coded(const MgHttpContent *content, const char *coding,
                                           const char *cors);

/* Returned-owned: the same, of which only the beginning is known. */
MgHttpResource *mg_http_resource_new_growing(const MgHttpContent *content, const char *cors);

/* Returned-owned: STATUS with a line of text that says it. */
MgHttpResource *mg_http_resource_new_error(guint status, const char *cors);

/* Returned-owned: what OPTIONS is answered with, for any path. */
MgHttpResource *mg_http_resource_new_options(const char *cors);

MgHttpResource *mg_http_resource_ref(MgHttpResource *resource);

/* NULL is fine. */
void mg_http_resource_unref(MgHttpResource *resource);

/* "Not Found"; static. */
const char *mg_http_status_text(guint status);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgHttpResource, mg_http_resource_unref)
