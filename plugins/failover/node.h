#pragma once

#include <mediagraph/node.h>

extern const MgNodeClass failover_class;
