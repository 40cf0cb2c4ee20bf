/*
 * NAL units, as H.264 (and its successors) carry them in access units.
 *
 * An access unit comes in one of two forms, told apart by a length size: 1, 2 or 4 bytes of length
 * before each unit (ISO/IEC 14496-15), or MG_NAL_ANNEX_B, start codes between them (H.264 annex B).
 * Downstream of the ingest everything has four-byte lengths; mg_nal_to_length4() gets it there, and
 * copies nothing when it is there already.
 *
 * All slices are borrowed from the input. Any thread, one at a time per iterator.
 */
#pragma once

#include <bytes/reader.h>

/* One NAL unit with its header byte, emulation prevention still in it. */
typedef struct {
  const guint8 *data; /* borrowed */
  gsize size;
} MgNal;

enum { MG_NAL_ANNEX_B = 0 };

typedef struct {
  MgReader in;
  guint length_size;
} MgNalIter;

/*
 * Walks over the units of DATA in order:
 *
 *   MgNal nal;
 *   MgNalIter it = mg_nal_iter(data, size, 4);
 *   while (mg_nal_next(&it, &nal))
 *     …
 *   if (mg_nal_iter_failed(&it))
 *     a length ran past the end, or Annex B did not begin with a start code
 *
 * Units of no bytes are skipped. LENGTH_SIZE is 0, 1, 2 or 4.
 */
MgNalIter mg_nal_iter(const guint8 *data, gsize size, guint length_size);
gboolean mg_nal_next(MgNalIter *it, MgNal *nal);

static inline gboolean
mg_nal_iter_failed(const MgNalIter *it)
{
  return mg_reader_failed(&it->in);
}

/*
 * Writes the unit without its emulation prevention bytes (H.264 clause 7.4.1) to OUT, at most ROOM
 * bytes of it, and returns how many.
 */
gsize mg_nal_unescape(const MgNal *nal, guint8 *out, gsize room);

/*
 * The form DATA really has. Some encoders announce lengths and send start codes: lengths that do not
 * add up, behind a start code, are Annex B. Returns LENGTH_SIZE or MG_NAL_ANNEX_B.
 */
guint mg_nal_detect(const guint8 *data, gsize size, guint length_size);

/* Whether a unit belongs into the rewritten access unit. */
typedef gboolean (*MgNalKeep)(const MgNal *nal);

typedef enum {
  MG_NAL_AS_IS,     /* four-byte lengths already: go on using the input */
  MG_NAL_REWRITTEN, /* use the output */
  MG_NAL_REFUSED,   /* error set */
} MgNalResult;

/*
 * Brings an access unit to four-byte lengths. LENGTH_SIZE is what the configuration announced; see
 * mg_nal_detect(). Units of no bytes go, and those KEEP (may be NULL) returns FALSE for; all others
 * stay, delimiters included.
 *
 * REWRITTEN: *OUT is returned-owned, for g_free(), and *OUT_SIZE its size. Otherwise both are left
 * alone. Errors: MALFORMED; MISSING when no unit is left; NO_MEMORY.
 */
MgNalResult mg_nal_to_length4(const guint8 *data, gsize size, guint length_size, MgNalKeep keep,
                              guint8 **out, gsize *out_size, GError **error);
