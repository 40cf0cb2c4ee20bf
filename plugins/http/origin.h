/*
 * The origin: what is served under which path, put there by its owners on any lane and looked up on
 * the I/O lanes. One table from whole paths to what is there; a lock for readers and writers around it,
 * never held while something of an owner's is called.
 */
#pragma once

#include "http/promise.h"
#include "http/route.h"

#include <mediagraph/lane.h>

/* CORS is for the resources that are put: borrowed, as long as the origin. */
MgHttpOrigin *mg_http_origin_new(const char *cors);

/* All folders and routes have been freed before, or retired. On the first I/O lane. */
void mg_http_origin_free(MgHttpOrigin *origin);

MgHttpFolder *mg_http_folder_new(MgHttpOrigin *origin, const char *path);
void mg_http_folder_free(MgHttpFolder *folder);

/* Frees it after AFTER nanoseconds, or with the origin. */
void mg_http_folder_retire(MgHttpFolder *folder, MgTime after);
const char *mg_http_folder_cors(MgHttpFolder *folder);

/* RESOURCE is taken. */
void mg_http_folder_put(MgHttpFolder *folder, const char *name, MgHttpResource *resource);
void mg_http_folder_remove(MgHttpFolder *folder, const char *name);

/* What is not all there: see <mediagraph/http.h>. CONTENT and BUFFER are borrowed. */
void mg_http_folder_promise(MgHttpFolder *folder, const char *name, MgTime wait);
void mg_http_folder_begin(MgHttpFolder *folder, const char *name, const MgHttpContent *content);
void mg_http_folder_append(MgHttpFolder *folder, const char *name, MgBuffer *buffer);
void mg_http_folder_finish(MgHttpFolder *folder, const char *name);

/* What is under a path, or in one folder: one of these, returned-owned, or none. */
typedef struct {
  MgHttpResource *resource;
  MgHttpPromise *promise; /* of a resource that is not all there */
  MgHttpRoute *route;
} MgHttpFound;

void mg_http_found_clear(MgHttpFound *found);

/* What the folder holds under NAME. */
MgHttpFound mg_http_folder_get(MgHttpFolder *folder, const char *name);

MgHttpRoute *mg_http_route_new(MgHttpOrigin *origin, const char *path, MgHttpHandler handler,
                               gpointer data);

/* Waits until nothing of it runs. */
void mg_http_route_free(MgHttpRoute *route);

/* Calls EACH with the folder's path and the name of every resource that is whole. */
void mg_http_origin_each(MgHttpOrigin *origin,
                         void (*each)(const char *path, const char *name, gpointer data),
                         gpointer data);

MgHttpFound mg_http_origin_find(MgHttpOrigin *origin, const char *path);
