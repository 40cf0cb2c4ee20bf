#include "journal.h"

#include <mediagraph/types.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* In the host's byte order: a journal does not travel. */
typedef struct {
  guint32 magic;
  guint32 checksum; /* of all behind it */
  guint64 number;
  JournalRecord record;
} Slot;

enum { MAGIC = 0x6d676a31, FILE_SIZE = 4096, SECOND_SLOT = 2048 };

/* How often a journal may go between its opening and its locking. */
enum { MOST_TRIES = 8 };

struct Journal {
  int fd; /* holds the lock */
  guint8 *map;
  guint64 number;
  JournalRecord now;
};

/* FNV-1a: enough to see a torn record. */
static guint32
checksum_of(const Slot *slot)
{
  const guint8 *p = (const guint8 *) &slot->number;
  const guint8 *end = (const guint8 *) (slot + 1);
  guint32 sum = 2166136261u;
  while (p < end)
    sum = (sum ^ *p++) * 16777619u;
  return sum;
}

static void
load(Journal *journal, const guint8 *at)
{
  Slot slot;
  memcpy(&slot, at, sizeof slot);
  if (slot.magic != MAGIC || slot.checksum != checksum_of(&slot) || slot.number <= journal->number)
    return;
  journal->number = slot.number;
  journal->now = slot.record;
}

static gboolean
is_still_there(int fd)
{
  struct stat st;
  return fstat(fd, &st) == 0 && st.st_nlink > 0;
}

/*
 * A descriptor of the file, with the lock that keeps it (see mg_session_state_dir()); -1 and errno. Where
 * the file system has no locks, nobody removes what is not locked, either.
 */
static int
open_locked(const char *dir, const char *name)
{
  g_autofree char *path = g_build_filename(dir, name, NULL);
  for (guint i = 0; i < MOST_TRIES; i++) {
    g_mkdir_with_parents(dir, 0755);
    int fd = g_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0 && errno != ENOENT)
      return -1;
    if (fd < 0)
      continue;
    flock(fd, LOCK_SH);
    if (is_still_there(fd))
      return fd;
    close(fd);
  }
  errno = ENOENT;
  return -1;
}

/*
 * Two that write would tear each other's records, and give one number to two segments. This lock knows
 * nothing of flock(2)'s, which the engine tries when it looks for journals to remove. FALSE: another has it.
 */
static gboolean
lock_for_writing(int fd)
{
  struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
  return fcntl(fd, F_OFD_SETLK, &all) == 0 || (errno != EAGAIN && errno != EACCES);
}

/* Blocks are reserved here, so that a full disk is an error now and not a SIGBUS later. */
static guint8 *
map_file(int fd)
{
  int failure = posix_fallocate(fd, 0, FILE_SIZE);
  guint8 *map = MAP_FAILED;
  if (failure == 0)
    map = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (map != MAP_FAILED)
    return map;
  if (failure != 0)
    errno = failure;
  return NULL;
}

Journal *
journal_open(const char *dir, const char *name, GError **error)
{
  int fd = open_locked(dir, name);
  if (fd >= 0 && !lock_for_writing(fd)) {
    g_set_error(error, MG_ERROR, MG_ERROR_BUSY,
                "another server uses the journal %s/%s; give each a state-dir of its own", dir,
                name);
    close(fd);
    return NULL;
  }
  guint8 *map = fd >= 0 ? map_file(fd) : NULL;
  if (map == NULL) {
    g_set_error(error, MG_ERROR, MG_ERROR_FAILED, "cannot keep the journal %s/%s: %s", dir, name,
                g_strerror(errno));
    if (fd >= 0)
      close(fd);
    return NULL;
  }
  Journal *journal = g_new0(Journal, 1);
  journal->fd = fd;
  journal->map = map;
  load(journal, map);
  load(journal, map + SECOND_SLOT);
  return journal;
}

void
journal_close(Journal *journal)
{
  if (journal == NULL)
    return;
  munmap(journal->map, FILE_SIZE);
  futimens(journal->fd, NULL);
  close(journal->fd);
  g_free(journal);
}

JournalRecord
journal_read(const Journal *journal)
{
  return journal->now;
}

void
journal_write(Journal *journal, const JournalRecord *record)
{
  Slot slot = { .magic = MAGIC, .number = ++journal->number, .record = *record };
  slot.checksum = checksum_of(&slot);
  journal->now = *record;
  memcpy(journal->map + (slot.number % 2) * SECOND_SLOT, &slot, sizeof slot);
}
