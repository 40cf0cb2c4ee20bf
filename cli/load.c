#include "load.h"

#include <stdio.h>

MgGraphSpec *
load_pipeline_as(const char *path, char *(*to_text)(const MgDiagnostics *diagnostics))
{
  g_autoptr(MgDiagnostics) diagnostics = mg_diagnostics_new();
  MgGraphSpec *spec = mg_pipeline_load(path, diagnostics);
  g_autofree char *text = to_text(diagnostics);
  fputs(text, stderr);
  return spec;
}

MgGraphSpec *
load_pipeline(const char *path)
{
  return load_pipeline_as(path, mg_diagnostics_to_text);
}
