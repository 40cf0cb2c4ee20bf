#include "retention.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

typedef struct {
  char *path;
  gint64 written_us;
  gint64 bytes;
} Found;

/* Folders deeper than this are none of ours. */
enum { DEEPEST = 16 };

/*
 * A file written so lately stays: it may be so new that it is not locked yet, and where the file system has
 * no locks it may still be written.
 */
#define IN_USE_US (60 * G_USEC_PER_SEC)

static void
found_clear(gpointer data)
{
  g_free(((Found *) data)->path);
}

static void
collect(const char *dir, guint depth, GArray *found)
{
  g_autoptr(GDir) folder = depth < DEEPEST ? g_dir_open(dir, 0, NULL) : NULL;
  for (const char *name; folder != NULL && (name = g_dir_read_name(folder)) != NULL;) {
    g_autofree char *path = g_build_filename(dir, name, NULL);
    GStatBuf st;
    if (g_lstat(path, &st) < 0)
      continue;
    if (S_ISDIR(st.st_mode))
      collect(path, depth + 1, found);
    if (!S_ISREG(st.st_mode) || !g_str_has_suffix(name, ".mp4"))
      continue;
    Found file = { g_steal_pointer(&path), st.st_mtim.tv_sec * G_USEC_PER_SEC, st.st_size };
    g_array_append_val(found, file);
  }
}

static gint
oldest_first(gconstpointer a, gconstpointer b)
{
  gint64 p = ((const Found *) a)->written_us, q = ((const Found *) b)->written_us;
  return (p > q) - (p < q);
}

/* Whoever records into a file holds a lock on it, see recording_new(). */
static gboolean
is_locked(int fd)
{
  return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

static gboolean
unlink_unused(const char *path)
{
  int fd = g_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
  gboolean is_removed = !is_locked(fd) && g_unlink(path) == 0;
  if (fd >= 0)
    close(fd);
  return is_removed;
}

/* Removes the file, and its folders up to DIR as long as they are empty. */
static gboolean
discard(const char *dir, const char *path)
{
  if (!unlink_unused(path))
    return FALSE;
  g_autofree char *folder = g_path_get_dirname(path);
  while (strlen(folder) > strlen(dir) && g_rmdir(folder) == 0) {
    char *parent = g_path_get_dirname(folder);
    g_free(folder);
    folder = parent;
  }
  return TRUE;
}

guint
retention_run(const char *dir, MgTime keep, gint64 keep_bytes, gint64 now_utc_us)
{
  g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(Found));
  g_array_set_clear_func(found, found_clear);
  collect(dir, 0, found);
  g_array_sort(found, oldest_first);
  gint64 bytes = 0;
  for (guint i = 0; i < found->len; i++)
    bytes += g_array_index(found, Found, i).bytes;
  guint n_removed = 0;
  for (guint i = 0; i < found->len; i++) {
    const Found *file = &g_array_index(found, Found, i);
    gint64 age_us = now_utc_us - file->written_us;
    gboolean is_old = keep > 0 && age_us > keep / MG_MICROSECOND;
    gboolean is_too_much = keep_bytes > 0 && bytes > keep_bytes && i + 1 < found->len;
    if (age_us > IN_USE_US && (is_old || is_too_much) && discard(dir, file->path)) {
      bytes -= file->bytes;
      n_removed++;
    }
  }
  return n_removed;
}
