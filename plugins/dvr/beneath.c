#include "beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int
beneath_open_root(const char *root)
{
  if (g_mkdir_with_parents(root, 0755) < 0)
    return -1;
  return g_open(root, O_DIRECTORY | O_CLOEXEC, 0);
}

static int
open_beneath(int root_fd, const char *name, int flags, mode_t mode)
{
  struct open_how how = {
    .flags = (guint64) (flags | O_CLOEXEC),
    .mode = mode,
    .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
  };
  return (int) syscall(SYS_openat2, root_fd, name, &how, sizeof how);
}

static gboolean
make_folders(int root_fd, const char *name)
{
  for (const char *slash = strchr(name, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
    g_autofree char *folder = g_strndup(name, (gsize) (slash - name));
    g_autofree char *parent = g_path_get_dirname(folder);
    g_autofree char *last = g_path_get_basename(folder);
    int parent_fd = open_beneath(root_fd, parent, O_DIRECTORY | O_PATH, 0);
    if (parent_fd < 0)
      return FALSE;
    int failed = mkdirat(parent_fd, last, 0755);
    int failure = errno;
    close(parent_fd);
    errno = failure;
    if (failed < 0 && failure != EEXIST)
      return FALSE;
  }
  return TRUE;
}

int
beneath_create(int root_fd, const char *name)
{
  if (!make_folders(root_fd, name))
    return -1;
  return open_beneath(root_fd, name, O_WRONLY | O_CREAT | O_EXCL, 0644);
}
