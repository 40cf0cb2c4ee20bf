/*
 * The byte writer: a growing block of memory that numbers are appended to.
 *
 * Lives on the caller's stack; g_auto(MgWriter) clears it. mg_writer_steal() gives the bytes away
 * and leaves an empty writer that can be used again. Lengths that are known only later are written
 * as a placeholder and patched (mg_writer_patch_be32). Memory comes from g_malloc: sizes are ours;
 * where they are a peer's, mg_writer_reserve() comes first. Any thread, one at a time.
 */
#pragma once

#include <glib.h>

typedef struct {
  guint8 *data; /* owned */
  gsize size;   /* bytes written */
  gsize room;   /* bytes allocated */
} MgWriter;

#define MG_WRITER_INIT ((MgWriter){ .data = NULL })

/* Frees what it holds and empties it. NULL is fine. */
void mg_writer_clear(MgWriter *w);

/* Forgets what was written, keeps the memory. */
void mg_writer_reset(MgWriter *w);

/* Returned-owned: the bytes, for g_free(); SIZE (may be NULL) gets their number. */
guint8 *mg_writer_steal(MgWriter *w, gsize *size);

/*
 * Makes room for N more bytes than are written, for who writes as much as a peer sends. FALSE when
 * there is no memory; nothing has changed then.
 */
gboolean mg_writer_reserve(MgWriter *w, gsize n);

/* Makes room for N bytes, counts them as written and returns where they go. */
guint8 *mg_writer_extend(MgWriter *w, gsize n);

void mg_writer_bytes(MgWriter *w, gconstpointer bytes, gsize n);
void mg_writer_zeros(MgWriter *w, gsize n);
/* The characters of a string, without its NUL. */
void mg_writer_text(MgWriter *w, const char *text);

void mg_writer_u8(MgWriter *w, guint8 v);
void mg_writer_be16(MgWriter *w, guint16 v);
void mg_writer_be24(MgWriter *w, guint32 v);
void mg_writer_be32(MgWriter *w, guint32 v);
void mg_writer_be64(MgWriter *w, guint64 v);
void mg_writer_le32(MgWriter *w, guint32 v);
void mg_writer_be_double(MgWriter *w, gdouble v);

/* Overwrites four bytes at AT, which have been written before. */
void mg_writer_patch_be32(MgWriter *w, gsize at, guint32 v);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgWriter, mg_writer_clear)
