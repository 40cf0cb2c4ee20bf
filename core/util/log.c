#include "util/log.h"

#include "util/escape.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A pipe takes this much at once or nothing (PIPE_BUF), so that lines of two processes do not mix. */
enum { LONGEST_LINE = 4096 };

static struct {
  GMutex lock; /* everything below but level */
  gint level;  /* atomic */
  MgLogFormat format;
  int fd;       /* the caller's */
  int quick_fd; /* the same file, opened without waiting; or -1 */
  gboolean is_open;
  gboolean is_socket;
  gboolean is_file; /* on a disk, which takes what it gets */
  gboolean is_terminal;
  gboolean has_colour;
  gboolean is_cut; /* the last write was taken in part: a line is unfinished */
  guint64 lost;
  char *footer;
  guint footer_lines;
} out = { .level = MG_LOG_INFO, .fd = STDERR_FILENO, .quick_fd = -1 };

static const char *const level_words[] = { "error", "warning", "info", "debug" };
static const char *const level_colours[] = { "\033[1;31m", "\033[1;33m", "\033[32m", "\033[2m" };

/* Output: all under the lock. */

/*
 * Pipes and terminals are opened again for this process alone: O_NONBLOCK on standard error itself would
 * change it for the shell too.
 */
static void
open_output(void)
{
  struct stat status;
  out.is_open = TRUE;
  if (out.quick_fd >= 0)
    close(out.quick_fd);
  out.quick_fd = -1;
  out.is_terminal = isatty(out.fd) == 1;
  out.has_colour = out.is_terminal && g_getenv("NO_COLOR") == NULL;
  if (fstat(out.fd, &status) != 0)
    return;
  out.is_socket = S_ISSOCK(status.st_mode);
  out.is_file = S_ISREG(status.st_mode);
  if (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)) {
    char path[32];
    g_snprintf(path, sizeof path, "/proc/self/fd/%d", out.fd);
    out.quick_fd = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
  }
}

static gssize
write_once(const char *bytes, gsize size)
{
  if (out.is_socket)
    return send(out.fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
  if (out.quick_fd >= 0 || out.is_file)
    return write(out.is_file ? out.fd : out.quick_fd, bytes, size);
  struct pollfd ready = { .fd = out.fd, .events = POLLOUT };
  if (poll(&ready, 1, 0) != 1) {
    errno = EAGAIN;
    return -1;
  }
  return write(out.fd, bytes, size);
}

/* What did not go out whole is lost; it must not hold up the process. */
static gboolean
write_all(const GString *text)
{
  gssize n;
  do {
    n = write_once(text->str, text->len);
  } while (n < 0 && errno == EINTR);
  if (n > 0)
    out.is_cut = (gsize) n < text->len;
  return n == (gssize) text->len;
}

static void
append_erase(GString *text)
{
  if (out.footer_lines > 0)
    g_string_append_printf(text, "\r\033[%uA\033[J", out.footer_lines);
}

static void
append_lost(GString *text)
{
  if (out.is_cut)
    g_string_append_c(text, '\n');
  if (out.lost == 0)
    return;
  const char *form = out.format == MG_LOG_JSON
                         ? "{\"level\":\"warning\",\"message\":\"%" G_GUINT64_FORMAT
                           " log lines were lost: nobody read them\"}\n"
                         : "%" G_GUINT64_FORMAT " log lines were lost: nobody read them\n";
  g_string_append_printf(text, form, out.lost);
}

/* LINE is one log line, or NULL to redraw the footer only. */
static void
emit(const GString *line)
{
  g_autoptr(GString) text = g_string_sized_new(256);
  append_erase(text);
  append_lost(text);
  if (line)
    g_string_append_len(text, line->str, (gssize) line->len);
  if (out.footer)
    g_string_append(text, out.footer);
  if (write_all(text))
    out.lost = 0;
  else if (line)
    out.lost++;
}

/* Lines. */

static void
append_text(GString *line, gint64 utc_us, MgLogLevel level, const char *label, const char *message)
{
  time_t seconds = (time_t) (utc_us / G_USEC_PER_SEC);
  struct tm local;
  localtime_r(&seconds, &local);
  g_string_append_printf(line, "%02d:%02d:%02d.%03d ", local.tm_hour, local.tm_min, local.tm_sec,
                         (int) (utc_us / 1000 % 1000));
  g_string_append_printf(line, "%s%s%s ", out.has_colour ? level_colours[level] : "",
                         level_words[level], out.has_colour ? "\033[0m" : "");
  if (label) {
    mg_escape_text(line, label);
    g_string_append(line, ": ");
  }
  mg_escape_text(line, message);
}

void
mg_log_append_json_head(GString *line, gint64 utc_us, MgLogLevel level)
{
  time_t seconds = (time_t) (utc_us / G_USEC_PER_SEC);
  struct tm utc;
  char stamp[32];
  gmtime_r(&seconds, &utc);
  strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &utc);
  g_string_append_printf(line, "{\"time\":\"%s.%03dZ\",\"level\":\"%s\",", stamp,
                         (int) (utc_us / 1000 % 1000), level_words[level]);
}

