/* The fault plan by itself. */
#include "va-driver/faults.h"

static void
counts_each_call_for_itself(void)
{
  g_autoptr(MgVaFaults) faults = mg_va_faults_new("vaA@2=HW_BUSY,vaB@2+=TIMEDOUT,vaC@1=hang", NULL);
  g_assert_nonnull(faults);
  g_assert_cmpint(mg_va_faults_next(faults, "vaA"), ==, VA_STATUS_SUCCESS);
  g_assert_cmpint(mg_va_faults_next(faults, "vaB"), ==, VA_STATUS_SUCCESS);
  g_assert_cmpint(mg_va_faults_next(faults, "vaA"), ==, VA_STATUS_ERROR_HW_BUSY);
  g_assert_cmpint(mg_va_faults_next(faults, "vaA"), ==, VA_STATUS_SUCCESS);
  g_assert_cmpint(mg_va_faults_next(faults, "vaB"), ==, VA_STATUS_ERROR_TIMEDOUT);
  g_assert_cmpint(mg_va_faults_next(faults, "vaB"), ==, VA_STATUS_ERROR_TIMEDOUT);
  g_assert_cmpint(mg_va_faults_next(faults, "vaC"), ==, MG_VA_HANG);
}

static void
loses_the_device(void)
{
  g_autoptr(MgVaFaults) faults = mg_va_faults_new("*@3+=OPERATION_FAILED", NULL);
  g_assert_cmpint(mg_va_faults_next(faults, "vaA"), ==, VA_STATUS_SUCCESS);
  g_assert_cmpint(mg_va_faults_next(faults, "vaB"), ==, VA_STATUS_SUCCESS);
  g_assert_cmpint(mg_va_faults_next(faults, "vaC"), ==, VA_STATUS_ERROR_OPERATION_FAILED);
  g_assert_cmpint(mg_va_faults_next(faults, "vaA"), ==, VA_STATUS_ERROR_OPERATION_FAILED);
}

static void
refuses_what_is_no_plan(void)
{
  static const char *const plans[] = {
    "vaA",    "vaA@0=HW_BUSY", "vaA@x=HW_BUSY", "vaA@1",
    "vaA@1=", "vaA@1=NO_SUCH", "vaA@1+HW_BUSY", "vaA@1=SUCCESS"
  };
  for (gsize i = 0; i < G_N_ELEMENTS(plans); i++) {
    g_autoptr(GError) error = NULL;
    MgVaFaults *faults = mg_va_faults_new(plans[i], &error);
    g_assert_null(faults);
    g_assert_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE);
  }
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/va-driver/faults/counts-each-call-for-itself", counts_each_call_for_itself);
  g_test_add_func("/va-driver/faults/loses-the-device", loses_the_device);
  g_test_add_func("/va-driver/faults/refuses-what-is-no-plan", refuses_what_is_no_plan);
  return g_test_run();
}
