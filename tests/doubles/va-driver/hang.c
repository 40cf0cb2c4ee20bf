/* The one place where hung calls wait, for all displays of the process. */
#include "va-driver/hang.h"

static GMutex lock;
static GCond resumed;
static guint n_hung;
static guint64 n_rounds;

void
mg_va_hang(void)
{
  g_mutex_lock(&lock);
  guint64 mine = n_rounds;
  n_hung++;
  while (mine == n_rounds)
    g_cond_wait(&resumed, &lock);
  g_mutex_unlock(&lock);
}

guint
mg_va_resume(void)
{
  g_mutex_lock(&lock);
  guint n = n_hung;
  n_hung = 0;
  n_rounds++;
  g_cond_broadcast(&resumed);
  g_mutex_unlock(&lock);
  return n;
}
