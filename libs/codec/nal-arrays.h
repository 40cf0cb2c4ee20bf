/*
 * Parameter sets in the arrays of an HEVC or VVC decoder configuration record: per type of NAL unit a
 * head, a count, and units with two-byte lengths (ISO/IEC 14496-15 clauses 8.3.3.1 and 11.2.4.2). In a
 * VVC record, OPI and DCI units come alone and have no count.
 *
 * Slices are borrowed from the input. Any thread.
 */
#pragma once

#include <bytes/writer.h>
#include <codec/nal.h>

typedef struct {
  const guint8 *data; /* borrowed: at the head of the first array */
  gsize size;
  guint n; /* arrays */
  gboolean is_vvc;
} MgNalArrays;

/* Reads the count of arrays and all of them. R has failed when they do not fit, or are beyond reason. */
MgNalArrays mg_nal_arrays_read(MgReader *r, gboolean is_vvc);

typedef struct {
  MgReader in;
  guint n_arrays, n_units; /* left */
  guint type;              /* of the array that the last unit was in */
  gboolean is_vvc;
} MgNalArrayIter;

/* Walks over all units of at least two bytes, array by array. */
MgNalArrayIter mg_nal_arrays_iter(const MgNalArrays *arrays);
gboolean mg_nal_arrays_next(MgNalArrayIter *it, MgNal *nal);

/* The first unit of an array of TYPE; FALSE when there is none. */
gboolean mg_nal_arrays_find(const MgNalArrays *arrays, guint type, MgNal *nal);

/* One array to write. */
typedef struct {
  guint8 type;
  gboolean is_complete; /* none of these are in the packets */
} MgNalArrayKind;

/*
 * Appends the arrays of these kinds, in their order, with their count in front; every unit once, and
 * no array without a unit.
 */
void mg_nal_arrays_write(const MgNalArrays *arrays, const MgNalArrayKind *kinds, guint n_kinds,
                         MgWriter *out);

/* Whether each unit of the kinds in A is in B. */
gboolean mg_nal_arrays_include(const MgNalArrays *a, const MgNalArrays *b,
                               const MgNalArrayKind *kinds, guint n_kinds);

/*
 * Appends arrays of the units of DATA that are of these kinds (see nal.h for LENGTH_SIZE), to be read
 * with mg_nal_arrays_read(). FALSE when one is longer than a length can say.
 */
gboolean mg_nal_arrays_gather(const guint8 *data, gsize size, guint length_size, gboolean is_vvc,
                              const MgNalArrayKind *kinds, guint n_kinds, MgWriter *out);

/* The type of a unit of at least two bytes: HEVC has it in the first, VVC in the second. */
static inline guint
mg_nal_type(const MgNal *nal, gboolean is_vvc)
{
  return is_vvc ? nal->data[1] >> 3 : nal->data[0] >> 1 & 63;
}
