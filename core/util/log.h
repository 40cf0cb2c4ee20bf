/*
 * Where log lines go and what they look like: for the command, not for nodes (<mediagraph/log.h>).
 *
 *   12:03:04.512 warning live/studio/dvr: the queue is full; 31 frames dropped
 *
 * or, as JSON, one object per line. A line is one write(2) to standard error. It never waits: when nobody
 * reads, lines are lost, counted, and their number is written once somebody reads again. A broken
 * standard error is no error. The process must ignore SIGPIPE.
 *
 * On a terminal a footer (the live status) stays below the newest line.
 */
#pragma once

#include "util/internal.h"

#include <mediagraph/log.h>

typedef enum { MG_LOG_TEXT, MG_LOG_JSON } MgLogFormat;

/* What is printed: this level and the more serious ones. MG_LOG_INFO at first. Any thread. */
MG_INTERNAL_API void mg_log_set_level(MgLogLevel level);

/* MG_LOG_TEXT at first. Any thread. */
MG_INTERNAL_API void mg_log_set_format(MgLogFormat format);

/*
 * Writes to FD from now on, standard error at first. The descriptor stays the caller's and must stay
 * open. Any thread.
 */
MG_INTERNAL_API void mg_log_set_fd(int fd);

/* The line of a node that may be gone by now: LABEL is what it was called (mg_node_label()). Any thread. */
MG_INTERNAL_API void mg_log_as(const char *label, MgLogLevel level, const char *format, ...)
    G_GNUC_PRINTF(3, 4);
void mg_log_as_va(const char *label, MgLogLevel level, const char *format, va_list args)
    G_GNUC_PRINTF(3, 0);

/* Whether lines go to a terminal as text, so that a footer can be shown. Any thread. */
MG_INTERNAL_API gboolean mg_log_has_footer(void);

/*
 * Shows TEXT (borrowed; lines end with '\n', each must fit the terminal's width) below the newest log
 * line, in place of the footer before. "" or NULL removes it. Any thread.
 */
MG_INTERNAL_API void mg_log_set_footer(const char *text);

/* Appends the members that begin each JSON line: {"time":"…","level":"error", with that comma. Any thread. */
MG_INTERNAL_API void mg_log_append_json_head(GString *line, gint64 utc_us, MgLogLevel level);

/* Returned-owned: TEXT with everything escaped that could move a cursor or forge a line. Any thread. */
MG_INTERNAL_API char *mg_log_escape(const char *text);
