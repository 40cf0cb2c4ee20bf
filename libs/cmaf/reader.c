#include "cmaf/reader.h"

#include "cmaf/box.h"
#include "cmaf/entry.h"
#include "cmaf/run-flags.h"

#include <string.h>

static gboolean
fail(GError **error, MgCmafError code, const char *what)
{
  g_set_error_literal(error, MG_CMAF_ERROR, code, what);
  return FALSE;
}

/* Why mg_box_next() failed on what R still had. */
static gboolean
fail_at_box(const MgReader *r, GError **error)
{
  MgReader header = *r;
  guint64 size = mg_reader_be32(&header);
  mg_reader_skip(&header, 4);
  if (size == 1)
    size = mg_reader_be64(&header);
  if (!mg_reader_failed(&header) && size != 0 && size < header.pos - r->pos)
    return fail(error, MG_CMAF_ERROR_MALFORMED, "a box is smaller than its header");
  return fail(error, MG_CMAF_ERROR_INCOMPLETE, "the bytes end within a box");
}

/* tkhd and mdhd have times in front, of 32 bits or of 64. */
static void
skip_times(MgReader *body)
{
  guint8 version;
  guint32 flags;
  mg_full_box_read(body, &version, &flags);
  mg_reader_skip(body, version == 1 ? 16 : 8);
}

static void
read_language(const MgReader *mdia, guint packed, MgCmafTrack *track)
{
  MgBox elng;
  gsize n = 0;
  const guint8 *tag = NULL;
  if (mg_box_find(mdia, "elng", &elng)) {
    mg_reader_skip(&elng.body, 4);
    n = MIN(mg_reader_left(&elng.body), MG_CMAF_LANGUAGE_ROOM - 1);
    tag = mg_reader_take(&elng.body, n);
  }
  if (n > 0 && tag != NULL) {
    memcpy(track->language, tag, n);
    return;
  }
  for (guint i = 0; i < 3; i++)
    track->language[i] = (char) (0x60 + (packed >> (10 - 5 * i) & 31));
  if (g_str_equal(track->language, "und"))
    track->language[0] = '\0';
}

static gboolean
read_mdhd(const MgReader *mdia, MgCmafTrack *track)
{
  MgBox mdhd;
  if (!mg_box_find(mdia, "mdhd", &mdhd))
    return FALSE;
  guint8 version = 0;
  const guint8 *first = mg_reader_peek(&mdhd.body, 1);
  if (first != NULL)
    version = first[0];
  skip_times(&mdhd.body);
  track->timescale = mg_reader_be32(&mdhd.body);
  mg_reader_skip(&mdhd.body, version == 1 ? 8 : 4);
  read_language(mdia, mg_reader_be16(&mdhd.body), track);
  return !mg_reader_failed(&mdhd.body) && track->timescale != 0;
}

static gboolean
read_sample_entry(const MgReader *mdia, MgCmafTrack *track)
{
  MgBox stsd, box;
  if (!mg_box_find_path(mdia, "minf/stbl/stsd", &stsd))
    return FALSE;
  mg_reader_skip(&stsd.body, 8);
  if (!mg_box_next(&stsd.body, &box))
    return FALSE;
  track->codec = box.type;
  const MgCmafEntry *entry = mg_cmaf_entry_find(box.type);
  return entry == NULL || entry->read(&box.body, track);
}

static gboolean
read_trak(const MgReader *trak, MgCmafTrack *track)
{
  MgBox tkhd, mdia;
  if (!mg_box_find(trak, "tkhd", &tkhd) || !mg_box_find(trak, "mdia", &mdia))
    return FALSE;
  skip_times(&tkhd.body);
  track->track_id = mg_reader_be32(&tkhd.body);
  return track->track_id != 0 && read_mdhd(&mdia.body, track) &&
         read_sample_entry(&mdia.body, track);
}

static void
read_trex(MgReader *body, MgCmafInit *init)
{
  mg_reader_skip(body, 4);
  guint32 track_id = mg_reader_be32(body);
  mg_reader_skip(body, 4);
  MgCmafDefaults defaults = { .duration = mg_reader_be32(body) };
  defaults.size = mg_reader_be32(body);
  defaults.flags = mg_reader_be32(body);
  for (guint i = 0; i < init->n_tracks && !mg_reader_failed(body); i++)
    if (init->tracks[i].track_id == track_id)
      init->defaults[i] = defaults;
}

