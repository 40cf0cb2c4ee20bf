/* Resources whose bytes are made when they are first asked for. */
#include "fixture.h"

#include "http/lazy.h"
#include "http/response.h"
#include "loop/lane.h"

#include <string.h>
#include <unistd.h>

typedef struct {
  const char *text; /* NULL: it cannot be made */
  gint n_made, n_destroyed;
} Kitchen;

static MgData *
cook(gpointer data)
{
  Kitchen *kitchen = data;
  g_atomic_int_inc(&kitchen->n_made);
  return kitchen->text ? mg_data_new_copy(kitchen->text, strlen(kitchen->text)) : NULL;
}

static void
close_kitchen(gpointer data)
{
  g_atomic_int_inc(&((Kitchen *) data)->n_destroyed);
}

static void
put(Fixture *f, const char *name, Kitchen *kitchen)
{
  const MgHttpContent content = { .size = sizeof content,
                                  .content_type = "video/mp2t",
                                  .cache = MG_HTTP_CACHE_IMMUTABLE,
                                  .etag = name };
  mg_http_interface.folder_put_lazy(f->folder, name, &content, cook, kitchen, close_kitchen);
}

static void
assert_field(const Answer *answer, const char *name, const char *value)
{
  g_autofree char *field = answer_field(answer, name);
  g_assert_cmpstr(field, ==, value);
}

static void
test_made_once_when_it_is_asked_for(void)
{
  Fixture f;
  Kitchen kitchen = { .text = "0123456789" };
  fixture_init(&f);
  fixture_start(&f);
  put(&f, "a.ts", &kitchen);
  g_assert_cmpint(kitchen.n_made, ==, 0);
  int fd = mg_client_connect(f.port);
  g_auto(Answer) head = fixture_ask(fd, "HEAD /files/a.ts HTTP/1.1\nHost: x\n\n");
  assert_field(&head, "Content-Length", "10");
  g_auto(Answer) whole = fixture_ask(fd, "GET /files/a.ts HTTP/1.1\nHost: x\n\n");
  g_assert_cmpstr(whole.body, ==, "0123456789");
  assert_field(&whole, "Content-Type", "video/mp2t");
  assert_field(&whole, "ETag", "\"a.ts\"");
  g_auto(Answer) part = fixture_ask(fd, "GET /files/a.ts HTTP/1.1\nHost: x\nRange: bytes=3-4\n\n");
  g_assert_cmpstr(part.body, ==, "34");
  assert_field(&part, "Content-Range", "bytes 3-4/10");
  g_auto(Answer) known =
      fixture_ask(fd, "GET /files/a.ts HTTP/1.1\nHost: x\nIf-None-Match: \"a.ts\"\n\n");
  g_assert_cmpuint(known.status, ==, 304);
  g_assert_cmpint(kitchen.n_made, ==, 1);
  g_assert_cmpint(kitchen.n_destroyed, ==, 0);
  mg_http_interface.folder_remove(f.folder, "a.ts");
  g_assert_cmpint(kitchen.n_destroyed, ==, 1);
  close(fd);
  fixture_stop(&f);
}

static void
test_never_made_when_nobody_asks(void)
{
  Fixture f;
  Kitchen kitchen = { .text = "x" };
  fixture_init(&f);
  fixture_start(&f);
  put(&f, "a.ts", &kitchen);
  fixture_stop(&f);
  g_assert_cmpint(kitchen.n_made, ==, 0);
  g_assert_cmpint(kitchen.n_destroyed, ==, 1);
}

static void
test_cannot_be_made(void)
{
  Fixture f;
  Kitchen kitchen = { 0 };
  fixture_init(&f);
  fixture_start(&f);
  put(&f, "a.ts", &kitchen);
  int fd = mg_client_connect(f.port);
  g_auto(Answer) answer = fixture_ask(fd, "GET /files/a.ts HTTP/1.1\nHost: x\n\n");
  g_assert_cmpuint(answer.status, ==, 500);
  assert_field(&answer, "Cache-Control", "no-store");
  close(fd);
  fixture_stop(&f);
}

enum { N_THREADS = 8 };

static gpointer
plan(gpointer resource)
{
  g_auto(MgWriter) scratch = MG_WRITER_INIT;
  const MgHttpAsked asked = { .method = MG_HTTP_GET, .minor = 1 };
  MgHttpAnswer answer = mg_http_answer_plan(&asked, resource, &scratch);
  g_assert_cmpuint(answer.size, ==, 5);
  return (gpointer) (guintptr) answer.resource;
}

static void
test_all_lanes_get_the_same(void)
{
  Kitchen kitchen = { .text = "bytes" };
  const MgHttpContent content = { .size = sizeof content };
  MgHttpResource *lazy =
      mg_http_lazy_new(&content, (MgHttpMaker){ cook, &kitchen, close_kitchen }, NULL);
  GThread *threads[N_THREADS];
  for (guint i = 0; i < N_THREADS; i++)
    threads[i] = g_thread_new("lane", plan, lazy);
  for (guint i = 0; i < N_THREADS; i++)
    g_assert_true(g_thread_join(threads[i]) == mg_http_lazy_of(lazy));
  mg_http_resource_unref(lazy);
  g_assert_cmpint(kitchen.n_destroyed, ==, 1);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_lanes_start(2);
  g_test_add_func("/http/lazy/made-once-when-it-is-asked-for", test_made_once_when_it_is_asked_for);
  g_test_add_func("/http/lazy/never-made-when-nobody-asks", test_never_made_when_nobody_asks);
  g_test_add_func("/http/lazy/cannot-be-made", test_cannot_be_made);
  g_test_add_func("/http/lazy/all-lanes-get-the-same", test_all_lanes_get_the_same);
  int failed = g_test_run();
  mg_lanes_stop();
  return failed;
}
