#include "util/heap.h"

#include <malloc.h>
#include <string.h>

enum { PACKET = 9000, MOST_KEPT = 32 << 10 };

static void
test_sizes_of_all_kinds(void)
{
  for (gsize size = 1; size < (gsize) 1 << 20; size = size * 5 / 4 + 1) {
    guint8 *block = mg_heap_alloc(size);
    g_assert_nonnull(block);
    memset(block, 0xa5, size);
    mg_heap_free(block, size);
  }
}

static void
test_what_was_freed_comes_back_whole(void)
{
  guint8 *first = mg_heap_alloc(PACKET);
  guint8 *second = mg_heap_alloc(PACKET);
  mg_heap_free(first, PACKET);
  guint8 *third = mg_heap_alloc(PACKET + 1); /* may lie where the first was */
  memset(second, 2, PACKET);
  memset(third, 3, PACKET + 1);
  for (gsize i = 0; i < PACKET; i++)
    g_assert_cmpuint(second[i], ==, 2);
  mg_heap_free(second, PACKET);
  mg_heap_free(third, PACKET + 1);
}

static void
test_a_shortage_is_told(void)
{
  g_assert_null(mg_heap_alloc(G_MAXSSIZE));
}

/* Frees what another thread made, and ends. */
static gpointer
free_them(gpointer blocks)
{
  GPtrArray *all = blocks;
  for (guint i = 0; i < all->len; i++)
    mg_heap_free(g_ptr_array_index(all, i), PACKET);
  return NULL;
}

static void
test_freed_on_another_thread(void)
{
  g_autoptr(GPtrArray) all = g_ptr_array_new();
  for (guint i = 0; i < 4 * MOST_KEPT / PACKET; i++)
    g_ptr_array_add(all, mg_heap_alloc(PACKET));
  g_thread_join(g_thread_new("freeing", free_them, all));
}

typedef struct {
  gpointer block;
  gsize size;
} Made;

/* Returned: bytes that malloc has given out, once all is freed here. */
static gpointer
free_all(gpointer data)
{
  GArray *all = data;
  for (guint i = 0; i < all->len; i++)
    mg_heap_free(g_array_index(all, Made, i).block, g_array_index(all, Made, i).size);
  return GSIZE_TO_POINTER(mallinfo2().uordblks);
}

static void
test_a_thread_that_only_frees_keeps_nothing(void)
{
  enum { EACH = 8, SLACK = 128 << 10 };
  g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Made));
  gsize before = mallinfo2().uordblks;
  for (gsize size = 2000; size < MOST_KEPT; size += 500)
    for (guint i = 0; i < EACH; i++) {
      Made made = { mg_heap_alloc(size), size };
      g_array_append_val(all, made);
    }
  GThread *thread = g_thread_new("freeing", free_all, all);
  g_assert_cmpuint(GPOINTER_TO_SIZE(g_thread_join(thread)), <, before + SLACK);
}

static void
test_small_ones_are_kept_up_to_a_limit(void)
{
  enum { MANY = 100000, SLACK = 128 << 10 };
  static gpointer blocks[MANY];
  gsize before = mallinfo2().uordblks;
  for (guint i = 0; i < MANY; i++)
    blocks[i] = mg_heap_alloc(0);
  for (guint i = 0; i < MANY; i++)
    mg_heap_free(blocks[i], 0);
  g_assert_cmpuint(mallinfo2().uordblks, <, before + SLACK);
}

/* As much of each size as could be kept, were it the only one: a dozen MiB. */
static void
test_all_sizes_are_kept_up_to_a_limit(void)
{
  enum { STEP = 64, MOST_BYTES = 5 << 20 };
  g_autoptr(GArray) all = g_array_new(FALSE, FALSE, sizeof(Made));
  gsize sum = 0;
  for (gsize size = 1000; size < MOST_KEPT - STEP; size += STEP)
    for (gsize i = 0; i < MOST_KEPT / (size + STEP); i++, sum += size) {
      Made made = { mg_heap_alloc(size), size };
      g_array_append_val(all, made);
    }
  gsize before = mallinfo2().uordblks;
  g_assert_cmpuint(GPOINTER_TO_SIZE(free_all(all)), <, before - sum + MOST_BYTES);
}

/* Sanitizers bring an allocator of their own. */
static gboolean
malloc_is_glibc(void)
{
  gsize before = mallinfo2().uordblks;
  g_autofree gpointer block = g_malloc(1000);
  return mallinfo2().uordblks > before && block != NULL;
}

static gsize
resident(void)
{
  g_autofree char *text = NULL;
  g_assert_true(g_file_get_contents("/proc/self/statm", &text, NULL, NULL));
  gsize size, pages;
  g_assert_cmpint(sscanf(text, "%zu %zu", &size, &pages), ==, 2);
  return pages * 4096;
}

/* What stays in between keeps the heap from shrinking by itself. */
static void
test_what_a_burst_left_is_given_back(void)
{
  enum { MANY = 1000, EACH = 48 << 10, SLACK = 16 << 20 };
  static gpointer blocks[MANY], between[MANY];
  mg_heap_tidy();
  for (guint i = 0; i < MANY; i++) {
    blocks[i] = memset(g_malloc(EACH), 1, EACH);
    between[i] = g_malloc(100);
  }
  gsize most = resident();
  g_assert_false(mg_heap_tidy());
  for (guint i = 0; i < MANY; i++)
    g_free(blocks[i]);
  g_assert_cmpuint(resident(), >, most - MANY * EACH + SLACK);
  g_assert_true(mg_heap_tidy());
  g_assert_cmpuint(resident(), <, most - MANY * EACH + SLACK);
  g_assert_false(mg_heap_tidy());
  for (guint i = 0; i < MANY; i++)
    g_free(between[i]);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/heap/sizes", test_sizes_of_all_kinds);
  g_test_add_func("/heap/again", test_what_was_freed_comes_back_whole);
  g_test_add_func("/heap/shortage", test_a_shortage_is_told);
  g_test_add_func("/heap/threads", test_freed_on_another_thread);
  g_test_add_func("/heap/only-freeing", test_a_thread_that_only_frees_keeps_nothing);
  g_test_add_func("/heap/small-ones", test_small_ones_are_kept_up_to_a_limit);
  g_test_add_func("/heap/all-sizes", test_all_sizes_are_kept_up_to_a_limit);
  if (malloc_is_glibc())
    g_test_add_func("/heap/burst", test_what_a_burst_left_is_given_back);
  return g_test_run();
}
