/*
 * The body of a resource that is made when it is first wanted, on that viewer's lane, and kept with the
 * resource for all who follow, as gzip forms are (gzip.h). No lane waits for another: when two want it first
 * at the same moment both make it, and one is kept.
 */
#pragma once

#include "http/resource.h"

/* What makes it: see folder_put_lazy() of <mediagraph/http.h>. */
typedef struct {
  MgData *(*make)(gpointer data);
  gpointer data;
  GDestroyNotify destroy;
} MgHttpMaker;

/* Returned-owned: a resource like CONTENT (borrowed), whose body MAKER makes. CORS as in resource.h. */
MgHttpResource *mg_http_lazy_new(const MgHttpContent *content, MgHttpMaker maker, const char *cors);

/* RESOURCE, or what was made of it: an answer of status 500 when that failed. Borrowed from RESOURCE. Any thread. */
const MgHttpResource *mg_http_lazy_of(const MgHttpResource *resource);

/* NULL is fine. */
void mg_http_lazy_free(MgHttpLazy *lazy);
