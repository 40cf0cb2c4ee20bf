#include "set.h"

static const MgSegment *
at(const SetRows *rows, guint index, guint track)
{
  return mg_window_row(rows->window, index)->segments[track];
}

/* The newest segment of TRACK in the period, which speaks for it; NULL: it has none. */
static const MgSegment *
newest(const SetRows *rows, guint track)
{
  for (guint i = rows->end; i > rows->first; i--)
    if (at(rows, i - 1, track) != NULL)
      return at(rows, i - 1, track);
  return NULL;
}

/* --- representations --------------------------------------------------------------------------- */

static gconstpointer
keep(const SetRows *rows, gpointer block)
{
  g_ptr_array_add(rows->arena, block);
  return block;
}

static const MgDashSegment *
list_segments(const SetRows *rows, guint track, gsize *n)
{
  GArray *segments = g_array_new(FALSE, FALSE, sizeof(MgDashSegment));
  for (guint i = rows->first; i < rows->end; i++) {
    const MgSegment *segment = at(rows, i, track);
    if (segment == NULL)
      continue;
    MgDashSegment one = { (guint64) segment->start, (guint64) segment->duration };
    g_array_append_val(segments, one);
  }
  *n = segments->len;
  return keep(rows, g_array_free(segments, FALSE));
}

static const MgDashTemplate *
make_template(const SetRows *rows, guint track, const MgSegment *sample)
{
  MgDashTemplate *template = g_new0(MgDashTemplate, 1);
  template->timescale = mg_stream_info(sample->stream)->timescale;
  template->presentation_time_offset = (guint64) sample->period_start;
  template->initialization = sample->init_uri;
  template->media = "$RepresentationID$-$Time$.m4s";
  template->segments = list_segments(rows, track, &template->n_segments);
  return keep(rows, template);
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
describe(const SetRows *rows, guint track)
{
  const MgSegment *sample = newest(rows, track);
  const MgStreamInfo *info = mg_stream_info(sample->stream);
  MgDashRepresentation r = {
    .id = info->id,
    .bandwidth = (guint32) MIN(sample->bandwidth, G_MAXUINT32),
    .codecs = info->codecs,
    .segment = make_template(rows, track, sample),
  };
  if (info->media == MG_MEDIA_VIDEO) {
    r.width = info->width;
    r.height = info->height;
    r.frame_rate = (MgRatio){ sample->frame_rate.num, sample->frame_rate.den };
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
is_first_of_its_set(const SetRows *rows, guint track)
{
  for (guint t = 0; t < track; t++)
    if (newest(rows, t) != NULL && belong_together(newest(rows, t), newest(rows, track)))
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

/* Whether every segment of the set begins with a key frame. */
static gboolean
is_independent(const SetRows *rows, const MgSegment *member)
{
  for (guint t = 0; t < mg_window_n_tracks(rows->window); t++)
    for (guint i = rows->first; i < rows->end; i++) {
      const MgSegment *segment = at(rows, i, t);
      if (segment != NULL && belong_together(segment, member) &&
          segment->flags & MG_CHUNK_FORCED_CUT)
        return FALSE;
    }
  return TRUE;
}

static const MgDashRepresentation *
list_members(const SetRows *rows, guint first, gsize *n)
{
  GArray *members = g_array_new(FALSE, FALSE, sizeof(MgDashRepresentation));
  for (guint t = first; t < mg_window_n_tracks(rows->window); t++) {
    if (newest(rows, t) == NULL || !belong_together(newest(rows, t), newest(rows, first)))
      continue;
    MgDashRepresentation member = describe(rows, t);
    g_array_append_val(members, member);
  }
  *n = members->len;
  return keep(rows, g_array_free(members, FALSE));
}

static MgDashAdaptationSet
make_set(const SetRows *rows, guint track, gboolean is_main)
{
  const MgStreamInfo *info = mg_stream_info(newest(rows, track)->stream);
  gboolean is_video = info->media == MG_MEDIA_VIDEO;
  MgDashAdaptationSet set = {
    .id = track,
    .content_type = is_video ? "video" : "audio",
    .mime_type = is_video ? "video/mp4" : "audio/mp4",
    .lang = info->language,
    .par = is_video ? picture_aspect(info) : (MgRatio){ 0 },
    .is_aligned = TRUE,
    .start_with_sap = is_independent(rows, newest(rows, track)) ? 1 : 0,
    .role = is_main ? "main" : "alternate",
  };
  set.representations = list_members(rows, track, &set.n_representations);
  return set;
}

const MgDashAdaptationSet *
sets_list(const SetRows *rows, gsize *n)
{
  GArray *sets = g_array_new(FALSE, FALSE, sizeof(MgDashAdaptationSet));
  guint media_seen = 0; /* MgMedia */
  for (guint t = 0; t < mg_window_n_tracks(rows->window); t++) {
    if (newest(rows, t) == NULL || !is_first_of_its_set(rows, t))
      continue;
    guint media = mg_stream_info(newest(rows, t)->stream)->media;
    MgDashAdaptationSet set = make_set(rows, t, (media_seen & media) == 0);
    g_array_append_val(sets, set);
    media_seen |= media;
  }
  *n = sets->len;
  return keep(rows, g_array_free(sets, FALSE));
}
