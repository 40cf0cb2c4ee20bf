#include "auth/file.h"

#include "auth/secret.h"

#include <mediagraph/secret.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static gboolean
refuse(GError **error, const char *path, const char *why)
{
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "%s: %s", path, why);
  return FALSE;
}

/* --- reading ----------------------------------------------------------------------------------- */

void
auth_file_mark(const char *path, AuthFileMark *mark)
{
  struct stat st;
  *mark = (AuthFileMark){ 0 };
  if (stat(path, &st) == 0)
    *mark = (AuthFileMark){ st.st_dev, st.st_ino, (guint64) st.st_size, st.st_ctim.tv_sec,
                            st.st_ctim.tv_nsec };
}

gboolean
auth_file_mark_equal(const AuthFileMark *a, const AuthFileMark *b)
{
  return a->device == b->device && a->inode == b->inode && a->size == b->size &&
         a->changed_s == b->changed_s && a->changed_ns == b->changed_ns;
}

static gboolean
is_safe(int fd, const char *path, GError **error)
{
  const char *complaint = mg_secret_file_complaint(fd);
  return complaint == NULL || refuse(error, path, complaint);
}

gboolean
auth_file_check(const char *path, GError **error)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return refuse(error, path, g_strerror(errno));
  gboolean is_right = is_safe(fd, path, error);
  close(fd);
  return is_right;
}

/* Reads SIZE bytes at most; their number, or -1 and errno. */
static gssize
read_all(int fd, char *text, gsize size)
{
  for (gsize done = 0;;) {
    gssize n = done < size ? read(fd, text + done, size - done) : 0;
    if (n < 0 && errno != EINTR)
      return -1;
    if (n == 0)
      return (gssize) done;
    done += (gsize) MAX(n, 0);
  }
}

/* Into memory that need not grow: what it grew out of would keep keys. */
static gboolean
read_open(int fd, const char *path, gsize most, char **text, gsize *size, GError **error)
{
  struct stat st;
  if (!is_safe(fd, path, error))
    return FALSE;
  gsize room = fstat(fd, &st) == 0 ? (gsize) st.st_size + 1 : 1;
  if (room > most + 1)
    return refuse(error, path, "it is too large");
  char *all = g_malloc0(room + 1);
  gssize n = read_all(fd, all, room);
  int code = errno;
  if (n >= 0 && (gsize) n < room) {
    *text = all;
    *size = (gsize) n;
    return TRUE;
  }
  mg_secret_free(all);
  return refuse(error, path, n < 0 ? g_strerror(code) : "it is being written");
}

gboolean
auth_file_read(const char *path, gsize most, char **text, gsize *size, GError **error)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0)
    return refuse(error, path, g_strerror(errno));
  gboolean is_read = read_open(fd, path, most, text, size, error);
  close(fd);
  return is_read;
}

/* --- writing ----------------------------------------------------------------------------------- */

/*
 * The file under PATH, locked; one that has been replaced meanwhile is left for the new one. -1 and
 * errno.
 */
static int
open_locked(const char *path)
{
  for (;;) {
    struct stat ours, theirs;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
    if (fd < 0)
      return -1;
    gboolean is_locked = flock(fd, LOCK_EX) == 0 && fstat(fd, &ours) == 0;
    if (is_locked && stat(path, &theirs) == 0 && ours.st_ino == theirs.st_ino &&
        ours.st_dev == theirs.st_dev)
      return fd;
    close(fd);
    if (!is_locked)
      return -1;
  }
}

/* The new file has the old one's owner and mode from the start. */
static gboolean
write_beside(int old_fd, int new_fd, const char *text)
{
  struct stat st;
  if (fstat(old_fd, &st) != 0 || fchown(new_fd, st.st_uid, st.st_gid) != 0 ||
      fchmod(new_fd, st.st_mode & 0777) != 0)
    return FALSE;
  for (gsize left = strlen(text); left > 0;) {
    gssize n = write(new_fd, text, left);
    if (n < 0 && errno != EINTR)
      return FALSE;
    text += MAX(n, 0);
    left -= (gsize) MAX(n, 0);
  }
  return fsync(new_fd) == 0;
}

static gboolean
replace(int old_fd, const char *path, const char *text, GError **error)
{
  g_autofree char *temporary = g_strdup_printf("%s.XXXXXX", path);
  int fd = g_mkstemp_full(temporary, O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0)
    return refuse(error, path, g_strerror(errno));
  gboolean is_done = write_beside(old_fd, fd, text) && rename(temporary, path) == 0;
  int code = errno;
  close(fd);
  if (is_done)
    return TRUE;
  unlink(temporary);
  return refuse(error, path, g_strerror(code));
}

gboolean
auth_file_edit(const char *path, gsize most,
               char *(*edit)(const char *text, gpointer data, GError **error), gpointer data,
               GError **error)
{
  int fd = open_locked(path);
  if (fd < 0)
    return refuse(error, path, g_strerror(errno));
  char *text = NULL;
  gsize size = 0;
  gboolean is_done = read_open(fd, path, most, &text, &size, error);
  char *edited = is_done ? edit(text, data, error) : NULL;
  is_done = edited != NULL && replace(fd, path, edited, error);
  mg_secret_free(text);
  mg_secret_free(edited);
  close(fd);
  return is_done;
}
