/*
 * What all sub-commands share: options, help, and exit codes.
 *
 * A sub-command is one function in cmd-NAME.c. It gets the arguments from its own name on.
 */
#pragma once

#include <glib.h>

typedef enum {
  STATUS_OK = 0,
  STATUS_FAILED = 1, /* what was asked for did not work: the file is wrong, a port is in use */
  STATUS_USAGE = 2,  /* the command line is wrong */
} Status;

Status cmd_check(int argc, char **argv);
Status cmd_graph(int argc, char **argv);
Status cmd_inspect(int argc, char **argv);
Status cmd_key(int argc, char **argv);
Status cmd_new_plugin(int argc, char **argv);
Status cmd_run(int argc, char **argv);
Status cmd_schema(int argc, char **argv);

typedef struct {
  const char *name;      /* "check" */
  const char *arguments; /* "FILE…" */
  const char *summary;   /* sentences, shown by --help */
  guint least, most;     /* how many arguments; most 0: any number */
} CommandHelp;

/*
 * Takes ENTRIES and --help out of ARGV. FALSE when the command is to end with *STATUS: help was
 * printed, or what is wrong.
 */
gboolean command_parse(const CommandHelp *help, const GOptionEntry *entries, int *argc,
                       char ***argv, Status *status);

/* Prints FORMAT and a hint at --help to standard error. Returns STATUS_USAGE, to return. */
Status command_usage(const char *name, const char *format, ...) G_GNUC_PRINTF(2, 3);
