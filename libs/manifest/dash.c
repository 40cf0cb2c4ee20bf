#include "manifest/dash.h"

#include <string.h>

#include "manifest/text.h"
#include "manifest/xml.h"

#define CHANNEL_CONFIGURATION "urn:mpeg:mpegB:cicp:ChannelConfiguration"

static void
put_descriptor(MgXml *x, const char *element, const char *scheme, const char *value)
{
  if (value == NULL || *value == '\0')
    return;
  mg_xml_open(x, element);
  mg_xml_text(x, "schemeIdUri", scheme);
  mg_xml_text(x, "value", value);
  mg_xml_empty(x);
}

static void
put_clock(MgXml *x, const MgDashMpd *mpd)
{
  put_descriptor(x, "UTCTiming", mpd->clock_scheme, mpd->clock_value);
}

/* How many segments from the first on follow each other and last equally long. */
static gsize
run_length(const MgDashSegment *segments, gsize n)
{
  gsize run = 1;
  while (run < n && segments[run].duration == segments[0].duration &&
         segments[run].time == segments[run - 1].time + segments[0].duration)
    run++;
  return run;
}

/* 5.3.9.6: @t where it cannot be computed, @r one less than the number of equal segments. */
static void
put_timeline(MgXml *x, const MgDashTemplate *template)
{
  const MgDashSegment *segments = template->segments;
  gsize n = template->n_segments;
  mg_xml_open(x, "SegmentTimeline");
  mg_xml_children(x);
  for (gsize i = 0, run; i < n; i += run) {
    const MgDashSegment *first = &segments[i];
    gboolean follows = i > 0 && first->time == first[-1].time + first[-1].duration;
    run = template->is_patchable ? 1 : run_length(first, n - i);
    mg_xml_open(x, "S");
    if (!follows || template->is_patchable)
      mg_xml_number(x, "t", first->time);
    mg_xml_number(x, "d", first->duration);
    mg_xml_number_if_any(x, "r", run - 1);
    mg_xml_empty(x);
  }
  mg_xml_close(x, "SegmentTimeline");
}

static void
put_template(MgXml *x, const MgDashTemplate *segment)
{
  if (segment == NULL)
    return;
  mg_xml_open(x, "SegmentTemplate");
  mg_xml_number(x, "timescale", segment->timescale);
  mg_xml_number_if_any(x, "presentationTimeOffset", segment->presentation_time_offset);
  mg_xml_text(x, "initialization", segment->initialization);
  mg_xml_text(x, "media", segment->media);
  if (segment->media != NULL && strstr(segment->media, "$Number") != NULL)
    mg_xml_number(x, "startNumber", segment->start_number);
  if (segment->early_ms > 0) {
    mg_xml_thousandths(x, "availabilityTimeOffset", segment->early_ms);
    mg_xml_text(x, "availabilityTimeComplete", "false");
  }
  if (segment->duration > 0) {
    mg_xml_number(x, "duration", segment->duration);
    mg_xml_empty(x);
    return;
  }
  mg_xml_children(x);
  put_timeline(x, segment);
  mg_xml_close(x, "SegmentTemplate");
}

/* Four channels are those of a square, and not three in front and one behind. */
static gboolean
has_square_layout(const char *codecs)
{
  return g_strcmp0(codecs, "opus") == 0 || g_strcmp0(codecs, "fLaC") == 0;
}

/* The index of a layout with so many channels in ISO/IEC 23091-3, table 2; NULL: none is usual. */
static const char *
channel_configuration(const MgDashRepresentation *r)
{
  static const char *const usual[] = { NULL, "1", "2", "3", "4", "5", "6", "11", "12" };
  if (r->channels == 4 && has_square_layout(r->codecs))
    return "10";
  return r->channels < G_N_ELEMENTS(usual) ? usual[r->channels] : NULL;
}

/* The index of the layout with these speakers, a bit each (ISO/IEC 23091-3, table 2); 0: none. */
static guint
layout_of(guint32 speakers)
{
  enum {
    L = 1 << 0,
    R = 1 << 1,
    C = 1 << 2,
    LFE = 1 << 3,
    LS = 1 << 4,
    RS = 1 << 5,
    LC = 1 << 6,
    RC = 1 << 7
  };
  enum { LSR = 1 << 8, RSR = 1 << 9, CS = 1 << 10, LV = 1 << 17, RV = 1 << 18 };
  enum { FIVE = C | L | R | LS | RS };
  static const guint32 layouts[] = {
    [1] = C,
    [2] = L | R,
    [3] = C | L | R,
    [4] = C | L | R | CS,
    [5] = FIVE,
    [6] = FIVE | LFE,
    [7] = FIVE | LFE | LC | RC,
    [9] = L | R | CS,
    [10] = L | R | LS | RS,
    [11] = FIVE | LFE | CS,
    [12] = FIVE | LFE | LSR | RSR,
    [14] = FIVE | LFE | LV | RV,
  };
  for (guint i = 1; i < G_N_ELEMENTS(layouts); i++)
    if (layouts[i] == speakers)
      return i;
  return 0;
}

