#include "set.h"

#include <timeline/ticks.h>

/* A period, while it is described. */
typedef struct {
  const Period *period;
  const SetOptions *options;
} Draft;

static gconstpointer
keep(const Draft *draft, gpointer block)
{
  g_ptr_array_add(draft->options->arena, block);
  return block;
}

static const MgSegment *
newest(const Draft *draft, guint track)
{
  return period_newest(draft->period, track);
}

static guint
n_tracks(const Draft *draft)
{
  return mg_window_n_tracks(draft->period->window);
}

/* --- representations --------------------------------------------------------------------------- */

static const MgDashSegment *
list_segments(const Draft *draft, guint track, gsize *n)
{
  *n = period_count(draft->period, track);
  MgDashSegment *list = g_new(MgDashSegment, *n);
  for (guint i = 0; i < *n; i++) {
    const MgSegment *segment = period_segment(draft->period, track, i);
    gint64 length = segment_length(draft->period->window, track, segment);
    list[i] = (MgDashSegment){ (guint64) segment->start, (guint64) length };
  }
  return keep(draft, list);
}

static const MgDashTemplate *
make_template(const Draft *draft, guint track, const MgSegment *sample)
{
  MgDashTemplate *template = g_new0(MgDashTemplate, 1);
  template->timescale = mg_stream_info(sample->stream)->timescale;
  template->presentation_time_offset = (guint64) sample->period_start;
  template->initialization = sample->init_uri;
  template->media = "$RepresentationID$-$Time$.m4s";
  template->early_ms = draft->options->early_ms;
  template->is_patchable = template->early_ms > 0;
  template->segments = list_segments(draft, track, &template->n_segments);
  return keep(draft, template);
}

/* The newest segment of which it is known what it takes; else, what has come says a little. */
static guint32
bandwidth_of(const Draft *draft, guint track)
{
  for (guint i = period_count(draft->period, track); i > 0; i--) {
    const MgSegment *segment = period_segment(draft->period, track, i - 1);
    if (segment->bandwidth > 0)
      return (guint32) MIN(segment->bandwidth, G_MAXUINT32);
  }
  const MgSegment *before = mg_window_newest(draft->period->window, track);
  if (before != NULL)
    return (guint32) MIN(before->bandwidth, G_MAXUINT32);
  const MgSegment *open = newest(draft, track);
  guint64 scale = mg_stream_info(open->stream)->timescale;
  guint64 bits = open->bytes * 8 * scale / (guint64) MAX(open->duration, 1);
  return (guint32) CLAMP(bits, 1, G_MAXUINT32);
}

static MgRatio
frame_rate_of(const Draft *draft, guint track)
{
  for (guint i = period_count(draft->period, track); i > 0; i--) {
    const MgSegment *segment = period_segment(draft->period, track, i - 1);
    if (!segment->is_open)
      return (MgRatio){ segment->frame_rate.num, segment->frame_rate.den };
  }
  const MgFraction nominal = mg_stream_info(newest(draft, track)->stream)->frame_rate;
  return (MgRatio){ nominal.num, nominal.den };
}

static MgRatio
sample_aspect(const MgStreamInfo *info)
{
  gboolean is_known = info->sar.num > 0 && info->sar.den > 0;
  return is_known ? (MgRatio){ info->sar.num, info->sar.den } : (MgRatio){ 1, 1 };
}

/* Of SDR, nothing need be said. */
static MgDashColour
hdr_colour(const MgStreamInfo *info)
{
  enum { PQ = 16, HLG = 18 }; /* H.273 */
  const MgColour *c = &info->colour;
  if (c->transfer != PQ && c->transfer != HLG)
    return (MgDashColour){ 0 };
  return (MgDashColour){ c->primaries, c->transfer, c->matrix };
}

static MgDashRepresentation
describe(const Draft *draft, guint track)
{
  const MgSegment *sample = newest(draft, track);
  const MgStreamInfo *info = mg_stream_info(sample->stream);
  MgDashRepresentation r = {
    .id = info->id,
    .bandwidth = bandwidth_of(draft, track),
    .codecs = info->codecs,
    .segment = make_template(draft, track, sample),
  };
  if (info->media == MG_MEDIA_VIDEO) {
    r.width = info->width;
    r.height = info->height;
    r.frame_rate = frame_rate_of(draft, track);
    r.sar = sample_aspect(info);
    r.colour = hdr_colour(info);
  } else {
    r.audio_sampling_rate = info->sample_rate;
    r.channels = info->channels;
    r.speakers = info->speakers.n == info->channels ? info->speakers.position : NULL;
  }
  return r;
}

/* --- sets -------------------------------------------------------------------------------------- */