static void
append_json(GString *line, gint64 utc_us, MgLogLevel level, const char *label, const char *message)
{
  mg_log_append_json_head(line, utc_us, level);
  if (label) {
    g_string_append(line, "\"node\":");
    mg_escape_json(line, label);
    g_string_append_c(line, ',');
  }
  g_string_append(line, "\"message\":");
  mg_escape_json(line, message);
  g_string_append_c(line, '}');
}

/* Cuts MESSAGE to LONGEST bytes, at the end of a character. */
static void
cut_message(char *message, gsize longest)
{
  static const char mark[] = "\xe2\x80\xa6";
  if (strlen(message) <= longest)
    return;
  char *end = message + longest - sizeof mark;
  while (end > message && ((guchar) *end & 0xc0) == 0x80)
    end--;
  memcpy(end, mark, sizeof mark);
}

static void
append_line(GString *line, MgLogLevel level, const char *label, const char *message)
{
  gint64 utc_us = g_get_real_time();
  if (out.format == MG_LOG_JSON)
    append_json(line, utc_us, level, label, message);
  else
    append_text(line, utc_us, level, label, message);
  g_string_append_c(line, '\n');
}

static void
log_line(const char *label, MgLogLevel level, char *message)
{
  g_autoptr(GString) line = g_string_sized_new(256);
  g_mutex_lock(&out.lock);
  if (!out.is_open)
    open_output();
  cut_message(message, LONGEST_LINE / 2);
  append_line(line, level, label, message);
  if (line->len > LONGEST_LINE) { /* one byte can become six by escaping */
    cut_message(message, LONGEST_LINE / 8);
    g_string_truncate(line, 0);
    append_line(line, level, label, message);
  }
  emit(line);
  g_mutex_unlock(&out.lock);
}

gboolean
mg_log_enabled(MgLogLevel level)
{
  return (gint) level <= g_atomic_int_get(&out.level);
}

void
mg_log_as_va(const char *label, MgLogLevel level, const char *format, va_list args)
{
  if (!mg_log_enabled(level))
    return;
  int saved_errno = errno;
  g_autofree char *message = g_strdup_vprintf(format, args);
  log_line(label, level, message);
  errno = saved_errno;
}

void
mg_log_as(const char *label, MgLogLevel level, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  mg_log_as_va(label, level, format, args);
  va_end(args);
}

char *
mg_log_escape(const char *text)
{
  GString *escaped = g_string_new(NULL);
  mg_escape_text(escaped, text);
  return g_string_free(escaped, FALSE);
}

/* Settings. */

void
mg_log_set_level(MgLogLevel level)
{
  g_atomic_int_set(&out.level, (gint) level);
}

void
mg_log_set_format(MgLogFormat format)
{
  g_mutex_lock(&out.lock);
  out.format = format;
  g_mutex_unlock(&out.lock);
}

void
mg_log_set_fd(int fd)
{
  g_mutex_lock(&out.lock);
  out.fd = fd;
  out.lost = 0;
  out.is_cut = FALSE;
  open_output();
  g_mutex_unlock(&out.lock);
}

gboolean
mg_log_has_footer(void)
{
  g_mutex_lock(&out.lock);
  if (!out.is_open)
    open_output();
  gboolean has_footer = out.is_terminal && out.format == MG_LOG_TEXT;
  g_mutex_unlock(&out.lock);
  return has_footer;
}

static guint
count_lines(const char *text)
{
  guint n = 0;
  for (const char *p = text; *p != '\0'; p++)
    n += *p == '\n';
  return n;
}

void
mg_log_set_footer(const char *text)
{
  gboolean is_shown = text != NULL && text[0] != '\0' && mg_log_has_footer();
  g_mutex_lock(&out.lock);
  g_free(out.footer);
  out.footer = is_shown ? g_strdup(text) : NULL;
  if (is_shown || out.footer_lines > 0)
    emit(NULL);
  out.footer_lines = is_shown ? count_lines(text) : 0;
  g_mutex_unlock(&out.lock);
}
