#include "command.h"

#include <stdio.h>
#include <string.h>

Status
command_usage(const char *name, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  g_autofree char *message = g_strdup_vprintf(format, args);
  va_end(args);
  fprintf(stderr, "mediagraph%s%s: %s (mediagraph %s%s--help says more)\n", name ? " " : "",
          name ? name : "", message, name ? name : "", name ? " " : "");
  return STATUS_USAGE;
}

static gboolean
check_count(const CommandHelp *help, guint n, Status *status)
{
  if (n < help->least)
    *status = help->least > 1 ? command_usage(help->name, "it takes %s", help->arguments)
                              : command_usage(help->name, "%s is missing", help->arguments);
  else if (help->most > 0 && n > help->most)
    *status = command_usage(help->name, "there are too many arguments");
  else
    return TRUE;
  return FALSE;
}

/* GLib's own --help would end the process, and write in the locale's encoding. */
gboolean
command_parse(const CommandHelp *help, const GOptionEntry *entries, int *argc, char ***argv,
              Status *status)
{
  gboolean wants_help = FALSE;
  const GOptionEntry own[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &wants_help, "Show this help", NULL },
    { NULL },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(GOptionContext) context = g_option_context_new(help->arguments);
  g_autofree char *program = g_strdup_printf("mediagraph %s", help->name);
  g_set_prgname(program);
  g_option_context_set_help_enabled(context, FALSE);
  g_option_context_set_summary(context, help->summary);
  if (entries)
    g_option_context_add_main_entries(context, entries, NULL);
  g_option_context_add_main_entries(context, own, NULL);
  if (!g_option_context_parse(context, argc, argv, &error)) {
    *status = command_usage(help->name, "%s", error->message);
    return FALSE;
  }
  if (wants_help) {
    g_autofree char *text = g_option_context_get_help(context, TRUE, NULL);
    fputs(text, stdout);
    *status = STATUS_OK;
    return FALSE;
  }
  if (*argc > 1 && strcmp((*argv)[1], "--") == 0) {
    (*argc)--;
    memmove(*argv + 1, *argv + 2, (gsize) *argc * sizeof(char *));
  }
  return check_count(help, (guint) *argc - 1, status);
}
