/* The order of jobs, across writers into one folder. */
#include "window/files.h"

#include "doubles/wait.h"
#include "graph/node.h"

#include <glib/gstdio.h>
#include <string.h>

/* A job that ends when it is told to: its thread waits while it lets go of the data. */
typedef struct {
  GMutex lock;
  GCond changed;
  gboolean may_end;
  GThread *putter;
  gboolean is_missed; /* the job had ended before its putter let go */
} Gate;

static void
wait_at(gpointer data)
{
  Gate *gate = data;
  if (g_thread_self() == gate->putter) {
    gate->is_missed = TRUE;
    return;
  }
  g_mutex_lock(&gate->lock);
  while (!gate->may_end)
    g_cond_wait(&gate->changed, &gate->lock);
  g_mutex_unlock(&gate->lock);
}

static void
open_gate(Gate *gate)
{
  g_mutex_lock(&gate->lock);
  gate->may_end = TRUE;
  g_cond_signal(&gate->changed);
  g_mutex_unlock(&gate->lock);
}

static void
put(MgFiles *files, const char *name, const char *text)
{
  g_autoptr(MgData) data = mg_data_new_copy(text, strlen(text));
  mg_files_put_data(files, name, data);
}

static void
put_gate(MgFiles *files, const char *name, Gate *gate)
{
  static char text[] = "slow";
  gate->putter = g_thread_self();
  do {
    MgData *data = mg_data_new_wrap(text, strlen(text), wait_at, gate);
    gate->is_missed = FALSE;
    mg_files_put_data(files, name, data);
    mg_data_unref(data);
  } while (gate->is_missed);
}

static char *
read_file(const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename(dir, name, NULL);
  char *text = NULL;
  g_file_get_contents(path, &text, NULL, NULL);
  return text;
}

static gboolean
exists(const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename(dir, name, NULL);
  return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void
remove_files(const char *dir)
{
  static const char *const names[] = { "segment", "last", "list", "done" };
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autofree char *path = g_build_filename(dir, names[i], NULL);
    g_assert_cmpint(g_unlink(path), ==, 0);
  }
  g_assert_cmpint(g_rmdir(dir), ==, 0);
}

/* The old session's end waits for a slow disk when the new one begins. */
static void
test_behind_the_last_job(void)
{
  Gate gate = { 0 };
  MgNode node = { .label = (char[]){ "live/studio/hls" } };
  g_autofree char *dir = g_dir_make_tmp("mediagraph-files-XXXXXX", NULL);
  mg_lanes_start_manual();
  MgFiles *old = mg_files_new(&node, dir, NULL);
  put_gate(old, "segment", &gate);
  put(old, "list", "ended");
  put(old, "last", "x");
  mg_files_free(old);
  MgFiles *new = mg_files_new(&node, dir, NULL);
  g_assert_nonnull(new);
  g_assert_null(mg_files_new(&node, dir, NULL));
  put(new, "list", "live");
  put(new, "done", "x");
  open_gate(&gate);
  mg_wait_until(exists(dir, "last") && exists(dir, "done"));
  g_autofree char *list = read_file(dir, "list");
  g_assert_cmpstr(list, ==, "live");
  mg_files_free(new);
  mg_lanes_stop();
  remove_files(dir);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/window/files/the-next-writer-comes-behind-the-last-job",
                  test_behind_the_last_job);
  return g_test_run();
}
