/*
 * Log lines for the operator: one sentence, with the place it is about.
 *
 * A line carries its node (pipeline, session, id) when there is one; text and JSON output add it in
 * their own way. Either log an error or return it, never both. Text that came from outside is escaped
 * by the logger. Any thread.
 */
#pragma once

#include <mediagraph/types.h>

G_BEGIN_DECLS

typedef enum {
  MG_LOG_ERROR,   /* something does not work; the operator must act */
  MG_LOG_WARNING, /* it works, but not as it should */
  MG_LOG_INFO,    /* what an operator wants to see once: starts, ends, publishers */
  MG_LOG_DEBUG,   /* what a developer wants to see */
} MgLogLevel;

/* NODE may be NULL. Most callers use the macros below. */
MG_API void mg_log(MgNode *node, MgLogLevel level, const char *format, ...) G_GNUC_PRINTF(3, 4);

/* Whether lines of LEVEL are printed at all: asks before work is spent on one. */
MG_API gboolean mg_log_enabled(MgLogLevel level);

#define mg_error(node, ...)   mg_log((node), MG_LOG_ERROR, __VA_ARGS__)
#define mg_warning(node, ...) mg_log((node), MG_LOG_WARNING, __VA_ARGS__)
#define mg_info(node, ...)    mg_log((node), MG_LOG_INFO, __VA_ARGS__)
#define mg_debug(node, ...)                                                                        \
  (mg_log_enabled(MG_LOG_DEBUG) ? mg_log((node), MG_LOG_DEBUG, __VA_ARGS__) : (void) 0)

G_END_DECLS
