/*
 * The bytes of one pipeline file, and where in them things stand.
 *
 * libxml2 says in which line a start tag ends, and nothing about attributes. Both places are found here,
 * by looking at the bytes that it has just found to be well formed.
 */
#pragma once

#include "graph/spec.h"

typedef struct {
  const char *file; /* interned */
  const char *text; /* borrowed; UTF-8, and not ended by a zero */
  gsize size;
  /* Where the last place asked for was: places are mostly asked for in order. */
  gsize offset;
  guint line, column;
} MgSource;

/* SOURCE over TEXT (borrowed) of SIZE bytes. */
void mg_source_init(MgSource *source, const char *file, const char *text, gsize size);

/* Line and column of the byte at OFFSET. A column is one character; a tab is one column. */
MgPlace mg_source_place(MgSource *source, gsize offset);

/* The offset of the '<' of the tag that ends, or is cut off, at OFFSET. */
gsize mg_source_tag_start(const MgSource *source, gsize offset);

/* An attribute in a start tag: offsets of its name and of its value, inside the quotes. */
typedef struct {
  gsize name, name_size;
  gsize value, value_size;
} MgTagAttribute;

/*
 * Returned-owned, of MgTagAttribute: what the tag at START (its '<') has, in order. Ends early where the
 * tag is not well formed.
 */
GArray *mg_source_attributes(const MgSource *source, gsize start);