static void
put_speakers(MgXml *x, const MgDashRepresentation *r)
{
  g_autoptr(GString) places = g_string_new(NULL);
  guint32 mask = 0;
  for (guint i = 0; i < r->channels; i++) {
    g_string_append_printf(places, "%s%u", i > 0 ? " " : "", r->speakers[i]);
    mask |= r->speakers[i] < 32 ? 1u << r->speakers[i] : 0;
  }
  guint layout = (guint) __builtin_popcount(mask) == r->channels ? layout_of(mask) : 0;
  g_autofree char *index = g_strdup_printf("%u", layout);
  if (layout != 0)
    put_descriptor(x, "AudioChannelConfiguration", CHANNEL_CONFIGURATION, index);
  else
    put_descriptor(x, "AudioChannelConfiguration", "urn:mpeg:mpegB:cicp:OutputChannelPosition",
                   places->str);
}

static void
put_code_point(MgXml *x, const char *scheme, guint value)
{
  g_autofree char *text = g_strdup_printf("%u", value);
  put_descriptor(x, "SupplementalProperty", scheme, text);
}

static void
put_colour(MgXml *x, const MgDashColour *colour)
{
  if (colour->primaries == 0)
    return;
  put_code_point(x, "urn:mpeg:mpegB:cicp:ColourPrimaries", colour->primaries);
  put_code_point(x, "urn:mpeg:mpegB:cicp:TransferCharacteristics", colour->transfer);
  put_code_point(x, "urn:mpeg:mpegB:cicp:MatrixCoefficients", colour->matrix);
}

static void
put_representation(MgXml *x, const MgDashRepresentation *r)
{
  mg_xml_open(x, "Representation");
  mg_xml_text(x, "id", r->id);
  mg_xml_number(x, "bandwidth", r->bandwidth);
  mg_xml_text(x, "codecs", r->codecs);
  mg_xml_number_if_any(x, "width", r->width);
  mg_xml_number_if_any(x, "height", r->height);
  mg_xml_ratio(x, "frameRate", r->frame_rate, '/');
  mg_xml_ratio(x, "sar", r->sar, ':');
  mg_xml_number_if_any(x, "audioSamplingRate", r->audio_sampling_rate);
  const char *channels = channel_configuration(r);
  gboolean has_speakers = r->channels > 0 && r->speakers != NULL;
  if (channels == NULL && !has_speakers && r->colour.primaries == 0 && r->segment == NULL) {
    mg_xml_empty(x);
    return;
  }
  mg_xml_children(x);
  if (has_speakers)
    put_speakers(x, r);
  else
    put_descriptor(x, "AudioChannelConfiguration", CHANNEL_CONFIGURATION, channels);
  put_colour(x, &r->colour);
  put_template(x, r->segment);
  mg_xml_close(x, "Representation");
}

static gboolean
is_faster(MgRatio a, MgRatio b)
{
  return b.num == 0 || (guint64) a.num * b.den > (guint64) b.num * a.den;
}

static void
put_maxima(MgXml *x, const MgDashAdaptationSet *set)
{
  guint32 width = 0, height = 0;
  MgRatio rate = { 0 };
  for (gsize i = 0; i < set->n_representations; i++) {
    const MgDashRepresentation *r = &set->representations[i];
    width = MAX(width, r->width);
    height = MAX(height, r->height);
    if (r->frame_rate.num > 0 && is_faster(r->frame_rate, rate))
      rate = r->frame_rate;
  }
  mg_xml_number_if_any(x, "maxWidth", width);
  mg_xml_number_if_any(x, "maxHeight", height);
  mg_xml_ratio(x, "maxFrameRate", rate, '/');
}

static const char *
language_of(const MgDashAdaptationSet *set)
{
  gboolean has_lang = set->lang != NULL && *set->lang != '\0';
  return !has_lang && g_strcmp0(set->content_type, "audio") == 0 ? "und" : set->lang;
}

static void
put_reference_time(MgXml *x, const MgDashAdaptationSet *set, const MgDashMpd *mpd)
{
  const MgDashReferenceTime *reference = &set->reference;
  if (reference->utc_us == 0)
    return;
  mg_xml_open(x, "ProducerReferenceTime");
  mg_xml_number(x, "id", set->id);
  mg_xml_text(x, "inband", reference->is_inband ? "true" : NULL);
  mg_xml_text(x, "type", "captured");
  mg_xml_date(x, "wallClockTime", reference->utc_us);
  mg_xml_number(x, "presentationTime", reference->presentation_time);
  mg_xml_children(x);
  put_clock(x, mpd);
  mg_xml_close(x, "ProducerReferenceTime");
}

