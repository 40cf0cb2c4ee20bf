/* Movie fragments: ISO/IEC 14496-12 clause 8.8, as ISO/IEC 23000-19 clause 7.3.3 narrows it. */
#include "cmaf/chunk.h"

#include "cmaf/box.h"
#include "cmaf/init.h"
#include "cmaf/run-flags.h"

enum {
  BOX = 8,
  FULL_BOX = 12,
  MFHD = FULL_BOX + 4,
  TFDT = FULL_BOX + 8,
  PRFT = FULL_BOX + 4 + 8 + 8,
  MOST_STYP_BRANDS = 5,
};

/* The brands of a styp, largest thing first; each kind has those from its own on. */
static const char *const styp_brands[] = { "cmfs", "cmff", "cmfl" };

static guint
first_brand(MgCmafStyp styp)
{
  return MG_CMAF_STYP_SEGMENT - styp;
}

static gsize
styp_size(const MgCmafChunk *chunk)
{
  if (chunk->styp == MG_CMAF_STYP_NONE)
    return 0;
  guint n = 1 + G_N_ELEMENTS(styp_brands) - first_brand(chunk->styp) + !!chunk->is_last;
  return BOX + 8 + 4 * n;
}

static gsize
prft_size(const MgCmafChunk *chunk)
{
  return chunk->utc_us != 0 ? PRFT : 0;
}

/* What a pass over the samples tells. */
typedef struct {
  guint64 payload_size;
  guint64 duration;
  gboolean has_one_duration;
  gboolean has_one_size;
  gboolean rest_has_one_flags; /* all samples but the first */
  gboolean has_offsets;
} Survey;

static Survey
survey(const MgCmafSample *samples, guint32 n)
{
  const MgCmafSample *first = &samples[0];
  guint32 rest_flags = samples[n > 1].flags;
  Survey s = { .has_one_duration = TRUE, .has_one_size = TRUE, .rest_has_one_flags = TRUE };
  for (guint32 i = 0; i < n; i++) {
    s.payload_size += samples[i].size;
    s.duration += samples[i].duration;
    s.has_one_duration &= samples[i].duration == first->duration;
    s.has_one_size &= samples[i].size == first->size;
    s.rest_has_one_flags &= i == 0 || samples[i].flags == rest_flags;
    s.has_offsets |= samples[i].cts_offset != 0;
  }
  return s;
}

/* Each value once in the header when all samples share it, else per sample. */
static void
choose_flags(const MgCmafChunk *chunk, const Survey *s, MgCmafPlan *plan)
{
  plan->tfhd_flags = TFHD_DESCRIPTION_INDEX | TFHD_DEFAULT_BASE_IS_MOOF;
  plan->trun_flags = TRUN_DATA_OFFSET;
  if (s->has_one_duration)
    plan->tfhd_flags |= TFHD_DURATION;
  else
    plan->trun_flags |= TRUN_DURATION;
  if (s->has_one_size)
    plan->tfhd_flags |= TFHD_SIZE;
  else
    plan->trun_flags |= TRUN_SIZE;
  if (s->rest_has_one_flags)
    plan->tfhd_flags |= TFHD_FLAGS;
  else
    plan->trun_flags |= TRUN_FLAGS;
  if (s->rest_has_one_flags && chunk->n_samples > 1 &&
      chunk->samples[0].flags != chunk->samples[1].flags)
    plan->trun_flags |= TRUN_FIRST_FLAGS;
  if (s->has_offsets || chunk->has_offsets)
    plan->trun_flags |= TRUN_OFFSET;
}

static guint
count_bits(guint32 flags)
{
  return (guint) __builtin_popcount(flags);
}

static gsize
tfhd_size(const MgCmafPlan *plan)
{
  return FULL_BOX + 4 + 4 * count_bits(plan->tfhd_flags & TFHD_FIELDS);
}

static guint64
trun_size(const MgCmafChunk *chunk, const MgCmafPlan *plan)
{
  guint head = 4 + 4 * count_bits(plan->trun_flags & TRUN_HEAD_FIELDS);
  return FULL_BOX + head +
         (guint64) chunk->n_samples * 4 * count_bits(plan->trun_flags & TRUN_FIELDS);
}

static gboolean
too_large(const char *what, GError **error)
{
  g_set_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_TOO_LARGE, "the %s of a chunk passes 4 GiB",
              what);
  return FALSE;
}

/* The run's body begins at RUN_AT, behind version and flags; its offsets are each sample's last field. */
static void
find_offsets(gsize run_at, guint32 trun_flags, guint32 n_samples, MgCmafPlaces *places)
{
  places->n_samples = n_samples;
  if (!(trun_flags & TRUN_OFFSET))
    return;
  places->offset_stride = 4 * count_bits(trun_flags & TRUN_FIELDS);
  gsize samples_at = run_at + 4 + 4 * count_bits(trun_flags & TRUN_HEAD_FIELDS);
  places->offset_at = samples_at + places->offset_stride - 4;
}

