/* What `mediagraph key` does with keys on disk. */
#pragma once

#include <mediagraph/auth.h>

extern const MgAuthKeysTool auth_keys_tool;
