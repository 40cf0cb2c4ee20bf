/*
 * GLib's locks on pthreads, for builds with the thread sanitizer only.
 *
 * GMutex and GCond are futexes inside libglib, which the sanitizer cannot see, and so is what is made once: every
 * lock would look like none. A program that links this file takes these functions instead of libglib's.
 */
#include <glib.h>

#pragma GCC visibility push(default)

#include <errno.h>
#include <pthread.h>
#include <time.h>

static gpointer
install(gpointer *slot, gpointer fresh, void (*destroy)(gpointer unused))
{
  gpointer found = NULL;
  if (__atomic_compare_exchange_n(slot, &found, fresh, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
    return fresh;
  destroy(fresh);
  return found;
}

static void
destroy_mutex(gpointer mutex)
{
  pthread_mutex_destroy(mutex);
  g_free(mutex);
}

static void
destroy_cond(gpointer cond)
{
  pthread_cond_destroy(cond);
  g_free(cond);
}

static pthread_mutex_t *
mutex_of(GMutex *mutex)
{
  pthread_mutex_t *mine = __atomic_load_n(&mutex->p, __ATOMIC_ACQUIRE);
  if (mine != NULL)
    return mine;
  mine = g_new(pthread_mutex_t, 1);
  pthread_mutex_init(mine, NULL);
  return install(&mutex->p, mine, destroy_mutex);
}

static pthread_cond_t *
cond_of(GCond *cond)
{
  pthread_cond_t *mine = __atomic_load_n(&cond->p, __ATOMIC_ACQUIRE);
  if (mine != NULL)
    return mine;
  pthread_condattr_t attributes;
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  mine = g_new(pthread_cond_t, 1);
  pthread_cond_init(mine, &attributes);
  pthread_condattr_destroy(&attributes);
  return install(&cond->p, mine, destroy_cond);
}

void
g_mutex_init(GMutex *mutex)
{
  mutex->p = NULL;
}

void
g_mutex_clear(GMutex *mutex)
{
  if (mutex->p != NULL)
    destroy_mutex(mutex->p);
  mutex->p = NULL;
}

void
g_mutex_lock(GMutex *mutex)
{
  pthread_mutex_lock(mutex_of(mutex));
}

gboolean
g_mutex_trylock(GMutex *mutex)
{
  return pthread_mutex_trylock(mutex_of(mutex)) == 0;
}

void
g_mutex_unlock(GMutex *mutex)
{
  pthread_mutex_unlock(mutex_of(mutex));
}

void
g_cond_init(GCond *cond)
{
  cond->p = NULL;
}

void
g_cond_clear(GCond *cond)
{
  if (cond->p != NULL)
    destroy_cond(cond->p);
  cond->p = NULL;
}

void
g_cond_wait(GCond *cond, GMutex *mutex)
{
  pthread_cond_wait(cond_of(cond), mutex_of(mutex));
}

gboolean
g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end_time)
{
  struct timespec end = { end_time / G_USEC_PER_SEC, end_time % G_USEC_PER_SEC * 1000 };
  return pthread_cond_timedwait(cond_of(cond), mutex_of(mutex), &end) != ETIMEDOUT;
}

void
g_cond_signal(GCond *cond)
{
  pthread_cond_signal(cond_of(cond));
}

void
g_cond_broadcast(GCond *cond)
{
  pthread_cond_broadcast(cond_of(cond));
}

/* What is made once is made under one lock. */

static pthread_mutex_t making = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

gboolean(g_once_init_enter)(volatile void *location)
{
  if (__atomic_load_n((volatile gsize *) location, __ATOMIC_ACQUIRE) != 0)
    return FALSE;
  pthread_mutex_lock(&making);
  if (*(volatile gsize *) location == 0)
    return TRUE;
  pthread_mutex_unlock(&making);
  return FALSE;
}

void(g_once_init_leave)(volatile void *location, gsize result)
{
  __atomic_store_n((volatile gsize *) location, result, __ATOMIC_RELEASE);
  pthread_mutex_unlock(&making);
}
