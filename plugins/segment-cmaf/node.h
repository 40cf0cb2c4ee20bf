#pragma once

#include <mediagraph/node.h>

extern const MgNodeClass segment_cmaf_class;
