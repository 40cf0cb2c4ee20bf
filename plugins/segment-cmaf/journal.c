#include "journal.h"

#include <mediagraph/types.h>

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* In the host's byte order: a journal does not travel. */
typedef struct {
  guint32 magic;
  guint32 checksum; /* of all behind it */
  guint64 number;
  JournalRecord record;
} Slot;

enum { MAGIC = 0x6d676a31, FILE_SIZE = 4096, SECOND_SLOT = 2048 };

struct Journal {
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

/* Blocks are reserved here, so that a full disk is an error now and not a SIGBUS later. */
static guint8 *
map_file(const char *path, GError **error)
{
  int fd = g_open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  int failure = fd < 0 ? errno : posix_fallocate(fd, 0, FILE_SIZE);
  guint8 *map = MAP_FAILED;
  if (failure == 0)
    map = mmap(NULL, FILE_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (failure == 0 && map == MAP_FAILED)
    failure = errno;
  if (fd >= 0)
    close(fd);
  if (failure == 0)
    return map;
  g_set_error(error, MG_ERROR, MG_ERROR_FAILED, "cannot keep the journal %s: %s", path,
              g_strerror(failure));
  return NULL;
}

Journal *
journal_open(const char *dir, const char *name, GError **error)
{
  g_autofree char *path = g_build_filename(dir, name, NULL);
  g_mkdir_with_parents(dir, 0755);
  guint8 *map = map_file(path, error);
  if (map == NULL)
    return NULL;
  Journal *journal = g_new0(Journal, 1);
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
