/*
 * ISO base media file format boxes (ISO/IEC 14496-12 clause 4.2), written and walked over.
 *
 * A box is written between begin and end; end patches the size:
 *
 *   gsize moof = mg_box_begin(w, "moof");
 *   …
 *   mg_box_end(w, moof);
 *
 * Any thread, one at a time per writer or reader.
 */
#pragma once

#include <bytes/reader.h>
#include <bytes/writer.h>

/* A box type, brand or codec, from its four characters. */
static inline guint32
mg_box_type(const char *four)
{
  return (guint32) (guint8) four[0] << 24 | (guint32) (guint8) four[1] << 16 |
         (guint32) (guint8) four[2] << 8 | (guint32) (guint8) four[3];
}

/* Returns where the box begins, for mg_box_end(). */
gsize mg_box_begin(MgWriter *w, const char *type);
gsize mg_full_box_begin(MgWriter *w, const char *type, guint8 version, guint32 flags);
void mg_box_end(MgWriter *w, gsize begin);

typedef struct {
  guint32 type;
  gsize begin;       /* of its header, in the reader's bytes */
  guint header_size; /* 8 or 16 */
  MgReader body;     /* borrowed, all behind the header */
} MgBox;

/*
 * Reads the next box and moves past it. FALSE at the end, and, with R failed, when a box does not fit
 * into what is left or is smaller than its header. 64-bit sizes are read; size 0 means "to the end".
 */
gboolean mg_box_next(MgReader *r, MgBox *box);

/* Whether the box has this type. */
static inline gboolean
mg_box_is(const MgBox *box, const char *type)
{
  return box->type == mg_box_type(type);
}

/*
 * Finds the first box of TYPE among those R still has, without moving R. FALSE when there is none or
 * they cannot be read.
 */
gboolean mg_box_find(const MgReader *r, const char *type, MgBox *box);

/* Follows a path of types, as in mg_box_find_path(&trak, "mdia/minf/stbl", &box). */
gboolean mg_box_find_path(const MgReader *r, const char *path, MgBox *box);

/* Reads version and flags at the head of a full box's body. */
void mg_full_box_read(MgReader *body, guint8 *version, guint32 *flags);