static gboolean
read_moov(const MgReader *moov, MgCmafInit *init, GError **error)
{
  MgBox box, elst;
  for (MgReader r = *moov; mg_box_next(&r, &box);) {
    if (!mg_box_is(&box, "trak"))
      continue;
    if (init->n_tracks == MG_CMAF_MOST_TRACKS)
      return fail(error, MG_CMAF_ERROR_UNSUPPORTED, "too many tracks");
    if (!read_trak(&box.body, &init->tracks[init->n_tracks++]))
      return fail(error, MG_CMAF_ERROR_MALFORMED, "a track of the moov cannot be read");
    init->has_edit_list |= mg_box_find_path(&box.body, "edts/elst", &elst);
  }
  if (init->n_tracks == 0)
    return fail(error, MG_CMAF_ERROR_MALFORMED, "the moov has no track");
  MgBox mvex;
  if (mg_box_find(moov, "mvex", &mvex))
    while (mg_box_next(&mvex.body, &box))
      if (mg_box_is(&box, "trex"))
        read_trex(&box.body, init);
  return TRUE;
}

gboolean
mg_cmaf_init_read(const guint8 *data, gsize size, MgCmafInit *init, GError **error)
{
  *init = (MgCmafInit){ 0 };
  MgReader r = MG_READER(data, size), before = r;
  MgBox box;
  while (mg_box_next(&r, &box)) {
    before = r;
    init->size = r.pos;
    if (mg_box_is(&box, "moov"))
      return read_moov(&box.body, init, error);
  }
  if (mg_reader_failed(&r))
    return fail_at_box(&before, error);
  return fail(error, MG_CMAF_ERROR_INCOMPLETE, "there is no moov");
}

/* BASE: where the moof begins; data offsets count from there, and the box may say so, too. */
static gboolean
read_tfhd(MgReader *body, const MgCmafInit *init, MgCmafChunkRead *chunk, gsize base,
          GError **error)
{
  guint8 version;
  guint32 flags;
  mg_full_box_read(body, &version, &flags);
  chunk->track_id = mg_reader_be32(body);
  for (guint i = 0; init != NULL && i < init->n_tracks; i++)
    if (init->tracks[i].track_id == chunk->track_id)
      chunk->defaults = init->defaults[i];
  if (flags & TFHD_BASE_OFFSET && mg_reader_be64(body) != base)
    return fail(error, MG_CMAF_ERROR_UNSUPPORTED, "a fragment does not count from its beginning");
  if (flags & TFHD_DESCRIPTION_INDEX)
    mg_reader_skip(body, 4);
  if (flags & TFHD_DURATION)
    chunk->defaults.duration = mg_reader_be32(body);
  if (flags & TFHD_SIZE)
    chunk->defaults.size = mg_reader_be32(body);
  if (flags & TFHD_FLAGS)
    chunk->defaults.flags = mg_reader_be32(body);
  if (mg_reader_failed(body))
    return fail(error, MG_CMAF_ERROR_MALFORMED, "a tfhd ends too early");
  return TRUE;
}

/* Leaves the run's entries in chunk->run. */
static gboolean
read_trun(MgReader *body, MgCmafChunkRead *chunk, guint32 *data_offset, GError **error)
{
  guint8 version; /* offsets of version 0 are unsigned, but lawful ones fit the signed type too */
  mg_full_box_read(body, &version, &chunk->trun_flags);
  chunk->n_samples = mg_reader_be32(body);
  if (!(chunk->trun_flags & TRUN_DATA_OFFSET))
    return fail(error, MG_CMAF_ERROR_UNSUPPORTED, "a run without data offset");
  *data_offset = mg_reader_be32(body);
  if (chunk->trun_flags & TRUN_FIRST_FLAGS)
    chunk->first_flags = mg_reader_be32(body);
  guint fields = (guint) __builtin_popcount(chunk->trun_flags & TRUN_FIELDS);
  if (mg_reader_failed(body) || (guint64) chunk->n_samples * 4 * fields > mg_reader_left(body))
    return fail(error, MG_CMAF_ERROR_MALFORMED, "a trun ends too early");
  chunk->run = mg_reader_sub(body, mg_reader_left(body));
  return TRUE;
}

