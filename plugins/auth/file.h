/*
 * Files with secrets in them: read only when nobody else can have read or changed them.
 *
 * May block: not on an I/O lane.
 */
#pragma once

#include <mediagraph/types.h>

/* What of a file has changed when it has; all zero: there is none. */
typedef struct {
  guint64 device, inode, size;
  gint64 changed_s, changed_ns;
} AuthFileMark;

/* The mark of PATH as it is now. */
void auth_file_mark(const char *path, AuthFileMark *mark);
gboolean auth_file_mark_equal(const AuthFileMark *a, const AuthFileMark *b);

/* FALSE and ERROR when PATH is none that auth_file_read() would read. */
gboolean auth_file_check(const char *path, GError **error);

/*
 * Returned-owned: all of the regular file PATH, with a NUL behind it. FALSE and ERROR when it is
 * not there, larger than MOST bytes, another user's, or open to others than its owner and (reading)
 * its group.
 */
gboolean auth_file_read(const char *path, gsize most, char **text, gsize *size, GError **error);

/*
 * Replaces the text of PATH by what EDIT makes of it (returned-owned; NULL and ERROR: leave it), in
 * one step and one writer at a time. A new file is its owner's only.
 */
gboolean auth_file_edit(const char *path, gsize most,
                        char *(*edit)(const char *text, gpointer data, GError **error),
                        gpointer data, GError **error);
