/* Delays grow for those who fail, and for nobody else; memory does not. */
#include "auth/throttle.h"

static MgTime
fail(AuthThrottle *t, const char *text, MgTime now)
{
  AuthAddress address;
  g_assert_true(auth_address_parse(text, &address));
  return auth_throttle_fail(t, &address, now);
}

static void
test_doubles(void)
{
  AuthThrottle *t = auth_throttle_new();
  for (MgTime delay = 250 * MG_MILLISECOND; delay <= 8 * MG_SECOND; delay *= 2)
    g_assert_cmpint(fail(t, "192.0.2.1", MG_SECOND), ==, delay);
  for (guint i = 0; i < 100; i++)
    g_assert_cmpint(fail(t, "192.0.2.1", MG_SECOND), ==, 8 * MG_SECOND);
  g_assert_cmpint(fail(t, "192.0.2.2", MG_SECOND), ==, 250 * MG_MILLISECOND);
  auth_throttle_free(t);
}

static void
test_is_one_per_64(void)
{
  AuthThrottle *t = auth_throttle_new();
  fail(t, "2001:db8::1", 0);
  g_assert_cmpint(fail(t, "2001:db8::ffff:1", 0), ==, 500 * MG_MILLISECOND);
  g_assert_cmpint(fail(t, "2001:db8:0:1::1", 0), ==, 250 * MG_MILLISECOND);
  auth_throttle_free(t);
}

static void
test_forgives(void)
{
  AuthThrottle *t = auth_throttle_new();
  fail(t, "192.0.2.1", 0);
  g_assert_cmpint(fail(t, "192.0.2.1", 599 * MG_SECOND), ==, 500 * MG_MILLISECOND);
  g_assert_cmpint(fail(t, "192.0.2.1", 1199 * MG_SECOND), ==, 250 * MG_MILLISECOND);
  auth_throttle_free(t);
}

static void
test_is_bounded(void)
{
  AuthThrottle *t = auth_throttle_new();
  fail(t, "192.0.2.1", 0);
  for (guint i = 0; i < AUTH_THROTTLE_MOST + 1000; i++) {
    g_autofree char *text = g_strdup_printf("10.0.%u.%u", i / 256, i % 256);
    fail(t, text, 1);
  }
  g_assert_cmpuint(auth_throttle_size(t), ==, AUTH_THROTTLE_MOST);
  g_assert_cmpint(fail(t, "192.0.2.1", 1), ==, 250 * MG_MILLISECOND);
  g_assert_cmpint(fail(t, "10.0.19.231", 1), ==, 500 * MG_MILLISECOND);
  auth_throttle_free(t);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/auth/throttle/doubles", test_doubles);
  g_test_add_func("/auth/throttle/is-one-per-64", test_is_one_per_64);
  g_test_add_func("/auth/throttle/forgives", test_forgives);
  g_test_add_func("/auth/throttle/is-bounded", test_is_bounded);
  return g_test_run();
}
