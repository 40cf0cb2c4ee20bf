/* Secrets in files, for nodes that have to know one. */
#pragma once

#include <mediagraph/types.h>

G_BEGIN_DECLS

/*
 * Returned-owned, for mg_secret_free(): the first line of the regular file PATH, without spaces around
 * it. NULL and ERROR, which names the file and never what is in it: it is not there, empty, larger than
 * 4 KiB, another user's, or open to others than its owner and (reading) its group. Reads a local
 * disk. Any thread.
 */
MG_API char *mg_secret_read(const char *path, GError **error);

/*
 * Why the open file FD may not hold secrets: it is no regular one, another user's, or open to others than its owner and
 * (reading) its group. NULL: it may. Borrowed until the next call of strerror(). Any thread.
 */
MG_API const char *mg_secret_file_complaint(int fd);

/* Wipes and frees it. NULL is fine. */
MG_API void mg_secret_free(char *secret);

G_END_DECLS
