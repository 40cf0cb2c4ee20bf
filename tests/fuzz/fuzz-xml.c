/* Pipeline files, from bytes to a specification, with node types that do nothing. */
#include "fakes.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  static gboolean is_ready;
  if (!is_ready) {
    fakes_register();
    is_ready = TRUE;
  }
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  g_autoptr(MgGraphSpec) spec =
      mg_pipeline_parse("/nowhere/fuzz.xml", (const char *) data, size, diagnostics);
  g_autofree char *text = mg_diagnostics_to_text(diagnostics);
  g_assert_true(g_utf8_validate(text, -1, NULL));
  g_assert_true(spec != NULL || mg_diagnostics_has_errors(diagnostics));
  return 0;
}
