#include "net/outbox.h"

#include <string.h>

static char *
text_of(const MgOutbox *outbox)
{
  struct iovec vectors[256];
  gsize total;
  guint n = mg_outbox_peek(outbox, vectors, G_N_ELEMENTS(vectors), &total);
  GString *text = g_string_new(NULL);
  for (guint i = 0; i < n; i++)
    g_string_append_len(text, vectors[i].iov_base, (gssize) vectors[i].iov_len);
  g_assert_cmpuint(text->len, ==, total);
  return g_string_free(text, FALSE);
}

static void
assert_text(const MgOutbox *outbox, const char *expected)
{
  g_autofree char *text = text_of(outbox);
  g_assert_cmpstr(text, ==, expected);
  g_assert_cmpuint(outbox->size, ==, strlen(expected));
}

static void
add(MgOutbox *outbox, const char *text)
{
  g_assert_true(mg_outbox_copy(outbox, text, strlen(text)));
}

static void
test_small_writes_share_a_block(void)
{
  MgOutbox o;
  mg_outbox_init(&o);
  add(&o, "one ");
  add(&o, "two ");
  add(&o, "");
  add(&o, "three");
  g_assert_cmpuint(o.n, ==, 1);
  assert_text(&o, "one two three");
  mg_outbox_clear(&o);
}

static void
test_order(void)
{
  MgOutbox o;
  mg_outbox_init(&o);
  add(&o, "head ");
  mg_outbox_take(&o, mg_data_new_copy("[body]", 6), 1, 4);
  add(&o, " tail");
  mg_outbox_take(&o, mg_data_new_copy("x", 1), 1, 0);
  assert_text(&o, "head body tail");
  g_assert_cmpuint(o.n, ==, 3);
  mg_outbox_clear(&o);
}

static void
test_drop_inside_slices(void)
{
  MgOutbox o;
  mg_outbox_init(&o);
  add(&o, "abc");
  mg_outbox_take(&o, mg_data_new_copy("defg", 4), 0, 4);
  mg_outbox_drop(&o, 5);
  assert_text(&o, "fg");
  add(&o, "hi");
  mg_outbox_drop(&o, 1);
  assert_text(&o, "ghi");
  mg_outbox_drop(&o, 3);
  assert_text(&o, "");
  g_assert_cmpuint(o.n, ==, 0);
  mg_outbox_clear(&o);
}

/* What was partly sent out of our block is followed by what is copied behind it. */
static void
test_copy_after_partial_drop(void)
{
  MgOutbox o;
  mg_outbox_init(&o);
  add(&o, "abcdef");
  mg_outbox_drop(&o, 4);
  add(&o, "ghi");
  assert_text(&o, "efghi");
  g_assert_cmpuint(o.n, ==, 1);
  mg_outbox_clear(&o);
}

static void
test_many_slices(void)
{
  MgOutbox o;
  mg_outbox_init(&o);
  GString *expected = g_string_new(NULL);
  for (guint i = 0; i < 200; i++) {
    g_autofree char *text = g_strdup_printf("%u,", i);
    mg_outbox_take(&o, mg_data_new_copy(text, strlen(text)), 0, strlen(text));
    g_string_append(expected, text);
    if (i % 3 == 0) {
      mg_outbox_drop(&o, 2);
      g_string_erase(expected, 0, 2);
    }
  }
  assert_text(&o, expected->str);
  mg_outbox_drop(&o, expected->len);
  g_assert_true(o.slices == o.small);
  g_string_free(expected, TRUE);
  mg_outbox_clear(&o);
}

static void
test_large_copy(void)
{
  MgOutbox o;
  mg_outbox_init(&o);
  g_autofree char *large = g_strnfill(100000, 'x');
  add(&o, "a");
  add(&o, large);
  add(&o, "b");
  g_autofree char *expected = g_strconcat("a", large, "b", NULL);
  assert_text(&o, expected);
  mg_outbox_clear(&o);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/net/outbox/small-writes-share-a-block", test_small_writes_share_a_block);
  g_test_add_func("/net/outbox/copies-and-data-keep-their-order", test_order);
  g_test_add_func("/net/outbox/drops-inside-of-slices", test_drop_inside_slices);
  g_test_add_func("/net/outbox/goes-on-behind-what-was-partly-sent", test_copy_after_partial_drop);
  g_test_add_func("/net/outbox/grows-and-holds-nothing-when-empty", test_many_slices);
  g_test_add_func("/net/outbox/large-copy-arrives-whole", test_large_copy);
  return g_test_run();
}
