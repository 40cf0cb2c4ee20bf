#pragma once

#include <mediagraph/node.h>

extern const MgNodeClass out_rtmp_class;