gboolean
mg_cmaf_chunk_plan(const MgCmafChunk *chunk, MgCmafPlan *plan, GError **error)
{
  g_assert(chunk->n_samples > 0);
  Survey s = survey(chunk->samples, chunk->n_samples);
  choose_flags(chunk, &s, plan);
  gsize moof_at = styp_size(chunk) + prft_size(chunk);
  gsize tfhd_at = moof_at + BOX + MFHD + BOX;
  gsize tfdt_at = tfhd_at + tfhd_size(plan);
  guint64 header_size = tfdt_at + TFDT + trun_size(chunk, plan) + BOX;
  if (s.payload_size > G_MAXUINT32 - BOX)
    return too_large("payload", error);
  if (header_size > G_MAXINT32) /* data_offset is signed */
    return too_large("header", error);
  gsize run_at = tfdt_at + TFDT + FULL_BOX;
  plan->payload_size = (guint32) s.payload_size;
  plan->duration = s.duration;
  plan->places = (MgCmafPlaces){
    .moof_at = moof_at,
    .sequence_at = moof_at + BOX + FULL_BOX,
    .track_id_at = tfhd_at + FULL_BOX,
    .decode_time_at = tfdt_at + FULL_BOX,
    .header_size = (gsize) header_size,
  };
  find_offsets(run_at, plan->trun_flags, chunk->n_samples, &plan->places);
  return TRUE;
}

static void
write_styp(MgWriter *w, const MgCmafChunk *chunk)
{
  if (chunk->styp == MG_CMAF_STYP_NONE)
    return;
  gsize styp = mg_box_begin(w, "styp");
  mg_writer_text(w, "msdh");
  mg_writer_be32(w, 0); /* minor_version */
  mg_writer_text(w, "msdh");
  for (guint i = first_brand(chunk->styp); i < G_N_ELEMENTS(styp_brands); i++)
    mg_writer_text(w, styp_brands[i]);
  if (chunk->is_last)
    mg_writer_text(w, "lmsg");
  mg_box_end(w, styp);
}

/* Since 1900, in 2^-32 seconds (RFC 5905). */
static guint64
ntp_from_utc(gint64 utc_us)
{
  guint64 us = (guint64) utc_us + G_GUINT64_CONSTANT(2208988800) * G_USEC_PER_SEC;
  guint64 fraction = ((us % G_USEC_PER_SEC) << 32) / G_USEC_PER_SEC;
  return us / G_USEC_PER_SEC << 32 | fraction;
}

/* ISO/IEC 14496-12 clause 8.16.5. */
static void
write_prft(MgWriter *w, const MgCmafChunk *chunk)
{
  enum { CAPTURED = 24 };
  if (chunk->utc_us == 0)
    return;
  gsize prft = mg_full_box_begin(w, "prft", 1, CAPTURED);
  mg_writer_be32(w, chunk->track_id);
  mg_writer_be64(w, ntp_from_utc(chunk->utc_us));
  mg_writer_be64(w, chunk->decode_time);
  mg_box_end(w, prft);
}

static void
write_tfhd(MgWriter *w, const MgCmafChunk *chunk, const MgCmafPlan *plan)
{
  gsize tfhd = mg_full_box_begin(w, "tfhd", 0, plan->tfhd_flags);
  mg_writer_be32(w, chunk->track_id);
  mg_writer_be32(w, 1); /* sample_description_index */
  if (plan->tfhd_flags & TFHD_DURATION)
    mg_writer_be32(w, chunk->samples[0].duration);
  if (plan->tfhd_flags & TFHD_SIZE)
    mg_writer_be32(w, chunk->samples[0].size);
  if (plan->tfhd_flags & TFHD_FLAGS)
    mg_writer_be32(w, chunk->samples[chunk->n_samples > 1].flags);
  mg_box_end(w, tfhd);
}

static void
write_sample(MgWriter *w, const MgCmafSample *sample, guint32 flags)
{
  if (flags & TRUN_DURATION)
    mg_writer_be32(w, sample->duration);
  if (flags & TRUN_SIZE)
    mg_writer_be32(w, sample->size);
  if (flags & TRUN_FLAGS)
    mg_writer_be32(w, sample->flags);
  if (flags & TRUN_OFFSET)
    mg_writer_be32(w, (guint32) sample->cts_offset);
}

static void
write_trun(MgWriter *w, const MgCmafChunk *chunk, const MgCmafPlan *plan)
{
  gsize trun = mg_full_box_begin(w, "trun", 1, plan->trun_flags);
  mg_writer_be32(w, chunk->n_samples);
  mg_writer_be32(w, (guint32) (plan->places.header_size - plan->places.moof_at)); /* data_offset */
  if (plan->trun_flags & TRUN_FIRST_FLAGS)
    mg_writer_be32(w, chunk->samples[0].flags);
  for (guint32 i = 0; i < chunk->n_samples; i++)
    write_sample(w, &chunk->samples[i], plan->trun_flags);
  mg_box_end(w, trun);
}

