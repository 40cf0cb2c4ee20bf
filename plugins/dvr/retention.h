/*
 * Retention: removes recordings that are too old, and the oldest while there are too many bytes.
 *
 * Everything below the recordings' folder that ends in .mp4 counts as a recording; folders that become
 * empty are removed. Age is the time since the last write. A recording that is open stays, however long
 * nothing has been written to it, and so does what was written within the last minute: several streams, and
 * several servers, record into one folder at a time. Blocks: own thread only.
 */
#pragma once

#include <mediagraph/types.h>

/* KEEP and KEEP_BYTES of 0 keep everything. Returns how many files were removed. */
guint retention_run(const char *dir, MgTime keep, gint64 keep_bytes, gint64 now_utc_us);
