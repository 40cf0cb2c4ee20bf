/*
 * Where a window puts things so that others find them: its http folder and, with a `dir`, files.
 *
 * Made and used on the node's lane.
 */
#pragma once

#include "window/window.h"

typedef struct MgShelf MgShelf;

/* Returned-owned, or NULL and ERROR: no http service, another has the path, DIR cannot be written. */
MgShelf *mg_shelf_new(MgNode *node, const MgWindowOptions *options, GError **error);

/* Everything can be fetched for AFTER nanoseconds more; files stay. */
void mg_shelf_free(MgShelf *shelf, MgTime after);

void mg_shelf_put_segment(MgShelf *shelf, const MgSegment *segment, const char *name);

/* One part of a segment; it is no file. */
void mg_shelf_put_part(MgShelf *shelf, const char *name, MgBuffer *chunk);

/* A segment that grows under NAME, and is a file when it is finished. */
void mg_shelf_begin_segment(MgShelf *shelf, const MgSegment *segment, const char *name);
void mg_shelf_append(MgShelf *shelf, const char *name, MgBuffer *chunk);
void mg_shelf_finish_segment(MgShelf *shelf, const MgSegment *segment, const char *name);

/* NAME will be put, begun, or removed; no file. */
void mg_shelf_promise(MgShelf *shelf, const char *name, MgTime wait);
void mg_shelf_withdraw(MgShelf *shelf, const char *name);
void mg_shelf_put_init(MgShelf *shelf, const char *name, MgStream *stream);
void mg_shelf_put_manifest(MgShelf *shelf, const char *name, const char *content_type,
                           guint max_age_ms, const char *text, gsize size);
void mg_shelf_remove(MgShelf *shelf, const char *name);

/* The service and the folder, borrowed. */
const MgHttpInterface *mg_shelf_http(MgShelf *shelf, gpointer *impl);
MgHttpFolder *mg_shelf_folder(MgShelf *shelf);

/* Returned-owned: the URL of NAME. */
char *mg_shelf_url(MgShelf *shelf, const char *name);