static void
write_moof(MgWriter *w, const MgCmafChunk *chunk, const MgCmafPlan *plan)
{
  gsize moof = mg_box_begin(w, "moof");
  gsize mfhd = mg_full_box_begin(w, "mfhd", 0, 0);
  mg_writer_be32(w, chunk->sequence);
  mg_box_end(w, mfhd);
  gsize traf = mg_box_begin(w, "traf");
  write_tfhd(w, chunk, plan);
  gsize tfdt = mg_full_box_begin(w, "tfdt", 1, 0);
  mg_writer_be64(w, chunk->decode_time);
  mg_box_end(w, tfdt);
  write_trun(w, chunk, plan);
  mg_box_end(w, traf);
  mg_box_end(w, moof);
}

void
mg_cmaf_chunk_write(const MgCmafChunk *chunk, const MgCmafPlan *plan, guint8 *out)
{
  /* It has the room that the plan found: it never grows. */
  MgWriter w = { .data = out, .room = plan->places.header_size };
  write_styp(&w, chunk);
  write_prft(&w, chunk);
  write_moof(&w, chunk, plan);
  mg_writer_be32(&w, BOX + plan->payload_size);
  mg_writer_text(&w, "mdat");
  g_assert(w.size == plan->places.header_size);
}

static gboolean
foreign(GError **error)
{
  g_set_error_literal(error, MG_CMAF_ERROR, MG_CMAF_ERROR_UNSUPPORTED,
                      "not a chunk of one track with a 64-bit decode time");
  return FALSE;
}

/* Where a box's body begins, when the bytes that hold the box begin at PARENT. */
static gsize
body_at(gsize parent, const MgBox *box)
{
  return parent + box->begin + box->header_size;
}

static gboolean
find_run(MgReader *body, gsize at, MgCmafPlaces *places)
{
  guint8 version;
  guint32 flags;
  mg_full_box_read(body, &version, &flags);
  guint32 n_samples = mg_reader_be32(body);
  find_offsets(at + 4, flags, n_samples, places);
  guint64 needed = 4 * count_bits(flags & TRUN_HEAD_FIELDS) +
                   (guint64) n_samples * 4 * count_bits(flags & TRUN_FIELDS);
  return !mg_reader_failed(body) && needed <= mg_reader_left(body);
}

static gboolean
find_in_moof(const MgBox *moof, MgCmafPlaces *places, GError **error)
{
  MgBox mfhd, traf, tfhd, tfdt, trun;
  if (!mg_box_find(&moof->body, "mfhd", &mfhd) || !mg_box_find(&moof->body, "traf", &traf) ||
      !mg_box_find(&traf.body, "tfhd", &tfhd) || !mg_box_find(&traf.body, "tfdt", &tfdt) ||
      !mg_box_find(&traf.body, "trun", &trun))
    return foreign(error);
  gsize in_moof = body_at(0, moof), in_traf = body_at(in_moof, &traf);
  places->moof_at = moof->begin;
  places->sequence_at = body_at(in_moof, &mfhd) + 4;
  places->track_id_at = body_at(in_traf, &tfhd) + 4;
  places->decode_time_at = body_at(in_traf, &tfdt) + 4;
  if (tfdt.body.size < 12 || tfhd.body.size < 8 || mfhd.body.size < 8 ||
      mg_reader_u8(&tfdt.body) != 1)
    return foreign(error);
  return find_run(&trun.body, body_at(in_traf, &trun), places) || foreign(error);
}

gboolean
mg_cmaf_chunk_find(const guint8 *data, gsize size, MgCmafPlaces *places, GError **error)
{
  *places = (MgCmafPlaces){ 0 };
  MgReader r = MG_READER(data, size);
  MgBox box;
  while (mg_box_next(&r, &box)) {
    if (!mg_box_is(&box, "moof"))
      continue;
    mg_reader_skip(&r, 4); /* the mdat's size: the bytes given may end before it does */
    if (mg_reader_be32(&r) != mg_box_type("mdat"))
      break;
    places->header_size = r.pos;
    return find_in_moof(&box, places, error);
  }
  g_set_error_literal(error, MG_CMAF_ERROR, MG_CMAF_ERROR_INCOMPLETE,
                      "no whole moof with an mdat behind it");
  return FALSE;
}

void
mg_cmaf_chunk_renumber(guint8 *header, const MgCmafPlaces *places, guint32 sequence,
                       guint32 track_id, guint64 decode_time)
{
  MgWriter w = { .data = header, .size = places->header_size, .room = places->header_size };
  mg_writer_patch_be32(&w, places->sequence_at, sequence);
  mg_writer_patch_be32(&w, places->track_id_at, track_id);
  mg_writer_patch_be32(&w, places->decode_time_at, (guint32) (decode_time >> 32));
  mg_writer_patch_be32(&w, places->decode_time_at + 4, (guint32) decode_time);
}

void
mg_cmaf_chunk_shift(guint8 *header, const MgCmafPlaces *places, gint32 by)
{
  if (places->offset_at == 0)
    return;
  MgWriter w = { .data = header, .size = places->header_size, .room = places->header_size };
  gsize at = places->offset_at;
  for (gsize i = 0; i < places->n_samples; i++, at += places->offset_stride) {
    MgReader r = MG_READER(header + at, 4);
    mg_writer_patch_be32(&w, at, mg_reader_be32(&r) + (guint32) by);
  }
}