static gboolean
belong_together(const MgSegment *a, const MgSegment *b)
{
  return mg_stream_info(a->stream)->media == mg_stream_info(b->stream)->media &&
         g_str_equal(mg_stream_source(a->stream), mg_stream_source(b->stream));
}

static gboolean
is_first_of_its_set(const Draft *draft, guint track)
{
  for (guint t = 0; t < track; t++)
    if (newest(draft, t) != NULL && belong_together(newest(draft, t), newest(draft, track)))
      return FALSE;
  return TRUE;
}

static guint32
greatest_divisor(guint32 a, guint32 b)
{
  while (b != 0) {
    guint32 rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

static MgRatio
picture_aspect(const MgStreamInfo *info)
{
  MgRatio sar = sample_aspect(info);
  guint64 num = (guint64) info->width * sar.num, den = (guint64) info->height * sar.den;
  if (num == 0 || den == 0 || num > G_MAXUINT32 || den > G_MAXUINT32)
    return (MgRatio){ 0 };
  guint32 common = greatest_divisor((guint32) num, (guint32) den);
  return (MgRatio){ (guint32) num / common, (guint32) den / common };
}

static gboolean
has_forced_cut(const Period *period, guint track)
{
  for (guint i = 0; i < period_count(period, track); i++)
    if (period_segment(period, track, i)->flags & MG_CHUNK_FORCED_CUT)
      return TRUE;
  return FALSE;
}

/* Whether every segment of the set begins with a key frame. */
static gboolean
is_independent(const Draft *draft, guint first)
{
  for (guint t = first; t < n_tracks(draft); t++)
    if (newest(draft, t) != NULL && belong_together(newest(draft, t), newest(draft, first)) &&
        has_forced_cut(draft->period, t))
      return FALSE;
  return TRUE;
}

static const MgDashRepresentation *
list_members(const Draft *draft, guint first, gsize *n)
{
  GArray *members = g_array_new(FALSE, FALSE, sizeof(MgDashRepresentation));
  for (guint t = first; t < n_tracks(draft); t++) {
    if (newest(draft, t) == NULL || !belong_together(newest(draft, t), newest(draft, first)))
      continue;
    MgDashRepresentation member = describe(draft, t);
    g_array_append_val(members, member);
  }
  *n = members->len;
  return keep(draft, g_array_free(members, FALSE));
}

/* The period's start: it stays the same for as long as the period is listed. */
static MgDashReferenceTime
reference_time(const MgSegment *segment)
{
  MgTime start =
      mg_time_from_ticks(segment->period_start, mg_stream_info(segment->stream)->timescale);
  return (MgDashReferenceTime){
    .utc_us = segment->epoch_utc_us + start / MG_MICROSECOND,
    .presentation_time = (guint64) segment->period_start,
    .is_inband = TRUE,
  };
}

static MgDashResync
resync(const SetOptions *options, const MgStreamInfo *info)
{
  return (MgDashResync){
    .chunk = (guint32) mg_time_to_ticks(options->part, info->timescale),
    .sap = info->media == MG_MEDIA_AUDIO ? 1 : 0,
  };
}

static MgDashAdaptationSet
make_set(const Draft *draft, guint track, gboolean is_main)
{
  const MgSegment *sample = newest(draft, track);
  const MgStreamInfo *info = mg_stream_info(sample->stream);
  gboolean is_video = info->media == MG_MEDIA_VIDEO;
  MgDashAdaptationSet set = {
    .id = track,
    .content_type = is_video ? "video" : "audio",
    .mime_type = is_video ? "video/mp4" : "audio/mp4",
    .lang = info->language,
    .par = is_video ? picture_aspect(info) : (MgRatio){ 0 },
    .is_aligned = TRUE,
    .start_with_sap = is_independent(draft, track) ? 1 : 0,
    .role = is_main ? "main" : "alternate",
  };
  if (draft->options->early_ms > 0) {
    set.reference = reference_time(sample);
    set.resync = resync(draft->options, info);
  }
  set.representations = list_members(draft, track, &set.n_representations);
  return set;
}

const MgDashAdaptationSet *
sets_list(const Period *period, const SetOptions *options, gsize *n)
{
  const Draft whole = { period, options }, *draft = &whole;
  GArray *sets = g_array_new(FALSE, FALSE, sizeof(MgDashAdaptationSet));
  guint media_seen = 0; /* MgMedia */
  for (guint t = 0; t < n_tracks(draft); t++) {
    if (newest(draft, t) == NULL || !is_first_of_its_set(draft, t))
      continue;
    guint media = mg_stream_info(newest(draft, t)->stream)->media;
    MgDashAdaptationSet set = make_set(draft, t, (media_seen & media) == 0);
    g_array_append_val(sets, set);
    media_seen |= media;
  }
  *n = sets->len;
  return keep(draft, g_array_free(sets, FALSE));
}
