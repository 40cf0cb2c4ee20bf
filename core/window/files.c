#include "window/files.h"

#include "graph/node.h"
#include "loop/lane.h"

#include <mediagraph/file.h>
#include "util/log.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* What may wait for the disk: at 5 Mb/s, a hundred seconds. */
enum { MOST_WAITING_BYTES = 64 << 20 };

struct MgFiles {
  guint id;       /* tells apart two writers into one folder */
  gint ref_count; /* one of the owner's, one per job */
  char *label;
  char *dir;
  int dir_fd;
  dev_t device; /* the folder's own name */
  ino_t inode;
  gboolean is_leaving; /* its owner has freed it: under the lock of those below */
  MgLane *lane;
  gsize waiting;       /* bytes; atomic */
  gboolean is_behind;  /* too much waited; atomic */
  gboolean has_failed; /* on the lane */
};

typedef struct {
  MgFiles *files;
  char *name;
  GPtrArray *buffers; /* or */
  MgData *data;       /* or neither: remove */
  gsize size;
} Job;

/* --- one writer per folder --------------------------------------------------------------------- */

/*
 * The folders that have a writer, by what the kernel knows them by: names may differ, by links. One that
 * leaves has jobs still. The next one into its folder runs behind them, on the same lane, or the last of them
 * would replace what is newer.
 */
static GMutex taken_lock;
static GPtrArray *taken; /* of MgFiles * (borrowed); NULL: none */

static gboolean
is_into(const MgFiles *files, const struct stat *folder)
{
  return files->device == folder->st_dev && files->inode == folder->st_ino;
}

/* One that leaves only where there is no other. */
static MgFiles *
find_writer(const struct stat *folder)
{
  MgFiles *found = NULL;
  for (guint i = 0; taken != NULL && i < taken->len; i++) {
    MgFiles *files = g_ptr_array_index(taken, i);
    if (is_into(files, folder) && (found == NULL || !files->is_leaving))
      found = files;
  }
  return found;
}

static void
enter(MgFiles *files, const struct stat *folder, MgLane *lane)
{
  files->device = folder->st_dev;
  files->inode = folder->st_ino;
  files->lane = lane != NULL ? mg_lane_ref(lane) : mg_lane_new_thread("files");
  if (taken == NULL)
    taken = g_ptr_array_new();
  g_ptr_array_add(taken, files);
}

static gboolean
take_folder(MgFiles *files, GError **error)
{
  struct stat folder;
  if (fstat(files->dir_fd, &folder) < 0) {
    g_set_error(error, MG_ERROR, MG_ERROR_FAILED, "cannot write into %s: %s", files->dir,
                g_strerror(errno));
    return FALSE;
  }
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&taken_lock);
  const MgFiles *other = find_writer(&folder);
  if (other != NULL && !other->is_leaving) {
    g_set_error(error, MG_ERROR, MG_ERROR_BUSY,
                "%s writes into %s already, and would remove the files of this output: give each a "
                "`dir` of its own, as with ${app}/${stream}",
                other->label, files->dir);
    return FALSE;
  }
  enter(files, &folder, other != NULL ? other->lane : NULL);
  return TRUE;
}

static void
begin_leaving(MgFiles *files)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&taken_lock);
  files->is_leaving = TRUE;
}

static void
leave_folder(MgFiles *files)
{
  g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&taken_lock);
  g_ptr_array_remove_fast(taken, files);
  if (taken->len == 0)
    g_clear_pointer(&taken, g_ptr_array_unref);
}

/* --- life -------------------------------------------------------------------------------------- */

static void
free_files(MgFiles *files)
{
  close(files->dir_fd);
  mg_lane_unref(files->lane);
  g_free(files->label);
  g_free(files->dir);
  g_free(files);
}

MgFiles *
mg_files_new(MgNode *node, const char *dir, GError **error)
{
  int fd = g_mkdir_with_parents(dir, 0755) == 0 ? g_open(dir, O_DIRECTORY | O_CLOEXEC, 0) : -1;
  if (fd < 0) {
    g_set_error(error, MG_ERROR, MG_ERROR_FAILED, "cannot write into %s: %s", dir,
                g_strerror(errno));
    return NULL;
  }
  MgFiles *files = g_new0(MgFiles, 1);
  static guint n_made;
  files->id = (guint) g_atomic_int_add((gint *) &n_made, 1);
  files->ref_count = 1;
  files->label = g_strdup(mg_node_label(node));
  files->dir = g_strdup(dir);
  files->dir_fd = fd;
  if (take_folder(files, error))
    return files;
  free_files(files);
  return NULL;
}

static void
unref(MgFiles *files)
{
  if (!g_atomic_int_dec_and_test(&files->ref_count))
    return;
  leave_folder(files);
  free_files(files);
}

void
mg_files_free(MgFiles *files)
{
  if (files == NULL)
    return;
  begin_leaving(files);
  unref(files);
}

