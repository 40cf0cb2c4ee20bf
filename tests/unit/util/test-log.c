#include "util/log.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <pty.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A pipe that the log writes into and the test reads from. */
typedef struct {
  int read_fd, write_fd;
} Pipe;

static Pipe
open_pipe(void)
{
  int fds[2];
  g_assert_cmpint(pipe2(fds, O_CLOEXEC), ==, 0);
  g_assert_cmpint(fcntl(fds[0], F_SETFL, O_NONBLOCK), ==, 0);
  mg_log_set_fd(fds[1]);
  return (Pipe){ fds[0], fds[1] };
}

static void
close_pipe(Pipe *p)
{
  mg_log_set_fd(STDERR_FILENO);
  if (p->read_fd >= 0)
    close(p->read_fd);
  close(p->write_fd);
}

/* All that is there now. */
static char *
read_all(int fd)
{
  GString *text = g_string_new(NULL);
  char block[4096];
  gssize n;
  while ((n = read(fd, block, sizeof block)) > 0)
    g_string_append_len(text, block, n);
  return g_string_free(text, FALSE);
}

/* A text line behind its time of day, which has been checked. */
static const char *
after_time(const char *line)
{
  g_assert_true(g_regex_match_simple("^\\d\\d:\\d\\d:\\d\\d\\.\\d\\d\\d ", line, 0, 0));
  return line + strlen("00:00:00.000 ");
}

static void
test_text(void)
{
  Pipe p = open_pipe();
  mg_warning(NULL, "%d of %d lost", 3, 4);
  g_autofree char *line = read_all(p.read_fd);
  g_assert_cmpstr(after_time(line), ==, "warning 3 of 4 lost\n");
  close_pipe(&p);
}

static void
test_level(void)
{
  Pipe p = open_pipe();
  mg_debug(NULL, "hidden");
  mg_log_set_level(MG_LOG_ERROR);
  mg_warning(NULL, "hidden");
  g_assert_false(mg_log_enabled(MG_LOG_WARNING));
  mg_error(NULL, "seen");
  mg_log_set_level(MG_LOG_INFO);
  g_autofree char *lines = read_all(p.read_fd);
  g_assert_cmpstr(after_time(lines), ==, "error seen\n");
  close_pipe(&p);
}

static void
test_json(void)
{
  Pipe p = open_pipe();
  mg_log_set_format(MG_LOG_JSON);
  mg_info(NULL, "a \"b\" \\ \x1b[2J\n\xff \xe2\x80\xae");
  mg_log_set_format(MG_LOG_TEXT);
  g_autofree char *line = read_all(p.read_fd);
  g_assert_true(g_regex_match_simple(
      "^\\{\"time\":\"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z\",", line, 0, 0));
  g_assert_cmpstr(strstr(line, "\"level\""), ==,
                  "\"level\":\"info\",\"message\":"
                  "\"a \\\"b\\\" \\\\ \\u001b[2J\\n\xef\xbf\xbd \\u202e\"}\n");
  close_pipe(&p);
}

static void
test_escape(void)
{
  g_autofree char *text = mg_log_escape("caf\xc3\xa9 \x1b[31m\r\nx\x7f\xc2\x85\xff\xe2\x80\xae");
  g_assert_cmpstr(text, ==, "caf\xc3\xa9 \\x1b[31m\\x0d\\nx\\x7f\\u{0085}\\xff\\u{202E}");
}

static void
test_long_line(void)
{
  Pipe p = open_pipe();
  g_autofree char *message = g_strnfill(100000, '\x01');
  mg_info(NULL, "%s", message);
  g_autofree char *line = read_all(p.read_fd);
  g_assert_cmpuint(strlen(line), <=, 4096);
  g_assert_true(g_str_has_suffix(line, "\xe2\x80\xa6\n"));
  close_pipe(&p);
}

