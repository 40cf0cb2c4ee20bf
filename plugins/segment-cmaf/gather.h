/* From a chunk's samples to its one buffer: header and small samples copied together, the rest shared. */
#pragma once

#include <cmaf/chunk.h>
#include <mediagraph/buffer.h>

/*
 * Returned-owned: a buffer of STREAM with the header of CHUNK and the payload of SAMPLES (of MgBuffer *),
 * or NULL: there is no memory. PLAN comes from CHUNK.
 */
MgBuffer *gather(MgStream *stream, const GPtrArray *samples, const MgCmafChunk *chunk,
                 const MgCmafPlan *plan);
