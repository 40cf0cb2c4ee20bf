#include "util/refuse.h"

#include <mediagraph/secret.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_BYTES = 4096 };

const char *
mg_secret_file_complaint(int fd)
{
  struct stat st;
  if (fstat(fd, &st) != 0)
    return g_strerror(errno);
  if (!S_ISREG(st.st_mode))
    return "it is no regular file";
  if (st.st_uid != 0 && st.st_uid != geteuid())
    return "it belongs to another user";
  if (st.st_mode & 027)
    return "others can read or change it; run `chmod 640` on it, or 600";
  return NULL;
}

static const char *
what_is_wrong(int fd)
{
  struct stat st;
  const char *complaint = mg_secret_file_complaint(fd);
  if (complaint != NULL)
    return complaint;
  return fstat(fd, &st) == 0 && st.st_size > MOST_BYTES ? "it is too large" : NULL;
}

/* What FD holds, at most MOST_BYTES, as text. FALSE and errno. */
static gboolean
read_text(int fd, char text[MOST_BYTES + 1])
{
  gsize size = 0;
  gssize n = 1;
  while (size < MOST_BYTES && n != 0) {
    n = read(fd, text + size, MOST_BYTES - size);
    if (n < 0 && errno != EINTR)
      return FALSE;
    size += (gsize) MAX(n, 0);
  }
  text[size] = '\0';
  return TRUE;
}

/* Returned-owned: its first line, and nothing of what else was read; NULL and errno. */
static char *
read_line(int fd)
{
  char text[MOST_BYTES + 1];
  char *line = NULL;
  if (read_text(fd, text)) {
    text[strcspn(text, "\r\n")] = '\0';
    line = g_strdup(g_strstrip(text));
  }
  explicit_bzero(text, sizeof text);
  return line;
}

char *
mg_secret_read(const char *path, GError **error)
{
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    mg_refuse(error, MG_ERROR_INVALID, "%s: %s", path, g_strerror(errno));
    return NULL;
  }
  const char *wrong = what_is_wrong(fd);
  char *secret = wrong == NULL ? read_line(fd) : NULL;
  if (wrong == NULL)
    wrong = secret == NULL ? g_strerror(errno) : "it holds no secret in its first line";
  close(fd);
  if (secret != NULL && *secret != '\0')
    return secret;
  mg_secret_free(secret);
  mg_refuse(error, MG_ERROR_INVALID, "%s: %s", path, wrong);
  return NULL;
}

void
mg_secret_free(char *secret)
{
  if (secret != NULL)
    explicit_bzero(secret, strlen(secret));
  g_free(secret);
}
