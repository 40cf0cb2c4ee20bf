/*
 * What players are sent, made once for all of them: messages in chunks, and the last of them from a key frame on.
 *
 * An item is one message: its headers, and slices of the packet's own memory, of which nothing is copied.
 * Its chunks are of RTMP_PLAY_CHUNK_BYTES, its message stream is 1 (player.c changes that where it has to).
 *
 * The cache has the pictures since the last key frame and the sound that came with them. It is bounded in
 * bytes and in time: a group of pictures that is longer is not kept, and who comes waits for the next one.
 * Without pictures there is nothing to be kept.
 *
 * On one lane; no clock.
 */
#pragma once

#include "budget.h"
#include "server.h"

#include <mediagraph/buffer.h>

typedef struct {
  guint ref_count;
  Budget *budget;
  gboolean is_video, is_key;
  guint8 track;     /* 0: the first of its kind */
  MgStream *stream; /* a reference */
  guint32 stamp_ms;
  MgTime dts;
  gsize size; /* of all slices */
  guint n; /* slices; the first is headers alone, up to HEADER_BYTES of a message and then FLV's */
  MgSlice slices[];
} PlayItem;

enum { PLAY_CACHE_BYTES = 16 << 20 };
#define PLAY_CACHE_TIME (20 * MG_SECOND)

/* Message streams stand at this place in an item's first slice, in four bytes. */
enum { PLAY_STREAM_AT = 8 };

/* Tracks of one kind, the first included, that players can be sent. */
enum { PLAY_TRACKS = 16 };

/* The chunk streams of what players get. */
enum { PLAY_DATA_CSID = 5, PLAY_AUDIO_CSID = 4, PLAY_VIDEO_CSID = 6 };

/*
 * Returned-owned: BUFFER (borrowed) as a message, SHIFT later, whose bytes are owed to BUDGET as long as anybody has
 * them (NULL: to none). NULL: it is too large for one, or no memory.
 */
PlayItem *play_item_new(Budget *budget, const MgBuffer *buffer, MgTime shift, guint8 track);
PlayItem *play_item_ref(PlayItem *item);
void play_item_unref(gpointer item);

/* Appends STREAM's configuration to OUT as a whole message, of TRACK, on STREAM_ID; nothing if it has none to send. */
void play_write_config(MgWriter *out, const MgStream *stream, guint8 track, guint32 stamp_ms,
                       guint32 stream_id);

typedef struct {
  GPtrArray *items; /* of PlayItem */
  gsize bytes;
} PlayCache;

void play_cache_init(PlayCache *cache);
void play_cache_clear(PlayCache *cache);

/* Takes a reference, if there is something to keep. */
void play_cache_add(PlayCache *cache, PlayItem *item);

/* Forgets all. */
void play_cache_reset(PlayCache *cache);
