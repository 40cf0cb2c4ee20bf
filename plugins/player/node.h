#pragma once

#include <mediagraph/node.h>

extern const MgNodeClass player_class;
