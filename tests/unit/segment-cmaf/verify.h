/* What holds for the chunks of segment-cmaf, whatever came in. */
#pragma once

#include "cutter.h"

/*
 * Fails the test unless, for each track: each chunk's bytes are what its description says, its times join
 * those of the one before with no gap within a discontinuity number, unless a segment number is missing
 * between them, and never go back; numbers only grow; segments start and end as flagged and are no
 * longer than the target duration, rounded; a segment's first picture is shown when it is decoded;
 * payload comes in order. And across tracks: equal numbers begin together, and none is left out.
 */
void verify(Cutter *c);
