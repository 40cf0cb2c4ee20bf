/*
 * The arithmetic coder of H.264 (clause 9.3.4), with the few contexts that a macroblock of raw samples needs.
 */
#pragma once

#include <bytes/bits.h>

enum { MG_VA_N_CONTEXTS = 33 };

typedef struct {
  MgBitWriter *out; /* borrowed */
  guint low, range, n_outstanding;
  gboolean is_first;
  guint8 state[MG_VA_N_CONTEXTS]; /* twice the probability's index, and the likelier bit */
} MgVaCabac;

/* Contexts as for a slice of this QP: an I slice, or a P or B slice whose cabac_init_idc is 0. */
void mg_va_cabac_init(MgVaCabac *cabac, MgBitWriter *out, gint qp);

/* Begins anew at a whole byte; the contexts stay. */
void mg_va_cabac_start(MgVaCabac *cabac);

/* One bit in context I: 3-5, 11-14, 17 or 24-32. */
void mg_va_cabac_put(MgVaCabac *cabac, guint i, guint bit);

/* One bit before whose 1 something ends; a 1 writes out all there is, with an ending 1. */
void mg_va_cabac_end(MgVaCabac *cabac, guint bit);
