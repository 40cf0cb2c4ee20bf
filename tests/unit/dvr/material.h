/* What the tests of recordings need: chunks with real headers, and a folder that goes away. */
#pragma once

#include <mediagraph/chunk.h>

/* Returned-owned: an AAC track of 48 kHz, and an H.264 track of 90 kHz, chunk form. */
MgStream *dvr_make_audio(const char *id);
MgStream *dvr_make_video(const char *id);

/* Returned-owned: a chunk of one sample of SIZE bytes at START ticks, decoded REORDER ticks late. */
MgBuffer *dvr_make_chunk(MgStream *stream, gint64 start, guint reorder, guint size);

/* Removes PATH with all that is in it; links are not followed. */
void dvr_remove_tree(const char *path);