/* Every chunk of ours begins with a styp, which is the marker. */
static void
put_resync(MgXml *x, const MgDashResync *resync)
{
  if (resync->chunk == 0)
    return;
  mg_xml_open(x, "Resync");
  mg_xml_number(x, "type", resync->sap);
  mg_xml_number(x, "dT", resync->chunk);
  mg_xml_text(x, "marker", "true");
  mg_xml_empty(x);
}

static void
put_adaptation_set(MgXml *x, const MgDashAdaptationSet *set, const MgDashMpd *mpd)
{
  mg_xml_open(x, "AdaptationSet");
  mg_xml_number(x, "id", set->id);
  mg_xml_text(x, "contentType", set->content_type);
  mg_xml_text(x, "mimeType", set->mime_type);
  mg_xml_text(x, "lang", language_of(set));
  mg_xml_ratio(x, "par", set->par, ':');
  put_maxima(x, set);
  mg_xml_text(x, "segmentAlignment", set->is_aligned ? "true" : NULL);
  mg_xml_number_if_any(x, "startWithSAP", set->start_with_sap);
  mg_xml_children(x);
  put_reference_time(x, set, mpd);
  put_resync(x, &set->resync);
  put_descriptor(x, "Role", "urn:mpeg:dash:role:2011", set->role);
  put_template(x, set->segment);
  for (gsize i = 0; i < set->n_representations; i++)
    put_representation(x, &set->representations[i]);
  mg_xml_close(x, "AdaptationSet");
}

static void
put_period(MgXml *x, const MgDashPeriod *period, const MgDashMpd *mpd)
{
  mg_xml_open(x, "Period");
  mg_xml_text(x, "id", period->id);
  mg_xml_duration(x, "start", period->start_ms);
  mg_xml_duration_if_any(x, "duration", period->duration_ms);
  mg_xml_children(x);
  for (gsize i = 0; i < period->n_sets; i++)
    put_adaptation_set(x, &period->sets[i], mpd);
  mg_xml_close(x, "Period");
}

static void
put_mpd_attributes(MgXml *x, const MgDashMpd *mpd)
{
  mg_xml_text(x, "xmlns", "urn:mpeg:dash:schema:mpd:2011");
  mg_xml_text(x, "id", mpd->id);
  mg_xml_text(x, "profiles", mpd->profiles);
  mg_xml_text(x, "type", mpd->is_dynamic ? "dynamic" : "static");
  if (mpd->is_dynamic || mpd->availability_start_us != 0)
    mg_xml_date(x, "availabilityStartTime", mpd->availability_start_us);
  if (mpd->publish_us != 0)
    mg_xml_date(x, "publishTime", mpd->publish_us);
  mg_xml_duration_if_any(x, "mediaPresentationDuration", mpd->duration_ms);
  mg_xml_duration_if_any(x, "minimumUpdatePeriod", mpd->update_period_ms);
  mg_xml_duration(x, "minBufferTime", mpd->min_buffer_ms);
  mg_xml_duration_if_any(x, "timeShiftBufferDepth", mpd->time_shift_ms);
  mg_xml_duration_if_any(x, "suggestedPresentationDelay", mpd->presentation_delay_ms);
  mg_xml_duration_if_any(x, "maxSegmentDuration", mpd->max_segment_ms);
}

static void
put_patch_location(MgXml *x, const MgDashMpd *mpd)
{
  if (mpd->patch_location == NULL)
    return;
  mg_xml_open(x, "PatchLocation");
  mg_xml_number_if_any(x, "ttl", mpd->patch_ttl_s);
  mg_xml_content(x, "PatchLocation", mpd->patch_location);
}

static void
put_latency(MgXml *x, const MgDashLatency *latency)
{
  if (latency->target_ms == 0)
    return;
  mg_xml_open(x, "ServiceDescription");
  mg_xml_number(x, "id", 0);
  mg_xml_children(x);
  mg_xml_open(x, "Latency");
  if (latency->has_reference)
    mg_xml_number(x, "referenceId", latency->reference);
  mg_xml_number(x, "target", latency->target_ms);
  mg_xml_number_if_any(x, "max", latency->most_ms);
  mg_xml_number_if_any(x, "min", latency->least_ms);
  mg_xml_empty(x);
  if (latency->fastest > 0) {
    mg_xml_open(x, "PlaybackRate");
    mg_xml_thousandths(x, "max", latency->fastest);
    mg_xml_thousandths_if_any(x, "min", latency->slowest);
    mg_xml_empty(x);
  }
  mg_xml_close(x, "ServiceDescription");
}

void
mg_dash_mpd_write(const MgDashMpd *mpd, MgWriter *w)
{
  MgXml xml = { .w = w };
  mg_writer_text(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
  mg_xml_open(&xml, "MPD");
  put_mpd_attributes(&xml, mpd);
  mg_xml_children(&xml);
  put_patch_location(&xml, mpd);
  put_latency(&xml, &mpd->latency);
  for (gsize i = 0; i < mpd->n_periods; i++)
    put_period(&xml, &mpd->periods[i], mpd);
  put_clock(&xml, mpd);
  mg_xml_close(&xml, "MPD");
}
