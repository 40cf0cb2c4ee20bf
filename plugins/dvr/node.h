#pragma once

#include <mediagraph/node.h>

extern const MgNodeClass dvr_class;
