#include "load.h"

#include <stdio.h>

MgGraphSpec *
load_pipeline(const char *path)
{
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  MgGraphSpec *spec = mg_pipeline_load(path, diagnostics);
  g_autofree char *text = mg_diagnostics_to_text(diagnostics);
  fputs(text, stderr);
  return spec;
}
