/*
 * One recording: a fragmented MP4 file that is playable at any moment.
 *
 * The head (ftyp and moov) names all tracks; behind it the chunks of all tracks follow as they come.
 * Chunks are shared with other outputs and never changed: only a copy of their small header gets this
 * file's numbers. A chunk is written with one writev; when that fails the file is cut back to what was
 * whole. Counted: each track that still writes into it holds a reference. Blocks: own thread only.
 */
#pragma once

#include <mediagraph/chunk.h>

typedef struct Recording Recording;

/*
 * Returned-owned: a recording of STREAMS (chunk form, of MgStream *) into the new file NAME beneath
 * ROOT_FD; START is where published media time counts as 0 in it, in ns. An existing NAME gets "-2",
 * "-3" … before its ending. NULL and ERROR when it cannot be made; nothing is left then. As long as it is
 * open a shared lock (flock(2)) keeps the file from retention, this server's and others'.
 */
Recording *recording_new(int root_fd, const char *name, GPtrArray *streams, MgTime start,
                         GError **error);
Recording *recording_ref(Recording *recording);

/* NULL is fine. The last one closes the file. */
void recording_unref(Recording *recording);

/* Whether it has a track with exactly this stream. */
gboolean recording_fits(const Recording *recording, const MgStream *stream);

/* Appends a chunk of a stream that fits. FALSE and ERROR: nothing of it stays in the file. */
gboolean recording_write(Recording *recording, const MgBuffer *chunk, GError **error);

const char *recording_name(const Recording *recording);
MgTime recording_start(const Recording *recording);
