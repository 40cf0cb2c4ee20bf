/* Running a function on a lane, from a thread that is none, and waiting until it has returned. */
#pragma once

#include <mediagraph/lane.h>

void mg_call_on(MgLane *lane, MgLaneFunc func, gpointer data);
