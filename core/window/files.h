/*
 * Files beside the http folder: written by a thread of their own, so that a slow disk costs nobody else.
 *
 * Each file is written under a temporary name and renamed: a reader sees the old one or the new one.
 * Jobs run in order. What waits is bounded; beyond that, and while the disk fails, files are skipped,
 * and the log says so once per change of state. Any thread; jobs of one caller keep their order.
 *
 * A folder has one writer at a time: two would use the same names and remove each other's files. One that
 * is freed finishes what waits; all that the next one into the same folder writes comes behind it.
 */
#pragma once

#include <mediagraph/buffer.h>
#include <mediagraph/log.h>

typedef struct MgFiles MgFiles;

/* Returned-owned: a writer into folder DIR, which is made. NULL and ERROR: it cannot be, or it has one. */
MgFiles *mg_files_new(MgNode *node, const char *dir, GError **error);

/* Writes the payload of N buffers, or DATA, to NAME. References are taken. */
void mg_files_put_buffers(MgFiles *files, const char *name, GPtrArray *buffers);
void mg_files_put_data(MgFiles *files, const char *name, MgData *data);
void mg_files_remove(MgFiles *files, const char *name);

/* Another may take the folder at once; what waits is finished, and then the writer is freed. NULL is fine. */
void mg_files_free(MgFiles *files);
