/*
 * Files beneath a root folder, and nowhere else: names are resolved by the kernel with
 * RESOLVE_BENEATH, so neither ".." nor a symbolic link leads out.
 */
#pragma once

#include <glib.h>

/* A descriptor of folder ROOT, which is made with its parents; -1 and errno. The caller closes it. */
int beneath_open_root(const char *root);

/*
 * Creates the file NAME ("app/stream/file.mp4") beneath ROOT_FD for writing, with its folders. An
 * existing file is never touched: EEXIST. Returns a descriptor, or -1 and errno.
 */
int beneath_create(int root_fd, const char *name);
