#include "util/heap.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { STEP = 1 << 20, PAGE = 4096 };

static __thread gsize left; /* of the last step */

void
mg_heap_grow_ahead(gsize size)
{
  if (G_LIKELY(size <= left)) {
    left -= size;
    return;
  }
  left = STEP;
  guint8 *ahead = malloc(STEP);
  if (ahead == NULL)
    return;
  guint8 *first_page = (guint8 *) (((uintptr_t) ahead + PAGE - 1) & ~(uintptr_t) (PAGE - 1));
  madvise(first_page, STEP - PAGE, MADV_POPULATE_WRITE);
  free(ahead);
}