/* The box of TYPE in PARENT; an error when there is none, or a second one. */
static gboolean
find_only(const MgReader *parent, const char *type, MgBox *found, GError **error)
{
  MgBox box;
  guint n = 0;
  for (MgReader r = *parent; mg_box_next(&r, &box);) {
    if (mg_box_is(&box, type)) {
      *found = box;
      n++;
    }
  }
  if (n == 1)
    return TRUE;
  g_set_error(error, MG_CMAF_ERROR, n == 0 ? MG_CMAF_ERROR_MALFORMED : MG_CMAF_ERROR_UNSUPPORTED,
              "a fragment has %u boxes %s instead of one", n, type);
  return FALSE;
}

static gboolean
is_of_track(const MgBox *traf, guint32 track_id)
{
  MgBox tfhd;
  if (!mg_box_find(&traf->body, "tfhd", &tfhd))
    return FALSE;
  mg_reader_skip(&tfhd.body, 4);
  return mg_reader_be32(&tfhd.body) == track_id;
}

/* The fragment of that track in MOOF, FALSE when there is none. */
static gboolean
find_fragment(const MgBox *moof, guint32 track_id, MgBox *traf)
{
  for (MgReader r = moof->body; mg_box_next(&r, traf);)
    if (mg_box_is(traf, "traf") && is_of_track(traf, track_id))
      return TRUE;
  return FALSE;
}

/* TRAF: which of MOOF's is read. DATA_OFFSET counts from the moof's first byte. */
static gboolean
read_moof(const MgBox *moof, const MgBox *traf, const MgCmafInit *init, MgCmafChunkRead *chunk,
          guint32 *data_offset, GError **error)
{
  MgBox mfhd, tfhd, tfdt, trun;
  if (!find_only(&moof->body, "mfhd", &mfhd, error) ||
      !find_only(&traf->body, "tfhd", &tfhd, error) ||
      !find_only(&traf->body, "tfdt", &tfdt, error) ||
      !find_only(&traf->body, "trun", &trun, error))
    return FALSE;
  guint8 version;
  guint32 flags;
  mg_full_box_read(&mfhd.body, &version, &flags);
  chunk->sequence = mg_reader_be32(&mfhd.body);
  mg_full_box_read(&tfdt.body, &version, &flags);
  chunk->decode_time = version == 1 ? mg_reader_be64(&tfdt.body) : mg_reader_be32(&tfdt.body);
  if (mg_reader_failed(&mfhd.body) || mg_reader_failed(&tfdt.body))
    return fail(error, MG_CMAF_ERROR_MALFORMED, "a moof's numbers are cut short");
  return read_tfhd(&tfhd.body, init, chunk, moof->begin, error) &&
         read_trun(&trun.body, chunk, data_offset, error);
}

static guint32
field(MgCmafChunkRead *chunk, guint32 flag, guint32 otherwise)
{
  return chunk->trun_flags & flag ? mg_reader_be32(&chunk->run) : otherwise;
}

gboolean
mg_cmaf_sample_next(MgCmafChunkRead *chunk, MgCmafSampleRead *sample)
{
  if (chunk->n_left == 0)
    return FALSE;
  gboolean is_first = chunk->n_left-- == chunk->n_samples;
  guint32 flags =
      is_first && chunk->trun_flags & TRUN_FIRST_FLAGS ? chunk->first_flags : chunk->defaults.flags;
  sample->dts = chunk->next_dts;
  sample->duration = field(chunk, TRUN_DURATION, chunk->defaults.duration);
  sample->size = field(chunk, TRUN_SIZE, chunk->defaults.size);
  sample->flags = field(chunk, TRUN_FLAGS, flags);
  gint64 offset = (gint32) field(chunk, TRUN_OFFSET, 0);
  sample->pts = (gint64) (sample->dts + (guint64) offset);
  sample->data = mg_reader_take(&chunk->rest, sample->size);
  chunk->next_dts += sample->duration;
  return sample->data != NULL;
}

