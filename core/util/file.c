#include <mediagraph/file.h>

#include <errno.h>
#include <limits.h>

/* Takes what has been written, SIZE bytes, off the front of the pieces. Returns how many are done. */
static gsize
advance(struct iovec *pieces, gsize n, gsize size)
{
  gsize done = 0;
  for (; done < n && size >= pieces[done].iov_len; done++)
    size -= pieces[done].iov_len;
  if (done < n) {
    pieces[done].iov_base = (guint8 *) pieces[done].iov_base + size;
    pieces[done].iov_len -= size;
  }
  return done;
}

gboolean
mg_file_write(int fd, struct iovec *pieces, gsize n, gint64 at)
{
  for (gsize first = advance(pieces, n, 0); first < n;) {
    gssize size = pwritev(fd, pieces + first, (int) MIN(n - first, IOV_MAX), at);
    if (size < 0 && errno == EINTR)
      continue;
    if (size <= 0)
      return FALSE;
    at += size;
    first += advance(pieces + first, n - first, (gsize) size);
  }
  return TRUE;
}