/* --- on the lane of the files ------------------------------------------------------------------ */

/* Returned-owned: where the bytes of the job are, in their order. */
static GArray *
pieces_of(const Job *job)
{
  GArray *pieces = g_array_new(FALSE, FALSE, sizeof(struct iovec));
  if (job->data != NULL) {
    struct iovec piece = { job->data->bytes, job->data->size };
    g_array_append_val(pieces, piece);
    return pieces;
  }
  for (guint i = 0; i < job->buffers->len; i++) {
    const MgBuffer *buffer = g_ptr_array_index(job->buffers, i);
    for (guint j = 0; j < buffer->n_slices; j++) {
      const MgSlice *s = &buffer->slices[j];
      struct iovec piece = { s->data->bytes + s->offset, s->size };
      g_array_append_val(pieces, piece);
    }
  }
  return pieces;
}

static gboolean
write_job(int fd, const Job *job)
{
  g_autoptr(GArray) pieces = pieces_of(job);
  return mg_file_write(fd, (struct iovec *) (gpointer) pieces->data, pieces->len, 0);
}

/* Keeps errno as it was: the reason for what is done. */
static void
abandon(int fd, int dir, const char *name)
{
  int failure = errno;
  if (fd >= 0)
    close(fd);
  unlinkat(dir, name, 0);
  errno = failure;
}

/* FALSE: errno says why. */
static gboolean
put(const Job *job)
{
  g_autofree char *temporary = g_strdup_printf(".%s.%u.tmp", job->name, job->files->id);
  int dir = job->files->dir_fd;
  int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0)
    return FALSE;
  if (!write_job(fd, job)) {
    abandon(fd, dir, temporary);
    return FALSE;
  }
  if (close(fd) == 0 && renameat(dir, temporary, dir, job->name) == 0)
    return TRUE;
  abandon(-1, dir, temporary);
  return FALSE;
}

static void
report(MgFiles *files, gboolean ok)
{
  if (ok == !files->has_failed)
    return;
  files->has_failed = !ok;
  if (ok)
    mg_log_as(files->label, MG_LOG_INFO, "files in %s are written again", files->dir);
  else
    mg_log_as(files->label, MG_LOG_ERROR,
              "cannot write into %s: %s; files are skipped until it works again", files->dir,
              g_strerror(errno));
}

static void
done(MgFiles *files, gsize size)
{
  gsize waiting = __atomic_sub_fetch(&files->waiting, size, __ATOMIC_RELAXED);
  if (waiting == 0 && __atomic_exchange_n(&files->is_behind, FALSE, __ATOMIC_RELAXED))
    mg_log_as(files->label, MG_LOG_INFO, "all files for %s are written again", files->dir);
}

static void
run(gpointer data)
{
  Job *job = data;
  MgFiles *files = job->files;
  if (job->size > 0)
    report(files, put(job));
  else
    unlinkat(files->dir_fd, job->name, 0);
  done(files, job->size);
  g_clear_pointer(&job->buffers, g_ptr_array_unref);
  mg_data_unref(job->data);
  g_free(job->name);
  g_free(job);
  unref(files);
}

/* --- for callers ------------------------------------------------------------------------------- */

static gboolean
is_too_much(MgFiles *files)
{
  if (__atomic_load_n(&files->waiting, __ATOMIC_RELAXED) <= MOST_WAITING_BYTES)
    return FALSE;
  if (!__atomic_exchange_n(&files->is_behind, TRUE, __ATOMIC_RELAXED))
    mg_log_as(files->label, MG_LOG_ERROR,
              "the disk of %s is too slow; files are skipped until it has caught up", files->dir);
  return TRUE;
}

static void
post(MgFiles *files, const char *name, GPtrArray *buffers, MgData *data, gsize size)
{
  if (size > 0 && is_too_much(files))
    return;
  Job *job = g_new0(Job, 1);
  g_atomic_int_inc(&files->ref_count);
  *job = (Job){ files, g_strdup(name), buffers ? g_ptr_array_ref(buffers) : NULL,
                data ? mg_data_ref(data) : NULL, size };
  __atomic_fetch_add(&files->waiting, size, __ATOMIC_RELAXED);
  mg_lane_post(files->lane, run, job);
}

void
mg_files_put_buffers(MgFiles *files, const char *name, GPtrArray *buffers)
{
  gsize size = 0;
  for (guint i = 0; i < buffers->len; i++)
    size += ((MgBuffer *) g_ptr_array_index(buffers, i))->size;
  post(files, name, buffers, NULL, size);
}

void
mg_files_put_data(MgFiles *files, const char *name, MgData *data)
{
  post(files, name, NULL, data, data->size);
}

void
mg_files_remove(MgFiles *files, const char *name)
{
  post(files, name, NULL, NULL, 0);
}
