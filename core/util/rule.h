/*
 * Asserts of the house's rules that stand on the path of every buffer: debug builds check them, release
 * builds do not pay for them. Everything else uses g_assert().
 */
#pragma once

#include <glib.h>

#ifdef NDEBUG
#define mg_rule(condition) ((void) 0)
#else
#define mg_rule(condition) g_assert(condition)
#endif
