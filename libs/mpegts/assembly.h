/*
 * One track of a demuxer: transport packets of a PID become PES packets or sections, and those
 * access units; private to this folder.
 */
#pragma once

#include "mpegts/pictures.h"
#include "mpegts/sound.h"

typedef struct MgTsAssembly MgTsAssembly;

/*
 * Returned-owned: for STREAM of a programme map (borrowed during the call). SINK is borrowed for
 * its life.
 */
MgTsAssembly *mg_ts_assembly_new(MgTsSink *sink, const MgTsStream *stream);

/* NULL is fine. What is not whole goes. */
void mg_ts_assembly_free(MgTsAssembly *a);

/* Whether STREAM is told of in the same way: PID, type, codec and descriptors. */
gboolean mg_ts_assembly_is_for(const MgTsAssembly *a, const MgTsStream *stream);

/* Borrowed: the track as it is told. */
const MgTsTrack *mg_ts_assembly_track(const MgTsAssembly *a);

/* Takes the next packet of the PID that has payload. */
void mg_ts_assembly_push(MgTsAssembly *a, const MgTsPacket *packet);

/* Packets of the PID are missing behind those so far. */
void mg_ts_assembly_break(MgTsAssembly *a);

/* Nothing comes behind: tells of what is whole, as far as that is known. */
void mg_ts_assembly_flush(MgTsAssembly *a);
