#pragma once

#include <mediagraph/plugin.h>

extern const MgNodeClass auth_class;
