/*
 * The chunk under way: a track's samples are collected until it is full, completed, and sent.
 *
 * A sample is complete once it is known how long it lasts: until the next one.
 */
#pragma once

#include "track.h"

/* Packets of some codecs say how long they last; one that does not is as long as the one before. */
void collect_note_length(Track *track, const MgBuffer *buffer);

/* Adds BUFFER (taken) as the next sample, decoded at DTS ticks. */
void collect_add(Track *track, MgBuffer *buffer, gint64 dts);

/* The last sample lasts until UNTIL ticks. Without one, only that is where the next begins. */
void collect_until(Track *track, gint64 until);

/* It lasts as long as samples do. */
void collect_nominally(Track *track);

/* In front of discontinuity CUT: it lasts as long as samples do, but not beyond its start. */
void collect_before(Track *track, const Cut *cut);

/* Sends the samples, all of which are complete, if no further one fits in with them. */
void collect_send_full(Track *track);

/* Sends what there is, if anything, as the end of the segment. */
void collect_end_segment(Track *track);
