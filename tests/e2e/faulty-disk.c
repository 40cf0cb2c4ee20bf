/*
 * A disk that fails, for a process that has this library preloaded.
 *
 * Writes to files below $FAULTY_DISK do what the file $FAULTY_DISK.fault says at that moment:
 *   eio     every second write fails with EIO, the others are cut short and fail afterwards
 *   short   a write takes at most 1000 bytes; every third one is interrupted (EINTR) instead
 *   slow    a write takes 500 ms
 * Without that file, or with anything else in it, writes are what they always are.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

enum { SHORT_BYTES = 1000, SLOW_US = 500000 };

static atomic_uint n_writes;

static int
is_on_the_disk(int fd)
{
  char link[64], path[PATH_MAX];
  const char *disk = getenv("FAULTY_DISK");
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t n = readlink(link, path, sizeof path - 1);
  return disk != NULL && n > 0 && (size_t) n > strlen(disk) &&
         strncmp(path, disk, strlen(disk)) == 0 && path[strlen(disk)] == '/';
}

static void
read_fault(char *fault, size_t size)
{
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s.fault", getenv("FAULTY_DISK"));
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read(fd, fault, size - 1) : 0;
  fault[n > 0 ? n : 0] = '\0';
  if (fd >= 0)
    close(fd);
}

/* At most SHORT_BYTES of the vector, which is copied to OUT. */
static int
shorten(const struct iovec *iov, int n, struct iovec *out)
{
  size_t left = SHORT_BYTES;
  int i = 0;
  for (; i < n && i < 16 && left > 0; i++) {
    out[i] = iov[i];
    if (out[i].iov_len > left)
      out[i].iov_len = left;
    left -= out[i].iov_len;
  }
  return i;
}

/* What is to happen to a write: -1 with errno, or the vector to write, in SHORTENED or as it was. */
static int
disturb(int fd, const struct iovec **iov, int *n, struct iovec *shortened)
{
  char fault[16];
  if (!is_on_the_disk(fd))
    return 0;
  read_fault(fault, sizeof fault);
  unsigned count = atomic_fetch_add(&n_writes, 1);
  if (strncmp(fault, "slow", 4) == 0)
    usleep(SLOW_US);
  int is_eio = strncmp(fault, "eio", 3) == 0 && count % 2 == 0;
  int is_interrupted = strncmp(fault, "short", 5) == 0 && count % 3 == 0;
  if (is_eio || is_interrupted) {
    errno = is_eio ? EIO : EINTR;
    return -1;
  }
  if (strncmp(fault, "short", 5) == 0 || strncmp(fault, "eio", 3) == 0) {
    *n = shorten(*iov, *n, shortened);
    *iov = shortened;
  }
  return 0;
}

__attribute__((visibility("default"))) ssize_t
pwritev(int fd, const struct iovec *iov, int n, off_t at)
{
  ssize_t (*real)(int, const struct iovec *, int, off_t) = dlsym(RTLD_NEXT, "pwritev");
  struct iovec shortened[16];
  return disturb(fd, &iov, &n, shortened) < 0 ? -1 : real(fd, iov, n, at);
}

__attribute__((visibility("default"))) ssize_t
writev(int fd, const struct iovec *iov, int n)
{
  ssize_t (*real)(int, const struct iovec *, int) = dlsym(RTLD_NEXT, "writev");
  struct iovec shortened[16];
  return disturb(fd, &iov, &n, shortened) < 0 ? -1 : real(fd, iov, n);
}

__attribute__((visibility("default"))) ssize_t
write(int fd, const void *bytes, size_t size)
{
  ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
  struct iovec one = { (void *) (size_t) bytes, size }, shortened[16];
  const struct iovec *iov = &one;
  int n = 1;
  return disturb(fd, &iov, &n, shortened) < 0 ? -1 : real(fd, iov[0].iov_base, iov[0].iov_len);
}
