/*
 * Marks functions that the command calls and that are no part of the SDK: exported by
 * libmediagraph.so, declared in private headers, free to change with any release.
 */
#pragma once

#define MG_INTERNAL_API __attribute__((visibility("default"))) extern
