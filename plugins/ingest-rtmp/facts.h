/*
 * What players are told of a stream before its media, and what they are not: its tracks, and its metadata.
 */
#pragma once

#include "cache.h"

/* What is known of the stream, for all players of it. */
typedef struct {
  MgStream *video, *audio;        /* references; NULL: not known, or there is none */
  MgStream *more[2][PLAY_TRACKS]; /* further audio and video, by their numbers; the same */
  MgData *metadata;               /* the body of a data message; a reference; NULL: none */
} PlayFacts;

/* Forgets all. */
void play_facts_clear(PlayFacts *facts);

/*
 * Notes that there is STREAM. TRACK: which one of its kind it is; the first one that comes is 0, others have their own
 * numbers. FALSE: players cannot be told which it is, and do not get it.
 */
gboolean play_facts_note(PlayFacts *facts, MgStream *stream, guint8 *track);

/* Returned-owned: what players want of a data message, onMetaData and its object in AMF0; NULL: nothing. */
MgData *play_metadata_read(const MgRtmpMessage *message);
