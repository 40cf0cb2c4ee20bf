/*
 * A rig (graph/build.h) whose listener is ingest-rtmp, on a free port of 127.0.0.1, with a sink "sink" behind it.
 */
#pragma once

#include "graph/build.h"

/* Returned-owned, not started yet. ATTRIBUTES: "app=live ping-interval=1s". */
Rig *ingest_rig_new(const char *attributes);

/* Of the only URL it announces, which begins with SCHEME ("rtmp://"). */
guint ingest_rig_port(Rig *rig, const char *scheme);

guint64 ingest_rig_counter(Rig *rig, const char *name);
