/* Writing into files from several places in memory. Blocks: for nodes that run OWN. */
#pragma once

#include <mediagraph/types.h>

#include <sys/uio.h>

G_BEGIN_DECLS

/*
 * Writes N pieces, one behind the other, into the file FD from byte AT on, with as few calls as possible;
 * PIECES are used up. FALSE and errno: some of it may have been written. Any thread.
 */
MG_API gboolean mg_file_write(int fd, struct iovec *pieces, gsize n, gint64 at);

G_END_DECLS
