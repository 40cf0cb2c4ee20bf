#include "loop/timers.h"

typedef struct {
  MgTimers timers;
  MgTimer all[64];
} Fixture;

static void
setup(Fixture *f, gconstpointer unused)
{
  mg_timers_init(&f->timers);
}

static void
teardown(Fixture *f, gconstpointer unused)
{
  mg_timers_clear(&f->timers);
}

static void
put(Fixture *f, guint i, MgTime deadline)
{
  f->all[i].deadline = deadline;
  mg_timers_put(&f->timers, &f->all[i]);
}

static void
test_empty(Fixture *f, gconstpointer unused)
{
  g_assert_cmpint(mg_timers_next(&f->timers), ==, G_MAXINT64);
  g_assert_null(mg_timers_pop_due(&f->timers, G_MAXINT64 - 1));
  mg_timers_remove(&f->timers, &f->all[0]);
}

static void
test_order(Fixture *f, gconstpointer unused)
{
  for (guint i = 0; i < G_N_ELEMENTS(f->all); i++)
    put(f, i, i * 37 % 64);
  for (MgTime expected = 0; expected < 64; expected++) {
    g_assert_cmpint(mg_timers_next(&f->timers), ==, expected);
    MgTimer *timer = mg_timers_pop_due(&f->timers, 63);
    g_assert_cmpint(timer->deadline, ==, expected);
    g_assert_cmpuint(timer->slot, ==, 0);
  }
  test_empty(f, NULL);
}

static void
test_not_early(Fixture *f, gconstpointer unused)
{
  put(f, 0, 100);
  g_assert_null(mg_timers_pop_due(&f->timers, 99));
  g_assert_true(mg_timers_pop_due(&f->timers, 100) == &f->all[0]);
}

static void
test_move(Fixture *f, gconstpointer unused)
{
  put(f, 0, 10);
  put(f, 1, 20);
  put(f, 2, 30);
  put(f, 0, 25);
  put(f, 2, 5);
  g_assert_true(mg_timers_pop_due(&f->timers, 100) == &f->all[2]);
  g_assert_true(mg_timers_pop_due(&f->timers, 100) == &f->all[1]);
  g_assert_true(mg_timers_pop_due(&f->timers, 100) == &f->all[0]);
  g_assert_null(mg_timers_pop_due(&f->timers, 100));
}

/* The heap keeps its order whatever is taken out of the middle. */
static void
test_remove(Fixture *f, gconstpointer unused)
{
  guint n = G_N_ELEMENTS(f->all);
  for (guint seed = 1; seed < 50; seed++) {
    g_autoptr(GRand) rand = g_rand_new_with_seed(seed);
    for (guint i = 0; i < n; i++)
      put(f, i, g_rand_int_range(rand, 0, 1000));
    for (guint k = 0; k < n / 2; k++)
      mg_timers_remove(&f->timers, &f->all[g_rand_int_range(rand, 0, (gint) n)]);
    MgTime last = -1;
    for (MgTimer *t; (t = mg_timers_pop_due(&f->timers, 1000)) != NULL; last = t->deadline)
      g_assert_cmpint(t->deadline, >=, last);
    for (guint i = 0; i < n; i++)
      g_assert_cmpuint(f->all[i].slot, ==, 0);
  }
}

static void
test_back_off_doubles_up_to_a_limit(void)
{
  const MgTime first = 100 * MG_MILLISECOND, last = MG_SECOND;
  static const gint64 middles_ms[] = { 100, 100, 200, 400, 800, 1000, 1000 };
  for (guint n = 0; n < G_N_ELEMENTS(middles_ms); n++) {
    MgTime delay = mg_back_off(n, first, last);
    g_assert_cmpint(delay, >=, middles_ms[n] * MG_MILLISECOND * 3 / 4);
    g_assert_cmpint(delay, <=, middles_ms[n] * MG_MILLISECOND * 5 / 4);
  }
  g_assert_cmpint(mg_back_off(G_MAXUINT, first, last), <=, last * 5 / 4);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
#define ADD(name, test) g_test_add("/loop/timers/" name, Fixture, NULL, setup, test, teardown)
  ADD("without-any-nothing-is-due", test_empty);
  ADD("the-earliest-comes-first", test_order);
  ADD("none-comes-early", test_not_early);
  ADD("putting-again-moves", test_move);
  ADD("any-can-be-removed", test_remove);
#undef ADD
  g_test_add_func("/loop/back-off/doubles-up-to-a-limit", test_back_off_doubles_up_to_a_limit);
  return g_test_run();
}