static void
test_full_pipe(void)
{
  Pipe p = open_pipe();
  g_autofree char *message = g_strnfill(1000, 'x');
  for (guint i = 0; i < 1000; i++) /* a pipe holds 64 KiB */
    mg_info(NULL, "%s", message);
  g_autofree char *before = read_all(p.read_fd);
  g_assert_cmpuint(strlen(before), <=, 65536);
  mg_info(NULL, "again");
  g_autofree char *after = read_all(p.read_fd);
  g_assert_true(g_regex_match_simple("^9\\d\\d log lines were lost: nobody read them\n"
                                     "[0-9:.]+ info again\n$",
                                     after, 0, 0));
  close_pipe(&p);
}

static void
test_closed_pipe(void)
{
  Pipe p = open_pipe();
  close(p.read_fd);
  p.read_fd = -1;
  mg_info(NULL, "nobody");
  mg_info(NULL, "nobody");
  close_pipe(&p);
}

static void
test_full_disk(void)
{
  int fd = g_open("/dev/full", O_WRONLY | O_CLOEXEC, 0);
  g_assert_cmpint(fd, >=, 0);
  mg_log_set_fd(fd);
  mg_info(NULL, "no room");
  mg_log_set_fd(STDERR_FILENO);
  close(fd);
}

static void
test_socket(void)
{
  int fds[2];
  g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), ==, 0);
  g_assert_cmpint(fcntl(fds[0], F_SETFL, O_NONBLOCK), ==, 0);
  mg_log_set_fd(fds[1]);
  mg_info(NULL, "over a socket");
  g_autofree char *line = read_all(fds[0]);
  g_assert_cmpstr(after_time(line), ==, "info over a socket\n");
  close(fds[0]);
  mg_info(NULL, "nobody");
  mg_log_set_fd(STDERR_FILENO);
  close(fds[1]);
}

static void
test_footer(void)
{
  int main_fd, fd;
  g_unsetenv("NO_COLOR");
  g_assert_cmpint(openpty(&main_fd, &fd, NULL, NULL, NULL), ==, 0);
  g_assert_cmpint(fcntl(main_fd, F_SETFL, O_NONBLOCK), ==, 0);
  mg_log_set_fd(fd);
  g_assert_true(mg_log_has_footer());
  mg_log_set_footer("one\ntwo\n");
  g_autofree char *first = read_all(main_fd);
  g_assert_cmpstr(first, ==, "one\r\ntwo\r\n");
  mg_info(NULL, "line");
  g_autofree char *second = read_all(main_fd);
  g_assert_true(g_str_has_prefix(second, "\r\033[2A\033[J"));
  g_assert_true(g_str_has_suffix(second, "\033[32minfo\033[0m line\r\none\r\ntwo\r\n"));
  mg_log_set_footer(NULL);
  g_autofree char *third = read_all(main_fd);
  g_assert_cmpstr(third, ==, "\r\033[2A\033[J");
  mg_log_set_fd(STDERR_FILENO);
  close(fd);
  close(main_fd);
}

static void
test_no_footer_in_a_pipe(void)
{
  Pipe p = open_pipe();
  g_assert_false(mg_log_has_footer());
  mg_log_set_footer("one\n");
  g_autofree char *nothing = read_all(p.read_fd);
  g_assert_cmpstr(nothing, ==, "");
  close_pipe(&p);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  signal(SIGPIPE, SIG_IGN);
  g_test_add_func("/util/log/text-is-time-level-sentence", test_text);
  g_test_add_func("/util/log/level-hides-what-is-less-serious", test_level);
  g_test_add_func("/util/log/json-is-one-escaped-object", test_json);
  g_test_add_func("/util/log/outside-text-cannot-move-the-cursor", test_escape);
  g_test_add_func("/util/log/long-line-is-cut-and-stays-one-write", test_long_line);
  g_test_add_func("/util/log/full-pipe-loses-lines-and-says-how-many", test_full_pipe);
  g_test_add_func("/util/log/closed-pipe-is-no-error", test_closed_pipe);
  g_test_add_func("/util/log/full-disk-is-no-error", test_full_disk);
  g_test_add_func("/util/log/socket-is-written-without-waiting", test_socket);
  g_test_add_func("/util/log/footer-stays-below-the-newest-line", test_footer);
  g_test_add_func("/util/log/no-footer-without-a-terminal", test_no_footer_in_a_pipe);
  return g_test_run();
}
