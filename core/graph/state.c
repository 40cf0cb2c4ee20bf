#include "graph/state.h"

#include <mediagraph/log.h>

#include "loop/lane.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEEP_US (8 * 24 * 3600 * (gint64) G_USEC_PER_SEC)

/* A journal in use is marked that often, should the process be killed; and a week is long. */
#define INTERVAL     (3600 * MG_SECOND)

#define JOURNAL_ENDS ".journal"

/* PIPELINE, APP and STREAM lie above a journal, and nothing else is a journal. */
enum { JOURNAL_DEPTH = 3 };

/* --- one journal ------------------------------------------------------------------------------- */

static gboolean
is_old(int fd, gint64 now_utc_us)
{
  struct stat st;
  return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
         now_utc_us - st.st_mtim.tv_sec * G_USEC_PER_SEC > KEEP_US;
}

/* Under its lock, so that nobody can begin to use it meanwhile without seeing that it is gone. */
static gboolean
sweep_journal(const char *path, gint64 now_utc_us)
{
  gboolean is_removed = FALSE;
  int fd = g_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0);
  if (fd < 0)
    return FALSE;
  if (flock(fd, LOCK_EX | LOCK_NB) < 0)
    futimens(fd, NULL);
  else if (is_old(fd, now_utc_us))
    is_removed = g_unlink(path) == 0;
  close(fd);
  return is_removed;
}

/* --- all of them ------------------------------------------------------------------------------- */

static gboolean
is_folder(const char *path)
{
  GStatBuf st;
  return g_lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* Folders that have lost something are removed if that was all. */
static guint
sweep_folder(const char *path, guint depth, gint64 now_utc_us)
{
  g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
  guint n_removed = 0;
  for (const char *name; folder != NULL && (name = g_dir_read_name(folder)) != NULL;) {
    g_autofree char *child = g_build_filename(path, name, NULL);
    if (depth == JOURNAL_DEPTH)
      n_removed += g_str_has_suffix(name, JOURNAL_ENDS) && sweep_journal(child, now_utc_us);
    else if (is_folder(child))
      n_removed += sweep_folder(child, depth + 1, now_utc_us);
  }
  if (n_removed > 0 && depth > 0)
    g_rmdir(path);
  return n_removed;
}

guint
mg_state_sweep(const char *root, gint64 now_utc_us)
{
  return sweep_folder(root, 0, now_utc_us);
}

/* --- now and then ------------------------------------------------------------------------------ */

struct MgStateSweeper {
  char *root;
  MgLane *lane;
  MgTimer timer;
};

static void
sweep_now(gpointer data)
{
  MgStateSweeper *sweeper = data;
  guint n = mg_state_sweep(sweeper->root, mg_utc_now_us());
  if (n > 0)
    mg_info(NULL, "removed %u journals of streams not published for a week", n);
  mg_timer_start_in(&sweeper->timer, INTERVAL);
}

static void
stop_here(gpointer data)
{
  MgStateSweeper *sweeper = data;
  mg_timer_stop(&sweeper->timer);
  mg_lane_unref(sweeper->lane);
  g_free(sweeper->root);
  g_free(sweeper);
}

MgStateSweeper *
mg_state_sweeper_start(const char *root)
{
  if (root == NULL)
    return NULL;
  MgStateSweeper *sweeper = g_new0(MgStateSweeper, 1);
  sweeper->root = g_strdup(root);
  sweeper->lane = mg_lane_new_thread("state");
  mg_timer_init(&sweeper->timer, sweep_now, sweeper);
  mg_lane_post(sweeper->lane, sweep_now, sweeper);
  return sweeper;
}

void
mg_state_sweeper_stop(MgStateSweeper *sweeper)
{
  if (sweeper != NULL)
    mg_lane_post(sweeper->lane, stop_here, sweeper);
}
