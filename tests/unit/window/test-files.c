#include "lister.h"

#include "doubles/wait.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

/* A fresh folder, and a lister that writes into "live" beneath it. */
typedef struct {
  char *root, *dir;
  MgStage stage;
} Fixture;

static void
set_up(Fixture *f)
{
  f->root = g_dir_make_tmp("mediagraph-files-XXXXXX", NULL);
  f->dir = g_build_filename(f->root, "live", NULL);
  g_autofree char *attributes = g_strdup_printf("window='12s' dir='%s'", f->dir);
  mg_stage_init(&f->stage, &lister_class, attributes);
}

static void
remove_all(const char *path)
{
  GDir *dir = g_dir_open(path, 0, NULL);
  for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;) {
    g_autofree char *child = g_build_filename(path, name, NULL);
    remove_all(child);
  }
  if (dir != NULL)
    g_dir_close(dir);
  g_assert_cmpint(g_remove(path), ==, 0);
}

static void
tear_down(Fixture *f)
{
  mg_stage_clear(&f->stage);
  remove_all(f->root);
  g_free(f->root);
  g_free(f->dir);
}

static char *
read_file(Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename(f->dir, name, NULL);
  char *text = NULL;
  g_file_get_contents(path, &text, NULL, NULL);
  return text;
}

static gboolean
exists(Fixture *f, const char *name)
{
  g_autofree char *path = g_build_filename(f->dir, name, NULL);
  return g_file_test(path, G_FILE_TEST_EXISTS);
}

static void
test_files_have_the_bytes_that_are_served(void)
{
  Fixture f;
  set_up(&f);
  mg_stage_nth(&f.stage, 0);
  mg_wait_until(exists(&f, "list"));
  g_autofree char *served = mg_fake_http_get(f.stage.http, "/live/test/video-0.m4s");
  g_autofree char *written = read_file(&f, "video-0.m4s");
  g_autofree char *init = read_file(&f, "video-init-0.mp4");
  g_autofree char *list = read_file(&f, "list");
  g_assert_cmpstr(written, ==, served);
  g_assert_cmpstr(init, ==, "video header");
  g_assert_cmpstr(list, ==, "rows");
  g_assert_false(exists(&f, ".list.tmp"));
  tear_down(&f);
}

static void
test_files_go_when_segments_go(void)
{
  Fixture f;
  set_up(&f);
  for (guint n = 0; n < 8; n++)
    mg_stage_nth(&f.stage, n);
  mg_wait_until(exists(&f, "audio-1344000.m4s"));
  mg_wait_until(!exists(&f, "audio-0.m4s"));
  g_assert_false(exists(&f, "video-0.m4s"));
  g_assert_true(exists(&f, "video-360000.m4s"));
  g_assert_true(exists(&f, "video-init-0.mp4"));
  tear_down(&f);
}

static void
test_files_stay_after_the_end(void)
{
  Fixture f;
  set_up(&f);
  mg_stage_nth(&f.stage, 0);
  mg_harness_drain(f.stage.harness);
  mg_wait_until(exists(&f, "list"));
  g_assert_true(exists(&f, "video-0.m4s"));
  tear_down(&f);
}

/* A folder in a file's place cannot be replaced, not even by root. */
static void
test_a_failing_disk_costs_only_files(void)
{
  Fixture f;
  set_up(&f);
  g_autofree char *obstacle = g_build_filename(f.dir, "video-0.m4s", "x", NULL);
  g_assert_cmpint(g_mkdir_with_parents(obstacle, 0755), ==, 0);
  mg_stage_nth(&f.stage, 0);
  mg_wait_until(exists(&f, "list"));
  g_assert_true(exists(&f, "video-0.m4s/x"));
  g_assert_false(exists(&f, ".video-0.m4s.tmp"));
  g_assert_true(exists(&f, "audio-0.m4s")); /* it works again */
  g_assert_nonnull(mg_fake_http_about(f.stage.http, "/live/test/video-0.m4s"));
  g_autofree char *rows = lister_rows(&f.stage);
  g_assert_cmpstr(rows, ==, "0.0 video-0 audio-0");
  tear_down(&f);
}

static void
test_a_folder_that_cannot_be_made_is_an_error(void)
{
  g_autofree char *root = g_dir_make_tmp("mediagraph-files-XXXXXX", NULL);
  g_autofree char *file = g_build_filename(root, "file", NULL);
  g_assert_true(g_file_set_contents(file, "", 0, NULL));
  g_autofree char *attributes = g_strdup_printf("dir='%s/live'", file);
  g_autoptr(GError) error = NULL;
  MgHttp *http = mg_fake_http_new();
  mg_fake_http_offer(http);
  g_assert_null(mg_harness_new(&lister_class, attributes, &error));
  g_assert_error(error, MG_ERROR, MG_ERROR_FAILED);
  g_autofree char *sentence = g_strdup_printf("cannot write into %s/live: Not a directory", file);
  g_assert_cmpstr(error->message, ==, sentence);
  mg_fake_http_free(http);
  remove_all(root);
}

/* --- one writer per folder --------------------------------------------------------------------- */

static MgHarness *
open_second(MgHttp *http, const char *dir, GError **error)
{
  g_autofree char *attributes = g_strdup_printf("path='/live/other' dir='%s'", dir);
  mg_fake_http_offer(http);
  return mg_harness_new(&lister_class, attributes, error);
}

static void
test_a_second_writer_is_refused(void)
{
  Fixture f;
  set_up(&f);
  g_autofree char *link = g_build_filename(f.root, "link", NULL);
  g_assert_cmpint(symlink(f.dir, link), ==, 0);
  const char *const names[] = { f.dir, link };
  for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_null(open_second(f.stage.http, names[i], &error));
    g_assert_error(error, MG_ERROR, MG_ERROR_BUSY);
    g_assert_nonnull(strstr(error->message, "lister writes into"));
    g_assert_nonnull(strstr(error->message, names[i]));
  }
  mg_stage_nth(&f.stage, 0); /* the first goes on */
  mg_wait_until(exists(&f, "list"));
  tear_down(&f);
}

static void
test_a_folder_is_free_again_behind_its_writer(void)
{
  Fixture f;
  set_up(&f);
  g_autofree char *attributes = g_strdup_printf("dir='%s'", f.dir);
  mg_stage_clear(&f.stage);
  mg_stage_init(&f.stage, &lister_class, attributes);
  mg_stage_nth(&f.stage, 0);
  mg_wait_until(exists(&f, "list"));
  tear_down(&f);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_setenv("LC_ALL", "C", TRUE);
#define T(name, function) g_test_add_func("/window/files/" name, function)
  T("have-the-bytes-that-are-served", test_files_have_the_bytes_that_are_served);
  T("go-when-segments-go", test_files_go_when_segments_go);
  T("stay-after-the-end", test_files_stay_after_the_end);
  T("a-failing-disk-costs-only-files", test_a_failing_disk_costs_only_files);
  T("a-folder-that-cannot-be-made-is-an-error", test_a_folder_that_cannot_be_made_is_an_error);
  T("a-second-writer-is-refused", test_a_second_writer_is_refused);
  T("a-folder-is-free-again-behind-its-writer", test_a_folder_is_free_again_behind_its_writer);
#undef T
  return g_test_run();
}
