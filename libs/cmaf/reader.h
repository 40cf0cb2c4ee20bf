/*
 * Reads init segments and chunks back: for recordings that a crash cut short, and for tests.
 *
 * It reads what this project writes and close relatives: one track fragment of one run per moof, its
 * mdat right behind. Bytes may come from anywhere; nothing is allocated, and what is returned borrows
 * from the input. A whole recording can be given as a memory mapping: payloads are never touched.
 * Any thread.
 */
#pragma once

#include <bytes/reader.h>
#include <cmaf/chunk.h>
#include <cmaf/init.h>

/* The defaults of a track's trex. */
typedef struct {
  guint32 duration;
  guint32 size;
  guint32 flags;
} MgCmafDefaults;

/* An init segment. A track of a codec that this library does not write has no config. */
typedef struct {
  gsize size; /* bytes, to the end of the moov */
  gboolean has_edit_list;
  guint n_tracks;
  MgCmafTrack tracks[MG_CMAF_MOST_TRACKS];
  MgCmafDefaults defaults[MG_CMAF_MOST_TRACKS];
} MgCmafInit;

/*
 * Reads everything up to the end of the first moov. Errors: INCOMPLETE when the bytes end before,
 * MALFORMED, UNSUPPORTED beyond MG_CMAF_MOST_TRACKS.
 */
gboolean mg_cmaf_init_read(const guint8 *data, gsize size, MgCmafInit *init, GError **error);

/* One chunk that was read. */
typedef struct {
  gsize begin; /* of its first box, often a styp, in the reader's bytes */
  gsize size;  /* to the end of the mdat */
  guint32 sequence;
  guint32 track_id;
  guint64 decode_time;
  guint64 duration; /* of all samples, in ticks */
  guint32 n_samples;
  MgReader payload; /* borrowed: the samples, at the start of the first */

  /* private: where mg_cmaf_sample_next() is */
  MgReader run;
  MgReader rest;
  MgCmafDefaults defaults;
  guint64 next_dts;
  guint32 n_left;
  guint32 trun_flags;
  guint32 first_flags;
} MgCmafChunkRead;

typedef enum {
  MG_CMAF_READ_CHUNK,
  MG_CMAF_READ_END,    /* nothing is left but, perhaps, boxes without media */
  MG_CMAF_READ_FAILED, /* error set */
} MgCmafReadResult;

/*
 * Reads the next chunk and moves R past its mdat; boxes that are neither moof nor mdat are skipped.
 * INIT (may be NULL) has the defaults for runs that lean on them. On END and FAILED, R stays. Errors:
 * INCOMPLETE when the bytes end within a box or before the mdat; MALFORMED; UNSUPPORTED.
 */
MgCmafReadResult mg_cmaf_chunk_read(MgReader *r, const MgCmafInit *init, MgCmafChunkRead *chunk,
                                    GError **error);

/*
 * The same for one track (its id from INIT, not 0) of a file whose moofs may have a fragment for each track:
 * those of others are skipped. R reads all of the file, from its first byte, for fragments may count from
 * there.
 */
MgCmafReadResult mg_cmaf_track_read(MgReader *r, const MgCmafInit *init, guint32 track_id,
                                    MgCmafChunkRead *chunk, GError **error);

/* One sample of a chunk, in decoding order. */
typedef struct {
  guint64 dts; /* ticks */
  gint64 pts;  /* ticks */
  guint32 duration;
  guint32 size;
  guint32 flags;
  const guint8 *data; /* borrowed */
} MgCmafSampleRead;

/*
 * The next sample of CHUNK, FALSE after the last; to walk a second time, copy the struct before. The
 * sizes have been checked against the payload by mg_cmaf_chunk_read().
 */
gboolean mg_cmaf_sample_next(MgCmafChunkRead *chunk, MgCmafSampleRead *sample);

/*
 * How many bytes of a recording are whole: its init segment and all chunks up to the first that is cut
 * short or broken. What is behind can be cut off: boxes without media at the end are not counted. 0 when not even the init segment is whole. LAST (may
 * be NULL) gets the last whole chunk when N_CHUNKS (may be NULL) is above 0.
 */
gsize mg_cmaf_whole_size(const guint8 *data, gsize size, MgCmafChunkRead *last, guint64 *n_chunks);
