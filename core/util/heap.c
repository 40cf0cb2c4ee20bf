#include "util/heap.h"

#include <malloc.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

/* The sanitizers find what is used after it was freed, unless it is used again. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define __SANITIZE_ADDRESS__ 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
enum { RECYCLES = FALSE };
#else
enum { RECYCLES = TRUE };
#endif

enum {
  STEP = 1 << 19, /* what the heap grows by */
  PAGE = 4096,
  QUANTUM = 64,       /* of recycled sizes: costs 32 bytes in a packet, on average */
  WORD = 8,           /* malloc's own, which is part of the quantum */
  MOST = 32 << 10,    /* larger ones are rare */
  CLASS_BYTES = MOST, /* of each size so much is kept */
  CLASSES = MOST / QUANTUM + 1,
  /* All sizes together, or a thread that once had streams of all kinds would keep four times as much. */
  THREAD_BYTES = 4 << 20,
};

typedef struct Free Free;
struct Free {
  Free *next;
};

typedef struct {
  Free *first;
  guint n;
} Class;

/* What a thread has. */
typedef struct {
  gsize left; /* of the last step */
  gsize kept; /* bytes of all classes */
  Class classes[CLASSES];
} Heap;

static __thread Heap *heap_here;

/* As the thread ends. */
static void
heap_free(gpointer data)
{
  Heap *heap = data;
  heap_here = NULL;
  for (guint i = 0; i < CLASSES; i++)
    for (Free *block = heap->classes[i].first, *next; block != NULL; block = next) {
      next = block->next;
      g_free(block);
    }
  g_free(heap);
}

static GPrivate heap_key = G_PRIVATE_INIT(heap_free);

/* NULL: there is no memory; the thread does without for now. */
static Heap *
heap_get(void)
{
  if (G_LIKELY(heap_here != NULL))
    return heap_here;
  heap_here = g_try_new0(Heap, 1);
  if (heap_here != NULL)
    g_private_set(&heap_key, heap_here);
  return heap_here;
}

static gboolean
is_recycled(gsize size)
{
  return RECYCLES && size < MOST - WORD;
}

/* Which class a block of SIZE bytes is of, and how large all of that class are. */
static gsize
class_of(gsize size)
{
  return (size + WORD + QUANTUM - 1) / QUANTUM;
}

static gsize
room_for(gsize size)
{
  return is_recycled(size) ? class_of(size) * QUANTUM - WORD : size;
}

/* Asks the kernel for the next step at once, pages included: it lies ready on this thread's heap. */
static void
grow_ahead(Heap *heap, gsize size)
{
  if (G_LIKELY(size <= heap->left)) {
    heap->left -= size;
    return;
  }
  heap->left = STEP;
  guint8 *ahead = malloc(STEP);
  if (ahead == NULL)
    return;
  guint8 *first_page = (guint8 *) (((uintptr_t) ahead + PAGE - 1) & ~(uintptr_t) (PAGE - 1));
  madvise(first_page, STEP - PAGE, MADV_POPULATE_WRITE);
  free(ahead);
}

/* What was kept, or NULL; then the heap has room. */
static gpointer
take_kept(gsize size)
{
  Heap *heap = heap_get();
  if (G_UNLIKELY(heap == NULL))
    return NULL;
  Class *class = is_recycled(size) ? &heap->classes[class_of(size)] : NULL;
  if (class == NULL || class->first == NULL) {
    grow_ahead(heap, size);
    return NULL;
  }
  Free *block = class->first;
  class->first = block->next;
  class->n--;
  heap->kept -= room_for(size);
  return block;
}

gpointer
mg_heap_alloc(gsize size)
{
  gpointer block = take_kept(size);
  return block != NULL ? block : g_try_malloc(room_for(size));
}

gpointer
mg_heap_alloc_small(gsize size)
{
  gpointer block = take_kept(size);
  return block != NULL ? block : g_malloc(room_for(size));
}

static gboolean
has_room(const Heap *heap, const Class *class, gsize room)
{
  return (class->n + 1) * room <= CLASS_BYTES && heap->kept + room <= THREAD_BYTES;
}

/* A thread that makes none, as one that records, would keep for ever what it frees. */
void
mg_heap_free(gpointer block, gsize size)
{
  Heap *heap = is_recycled(size) ? heap_here : NULL;
  Class *class = heap != NULL ? &heap->classes[class_of(size)] : NULL;
  if (heap == NULL || !has_room(heap, class, room_for(size))) {
    g_free(block);
    return;
  }
  Free *freed = block;
  freed->next = class->first;
  class->first = freed;
  class->n++;
  heap->kept += room_for(size);
}

/* --- giving back ---------------------------------------------------------------------------------- */

/* The process' own pages, less what is in use. That malloc calls it free does not say that it costs memory. */
static gsize
idle_bytes(void)
{
  g_autofree char *text = NULL;
  gsize size = 0, resident = 0, shared = 0;
  if (g_file_get_contents("/proc/self/statm", &text, NULL, NULL))
    sscanf(text, "%zu %zu %zu", &size, &resident, &shared);
  struct mallinfo2 info = mallinfo2();
  gsize own = (resident - shared) * PAGE, used = info.uordblks + info.hblkhd;
  return own > used ? own - used : 0;
}

gboolean
mg_heap_tidy(void)
{
  enum { WORTH = 4 << 20 };
  static gsize rest; /* what could not be given back */
  gsize idle = idle_bytes();
  rest = MIN(rest, idle);
  if (idle - rest < WORTH)
    return FALSE;
  malloc_trim(0);
  rest = idle_bytes();
  return TRUE;
}
