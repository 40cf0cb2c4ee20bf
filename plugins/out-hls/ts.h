/*
 * The TS form of segments (RFC 8216 clause 3.2): made of the chunks in memory when somebody first asks for it, and
 * kept as long as the segment is. A segment of video has the first audio of its row in it; one of audio
 * stands alone.
 */
#pragma once

#include <mediagraph/window.h>

/* Whether a transport stream can carry STREAM. FALSE and ERROR: a sentence that names it. */
gboolean ts_can_carry(const MgStream *stream, GError **error);

/* Puts what ROW has into the window's folder, under the names of its segments. */
void ts_put_row(MgWindow *window, const MgSegmentRow *row);
