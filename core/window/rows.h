/* Segments, rows of them, and lists of rows (see <mediagraph/window.h>). One thread at a time. */
#pragma once

#include <mediagraph/window.h>

/* NULL is fine. */
void mg_segment_free(MgSegment *segment);

/* Media time of a count of ticks of that track. */
MgTime mg_segment_time(gint64 ticks, const MgStream *stream);

void mg_row_free(gpointer row);

/* The segment of the first track that has one; every row has one. */
const MgSegment *mg_row_any(const MgSegmentRow *row);
MgTime mg_row_duration(const MgSegmentRow *row);
gsize mg_row_bytes(const MgSegmentRow *row);

/* ROWS is a list of MgSegmentRow *. NULL when there is none. */
MgSegmentRow *mg_row_at(const GPtrArray *rows, guint index);
MgSegmentRow *mg_row_last(const GPtrArray *rows);
MgTime mg_rows_duration(const GPtrArray *rows);

/* Whether a segment of TRACK in ROWS needs that init segment. */
gboolean mg_rows_have_init(const GPtrArray *rows, guint track, const char *init_uri);
