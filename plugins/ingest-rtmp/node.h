#pragma once

#include <mediagraph/node.h>

extern const MgNodeClass ingest_rtmp_class;
