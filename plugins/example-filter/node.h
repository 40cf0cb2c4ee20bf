#pragma once

#include <mediagraph/node.h>

extern const MgNodeClass example_filter_class;
