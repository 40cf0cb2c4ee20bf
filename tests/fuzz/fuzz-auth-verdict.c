/* A webhook's answer of any bytes. */
#include "auth/webhook.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  g_autoptr(GError) error = NULL;
  AuthVerdict verdict;
  gboolean is_right = auth_verdict_read(200, (const char *) data, size, &verdict, &error);
  g_assert_true(is_right == (error == NULL));
  if (verdict.stream != NULL)
    g_assert_true(auth_name_is_valid(verdict.stream));
  if (verdict.reason != NULL)
    g_assert_true(g_utf8_validate(verdict.reason, -1, NULL));
  g_assert_true(verdict.lifetime >= 0 && verdict.bitrate >= 0);
  auth_verdict_clear(&verdict);
  return 0;
}
