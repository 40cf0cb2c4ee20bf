#pragma once

#include <mediagraph/node.h>

extern const MgNodeClass out_hls_class;
