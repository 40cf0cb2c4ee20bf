/*
 * ingest-rtmp with mode="pull": plays one stream from another server, as one session of the pipeline.
 */
#pragma once

#include <mediagraph/node.h>

/* The two values of `mode`; the first is for those without. */
typedef enum { MODE_LISTEN, MODE_PULL } Mode;

extern const MgChoice ingest_modes[];

extern const MgNodeClass pull_rtmp_class;
