/* Files that are built into the command; see tools/embed. */
#pragma once

#include <stddef.h>

typedef struct {
  const char *name; /* NULL ends the list */
  const char *text;
} EmbeddedFile;

extern const EmbeddedFile embedded_files[];
