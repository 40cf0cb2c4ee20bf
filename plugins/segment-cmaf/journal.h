/*
 * The journal: what a stream's numbering must not forget when the process ends, however it ends.
 *
 * One small file per stream and node, mapped into memory: writing it is a store, so it costs no system call on
 * the live path and survives SIGKILL. Two records take turns; each carries a number and a checksum, so
 * that a half-written one is seen and the other one holds. It is locked while it is open: the engine does
 * not take it for one of a stream long gone, and nobody else can open it. Belongs to one node, on its lane.
 */
#pragma once

#include <glib.h>

typedef struct Journal Journal;

typedef struct {
  gint64 epoch_utc_us;   /* UTC of media time 0: never changes */
  guint64 next_segment;  /* no segment with this number or a later one was ever begun */
  guint64 discontinuity; /* the number in use */
  gint64 media_end_ns;   /* nothing was ever published beyond this media time */
} JournalRecord;

/*
 * Returned-owned: the journal in file NAME of folder DIR, which is made. A missing or damaged file makes
 * an empty record (epoch 0). NULL and ERROR when the file cannot be had: MG_ERROR_BUSY when it is open
 * already, in this process or another.
 */
Journal *journal_open(const char *dir, const char *name, GError **error);

/* NULL is fine. */
void journal_close(Journal *journal);

JournalRecord journal_read(const Journal *journal);
void journal_write(Journal *journal, const JournalRecord *record);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Journal, journal_close)
