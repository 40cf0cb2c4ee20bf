#include "http/accept.h"

#include <string.h>

/* Whether gzip is wanted by fields that are separated by a bar. */
static gboolean
wants(const char *fields)
{
  g_auto(GStrv) all = g_strsplit(fields, "|", -1);
  MgHttpAccept accept = MG_HTTP_ACCEPT_INIT;
  for (char **field = all; *field != NULL; field++)
    mg_http_accept_read(&accept, (MgHttpText){ *field, strlen(*field) });
  return mg_http_accept_wants_gzip(&accept);
}

static void
check(const char *const *fields, guint n, gboolean expected)
{
  for (guint i = 0; i < n; i++)
    if (wants(fields[i]) != expected)
      g_error("\"%s\" should be %s", fields[i], expected ? "wanted" : "unwanted");
}

static void
test_named(void)
{
  static const char *const wanted[] = {
    "gzip",    "GZip",    "x-gzip", "gzip, deflate, br", "br,gzip", "\tdeflate ,\t gzip ",
    "br|gzip", ",,gzip,",
  };
  static const char *const unwanted[] = {
    "", " ", ",", "br", "gzipped", "gz ip", "deflate, br, zstd", "identity", "gzip-9",
  };
  check(wanted, G_N_ELEMENTS(wanted), TRUE);
  check(unwanted, G_N_ELEMENTS(unwanted), FALSE);
}

static void
test_weights(void)
{
  static const char *const wanted[] = {
    "gzip;q=1",     "gzip;q=1.000", "gzip ; Q=0.5", "gzip;q=0.001",
    "br;q=0, gzip", "gzip;q=1.",    "gzip;q=0.5",
  };
  static const char *const unwanted[] = {
    "gzip;q=0",   "gzip;q=0.",   "gzip;q=0.0", "gzip;q=0.000",
    "gzip ; q=0", "br|gzip;q=0", "x-gzip;q=0",
  };
  check(wanted, G_N_ELEMENTS(wanted), TRUE);
  check(unwanted, G_N_ELEMENTS(unwanted), FALSE);
}

static void
test_any(void)
{
  static const char *const wanted[] = { "*", "br, *;q=0.1", "gzip, *;q=0", "*;q=0|gzip" };
  static const char *const unwanted[] = { "*;q=0", "gzip;q=0, *", "*, gzip;q=0.0",
                                          "identity, *;q=0" };
  check(wanted, G_N_ELEMENTS(wanted), TRUE);
  check(unwanted, G_N_ELEMENTS(unwanted), FALSE);
}

static void
test_identity(void)
{
  static const char *const wanted[] = { "gzip, identity", "gzip;q=0.5, identity;q=0.5",
                                        "identity;q=0, gzip;q=0.1" };
  static const char *const unwanted[] = { "gzip;q=0.5, identity", "identity;q=0.501, gzip;q=0.5",
                                          "identity, *;q=0.9" };
  check(wanted, G_N_ELEMENTS(wanted), TRUE);
  check(unwanted, G_N_ELEMENTS(unwanted), FALSE);
}

static void
test_nonsense(void)
{
  static const char *const unwanted[] = {
    "gzip;q",    "gzip;q=",    "gzip;q=2",     "gzip;q=1.001", "gzip;q=.5",    "gzip;q=0.0001",
    "gzip;q=-1", "gzip;q=1 2", "gzip;level=9", "gzip;q=0,5",   "gzip;q=1.5",   "gzip;q=1;q=0",
    "gzip=1",    "gzip;q =1",  "gzip;q=\"1\"", ";q=1",         "gzip;q=0.5.5", "gzip;q=0x1",
  };
  check(unwanted, G_N_ELEMENTS(unwanted), FALSE);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/http/accept/gzip-is-wanted-when-named", test_named);
  g_test_add_func("/http/accept/weight-of-zero-refuses", test_weights);
  g_test_add_func("/http/accept/star-stands-for-what-is-not-named", test_any);
  g_test_add_func("/http/accept/identity-may-be-preferred", test_identity);
  g_test_add_func("/http/accept/nonsense-refuses", test_nonsense);
  return g_test_run();
}