/* Walks once, for the sum of durations and to see that the sizes fit. */
static gboolean
check_samples(MgCmafChunkRead *chunk, GError **error)
{
  if (chunk->n_samples > chunk->payload.size)
    return fail(error, MG_CMAF_ERROR_MALFORMED, "a run has more samples than bytes");
  chunk->rest = chunk->payload;
  chunk->next_dts = chunk->decode_time;
  chunk->n_left = chunk->n_samples;
  MgCmafChunkRead walk = *chunk;
  MgCmafSampleRead sample;
  while (mg_cmaf_sample_next(&walk, &sample))
    chunk->duration += sample.duration;
  if (mg_reader_failed(&walk.rest))
    return fail(error, MG_CMAF_ERROR_MALFORMED, "the samples do not fit into their mdat");
  return TRUE;
}

/* The mdat right behind MOOF; the payload begins DATA_OFFSET behind the moof's first byte. */
static gboolean
read_mdat(MgReader *r, const MgBox *moof, guint32 data_offset, MgCmafChunkRead *chunk,
          GError **error)
{
  MgReader before = *r;
  MgBox mdat;
  if (!mg_box_next(r, &mdat))
    return mg_reader_failed(r) ? fail_at_box(&before, error)
                               : fail(error, MG_CMAF_ERROR_INCOMPLETE, "a moof without its mdat");
  gsize body_at = mdat.begin + mdat.header_size - moof->begin;
  if (!mg_box_is(&mdat, "mdat") || data_offset < body_at)
    return fail(error, MG_CMAF_ERROR_UNSUPPORTED, "the samples are not in the box behind the moof");
  mg_reader_skip(&mdat.body, data_offset - body_at);
  if (mg_reader_failed(&mdat.body))
    return fail(error, MG_CMAF_ERROR_MALFORMED, "a data offset points past its mdat");
  chunk->payload = mg_reader_sub(&mdat.body, mg_reader_left(&mdat.body));
  return TRUE;
}

static gboolean
read_fragment(MgReader *r, const MgBox *moof, const MgBox *traf, const MgCmafInit *init,
              MgCmafChunkRead *chunk, GError **error)
{
  guint32 data_offset;
  return read_moof(moof, traf, init, chunk, &data_offset, error) &&
         read_mdat(r, moof, data_offset, chunk, error) && check_samples(chunk, error);
}

/* TRACK_ID 0: of the only track that a moof has. */
static MgCmafReadResult
read_next(MgReader *r, const MgCmafInit *init, guint32 track_id, MgCmafChunkRead *chunk,
          GError **error)
{
  MgReader at = *r, before = at;
  MgBox box, traf;
  *chunk = (MgCmafChunkRead){ .begin = r->pos };
  while (mg_box_next(&at, &box)) {
    before = at;
    if (!mg_box_is(&box, "moof") || (track_id != 0 && !find_fragment(&box, track_id, &traf)))
      continue;
    if ((track_id == 0 && !find_only(&box.body, "traf", &traf, error)) ||
        !read_fragment(&at, &box, &traf, init, chunk, error))
      return MG_CMAF_READ_FAILED;
    chunk->size = at.pos - chunk->begin;
    *r = at;
    return MG_CMAF_READ_CHUNK;
  }
  if (!mg_reader_failed(&at))
    return MG_CMAF_READ_END;
  fail_at_box(&before, error);
  return MG_CMAF_READ_FAILED;
}

MgCmafReadResult
mg_cmaf_chunk_read(MgReader *r, const MgCmafInit *init, MgCmafChunkRead *chunk, GError **error)
{
  return read_next(r, init, 0, chunk, error);
}

MgCmafReadResult
mg_cmaf_track_read(MgReader *r, const MgCmafInit *init, guint32 track_id, MgCmafChunkRead *chunk,
                   GError **error)
{
  return read_next(r, init, track_id, chunk, error);
}

gsize
mg_cmaf_whole_size(const guint8 *data, gsize size, MgCmafChunkRead *last, guint64 *n_chunks)
{
  MgCmafInit init;
  MgCmafChunkRead chunk;
  guint64 n = 0;
  MgReader r = MG_READER(data, size);
  if (mg_cmaf_init_read(data, size, &init, NULL)) {
    mg_reader_skip(&r, init.size);
    for (; mg_cmaf_chunk_read(&r, &init, &chunk, NULL) == MG_CMAF_READ_CHUNK; n++)
      if (last != NULL)
        *last = chunk;
  }
  if (n_chunks != NULL)
    *n_chunks = n;
  return r.pos;
}
