/*
 * CMAF chunks: [styp] [prft] moof mdat, with one track fragment of one run (ISO/IEC 23000-19 clause 7.3.3).
 *
 * Only the bytes in front of the payload are written here; the caller puts the samples' payloads
 * behind them, in order, or gathers both at the socket. To write into a block of exactly the right
 * size, plan first:
 *
 *   MgCmafPlan plan;
 *   if (!mg_cmaf_chunk_plan(&chunk, &plan, error))
 *     return FALSE;
 *   guint8 *block = g_malloc(plan.places.header_size);
 *   mg_cmaf_chunk_write(&chunk, &plan, block);
 *
 * Values that all samples share stand once, in the track fragment's header; nothing relies on the
 * defaults of the init segment. Composition offsets are signed. On the hot path: plan passes once over
 * the samples, write once more, and neither allocates. Any thread.
 */
#pragma once

#include <glib.h>

/* Sample flags (ISO/IEC 14496-12 clause 8.8.3.1). */
enum {
  MG_CMAF_SYNC = 0x02000000,       /* needs no other sample: an IDR picture, any audio frame */
  MG_CMAF_DEPENDS = 0x01010000,    /* needs others, others may need it */
  MG_CMAF_DISPOSABLE = 0x01810000, /* needs others, none needs it */
};

typedef struct {
  guint32 size;      /* bytes */
  guint32 duration;  /* ticks of the track's timescale */
  gint32 cts_offset; /* ticks: presentation time minus decode time */
  guint32 flags;     /* MG_CMAF_SYNC … */
} MgCmafSample;

/* What begins with the chunk; says which brands its styp names (ISO/IEC 23000-19 clause 7.2). */
typedef enum {
  MG_CMAF_STYP_NONE, /* no styp: the chunk goes on with a fragment */
  MG_CMAF_STYP_CHUNK,
  MG_CMAF_STYP_FRAGMENT,
  MG_CMAF_STYP_SEGMENT,
} MgCmafStyp;

/* One chunk to write. All borrowed. */
typedef struct {
  MgCmafStyp styp;
  gboolean is_last;    /* of the presentation: adds the brand lmsg to the styp */
  guint32 sequence;    /* of the moof, growing */
  guint32 track_id;    /* as in the init segment */
  guint64 decode_time; /* of the first sample, in ticks */
  gint64 utc_us;       /* when that was captured, since 1970: a prft says so. 0: there is none */
  const MgCmafSample *samples;
  guint32 n_samples;    /* at least 1 */
  gboolean has_offsets; /* write composition offsets even if all are 0: they may be shifted later */
} MgCmafChunk;

/*
 * Where things lie in a chunk's header, counted from the chunk's first byte. A recorder that writes
 * several tracks into one file copies the header alone, patches the copy (mg_cmaf_chunk_renumber) and
 * writes it in front of the shared payload.
 */
typedef struct {
  gsize moof_at;        /* behind styp and prft: a recording may begin here */
  gsize sequence_at;    /* 32 bits, in mfhd */
  gsize track_id_at;    /* 32 bits, in tfhd */
  gsize decode_time_at; /* 64 bits, in tfdt */
  gsize offset_at;      /* composition offset of the first sample, 32 bits; 0: there is none */
  gsize offset_stride;  /* bytes from one to the next */
  gsize n_samples;
  gsize header_size; /* the payload begins here */
} MgCmafPlaces;

/* The layout of one chunk. */
typedef struct {
  MgCmafPlaces places;
  guint32 payload_size;
  guint64 duration; /* of all samples, in ticks */
  guint32 tfhd_flags;
  guint32 trun_flags;
} MgCmafPlan;

/*
 * Works out the layout. Error: MG_CMAF_ERROR_TOO_LARGE when header or payload do not fit 32 bits.
 */
gboolean mg_cmaf_chunk_plan(const MgCmafChunk *chunk, MgCmafPlan *plan, GError **error);

/* Writes plan->places.header_size bytes to OUT. PLAN must come from the same CHUNK. */
void mg_cmaf_chunk_write(const MgCmafChunk *chunk, const MgCmafPlan *plan, guint8 *out);

/*
 * Finds the places in a chunk that mg_cmaf_chunk_write() made, given at least its header. Errors:
 * MG_CMAF_ERROR_INCOMPLETE, _MALFORMED, or _UNSUPPORTED for a chunk of another make, as with a 32-bit
 * decode time.
 */
gboolean mg_cmaf_chunk_find(const guint8 *data, gsize size, MgCmafPlaces *places, GError **error);

/* Gives a private copy of a header, at least places->header_size bytes, other numbers. */
void mg_cmaf_chunk_renumber(guint8 *header, const MgCmafPlaces *places, guint32 sequence,
                            guint32 track_id, guint64 decode_time);

/*
 * Adds BY ticks to every composition offset of a private copy of a header. With a decode time that much
 * earlier, a chunk of signed offsets becomes one of unsigned offsets, with the same presentation
 * times: what players of files expect, some of which move a track whose offsets are negative. Does
 * nothing where the chunk has no offsets.
 */
void mg_cmaf_chunk_shift(guint8 *header, const MgCmafPlaces *places, gint32 by);
