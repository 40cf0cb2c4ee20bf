#pragma once

#include <mediagraph/node.h>

extern const MgNodeClass out_dash_class;
