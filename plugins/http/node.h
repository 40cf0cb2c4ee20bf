#pragma once

#include <mediagraph/plugin.h>

extern const MgNodeClass mg_http_class;
