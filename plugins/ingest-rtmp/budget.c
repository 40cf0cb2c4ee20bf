#include "budget.h"

#include <mediagraph/log.h>

/* A gauge that is set would be left wrong by two threads that set it in turns. */
static void
show(Budget *b, gssize change)
{
  if (b->gauge != NULL)
    mg_counter_add(b->gauge, (guint64) change);
}

gboolean
budget_take(Budget *b, gsize size)
{
  gsize used = __atomic_load_n(&b->used, __ATOMIC_RELAXED);
  do
    if (used > b->most || size > b->most - used)
      return FALSE;
  while (!__atomic_compare_exchange_n(&b->used, &used, used + size, TRUE, __ATOMIC_RELAXED,
                                      __ATOMIC_RELAXED));
  show(b, (gssize) size);
  return TRUE;
}

void
budget_owe(Budget *b, gsize size)
{
  __atomic_add_fetch(&b->used, size, __ATOMIC_RELAXED);
  show(b, (gssize) size);
}

gboolean
budget_is_short(const Budget *b)
{
  return __atomic_load_n(&b->used, __ATOMIC_RELAXED) > b->most - b->most / 4;
}

void
budget_give(Budget *b, gsize size)
{
  __atomic_sub_fetch(&b->used, size, __ATOMIC_RELAXED);
  show(b, -(gssize) size);
}

gboolean
budget_set(Budget *b, gsize *charged, gsize to)
{
  if (to > *charged && !budget_take(b, to - *charged))
    return FALSE;
  if (to < *charged)
    budget_give(b, *charged - to);
  *charged = to;
  return TRUE;
}

/* --- bytes that are passed around -------------------------------------------------------------- */

typedef struct {
  Budget *budget;
  MgData *data; /* a reference */
  gsize size;
} Loan;

static void
end_loan(gpointer owner)
{
  Loan *loan = owner;
  budget_give(loan->budget, loan->size);
  mg_data_unref(loan->data);
  g_free(loan);
}

MgData *
budget_wrap(Budget *b, MgData *data, gsize offset, gsize size)
{
  Loan *loan = g_new(Loan, 1);
  *loan = (Loan){ b, mg_data_ref(data), size };
  budget_owe(b, size);
  return mg_data_new_wrap(data->bytes + offset, size, end_loan, loan);
}

char *
budget_complain(Budget *b, MgNode *node, const char *peer)
{
  char *why =
      g_strdup_printf("it asks for more memory, and what all connections may have is used up "
                      "(max-memory, %" G_GSIZE_FORMAT " KiB)",
                      b->most >> 10);
  mg_counter_add(b->starved, 1);
  mg_warning(node, "%s is closed: %s", peer, why);
  return why;
}
