#include "multivariant.h"

#include "media.h"

#include <manifest/hls.h>

typedef struct {
  const MgSegment *newest; /* speaks for its track */
  const MgStreamInfo *info;
  char *uri;     /* of its media playlist */
  char *iframes; /* of that of its key frames; NULL: there is none */
  guint quality; /* audio: how many tracks of the same source came before */
} Track;

typedef struct {
  const MultivariantOptions *options;
  GArray *video, *audio; /* of Track */
  guint n_groups;
  GArray *variants;   /* of MgHlsVariant */
  GArray *renditions; /* of MgHlsRendition */
  GArray *iframes;    /* of MgHlsVariant */
  GStringChunk *strings;
} Draft;

/* --- tracks ------------------------------------------------------------------------------------ */

static void
clear_track(gpointer data)
{
  Track *track = data;
  g_free(track->uri);
  g_free(track->iframes);
}

static guint
count_qualities(const Draft *d, const MgStream *stream)
{
  guint n = 0;
  for (guint i = 0; i < d->audio->len; i++)
    n += g_str_equal(mg_stream_source(g_array_index(d->audio, Track, i).newest->stream),
                     mg_stream_source(stream));
  return n;
}

/* Every group has all sources (4.4.6.1.1): those with fewer qualities are in several with their last. */
static gboolean
is_in_group(const Draft *d, const Track *audio, guint group)
{
  return audio->quality == MIN(group, count_qualities(d, audio->newest->stream) - 1);
}

static void
gather_tracks(Draft *d, MgWindow *window)
{
  for (guint t = 0; t < mg_window_n_tracks(window); t++) {
    const MgSegment *newest = mg_window_newest(window, t);
    if (newest == NULL)
      continue;
    const MgStreamInfo *info = mg_stream_info(newest->stream);
    gboolean is_audio = info->media == MG_MEDIA_AUDIO;
    gboolean has_iframes = (d->options->iframes & 1u << t) != 0;
    Track track = { newest, info, media_name(info->id),
                    has_iframes ? media_iframes_name(info->id) : NULL,
                    is_audio ? count_qualities(d, newest->stream) : 0 };
    g_array_append_val(is_audio ? d->audio : d->video, track);
    d->n_groups = MAX(d->n_groups, is_audio ? track.quality + 1 : 0);
  }
}

/* --- codecs ------------------------------------------------------------------------------------ */

static void
add_codec(GString *codecs, const char *codec)
{
  g_auto(GStrv) known = g_strsplit(codecs->str, ",", -1);
  if (g_strv_contains((const char *const *) known, codec))
    return;
  if (codecs->len > 0)
    g_string_append_c(codecs, ',');
  g_string_append(codecs, codec);
}

/* What a variant may need: its own codec and those of all members of its group. */
static const char *
codecs_of(Draft *d, const Track *track, gint group)
{
  g_autoptr(GString) codecs = g_string_new(track->info->codecs);
  for (guint i = 0; i < d->audio->len; i++) {
    const Track *audio = &g_array_index(d->audio, Track, i);
    if (group >= 0 && is_in_group(d, audio, (guint) group))
      add_codec(codecs, audio->info->codecs);
  }
  return g_string_chunk_insert(d->strings, codecs->str);
}

/* --- variants ---------------------------------------------------------------------------------- */

static const char *
group_name(Draft *d, guint group)
{
  g_autofree char *name = group == 0 ? g_strdup("audio") : g_strdup_printf("audio-%u", group + 1);
  return g_string_chunk_insert_const(d->strings, name);
}

/* The rates of the most demanding member of a group. */
static void
add_group_rates(const Draft *d, guint group, MgHlsVariant *variant)
{
  guint64 most = 0, most_average = 0;
  for (guint i = 0; i < d->audio->len; i++) {
    const Track *audio = &g_array_index(d->audio, Track, i);
    if (!is_in_group(d, audio, group))
      continue;
    most = MAX(most, audio->newest->bandwidth);
    most_average = MAX(most_average, audio->newest->average_bandwidth);
  }
  variant->bandwidth += most;
  variant->average_bandwidth += most_average;
}

/* What is not said is SDR (RFC 8216bis clause 4.4.6.2). */
static MgHlsRange
range_of(const MgStreamInfo *info)
{
  enum { PQ = 16, HLG = 18 }; /* H.273 */
  if (info->colour.transfer == PQ)
    return MG_HLS_RANGE_PQ;
  return info->colour.transfer == HLG ? MG_HLS_RANGE_HLG : MG_HLS_RANGE_UNKNOWN;
}

/* Transport streams need more than the chunks they are made of, the more so the less is in them. */
static guint64
with_overhead(const Draft *d, guint64 rate)
{
  enum { PERCENT = 6, BITS_PER_SECOND = 20000 };
  return d->options->is_muxed && rate > 0 ? rate + rate * PERCENT / 100 + BITS_PER_SECOND : rate;
}

static void
finish_variant(Draft *d, gint group, MgHlsVariant *variant)
{
  if (group >= 0) {
    variant->audio_group = d->options->is_muxed ? NULL : group_name(d, (guint) group);
    add_group_rates(d, (guint) group, variant);
  }
  variant->bandwidth = with_overhead(d, variant->bandwidth);
  variant->average_bandwidth =
      d->options->has_averages ? with_overhead(d, variant->average_bandwidth) : 0;
  g_array_append_val(d->variants, *variant);
}

static void
add_variant(Draft *d, const Track *track, gint group)
{
  const MgStreamInfo *info = track->info;
  MgFraction rate = track->newest->frame_rate;
  MgHlsVariant variant = {
    .uri = track->uri,
    .bandwidth = track->newest->bandwidth,
    .average_bandwidth = track->newest->average_bandwidth,
    .codecs = codecs_of(d, track, group),
    .width = info->width,
    .height = info->height,
    .frame_rate = { rate.num, rate.den },
    .range = range_of(info),
    .has_no_captions = info->media == MG_MEDIA_VIDEO,
  };
  finish_variant(d, group, &variant);
}

/* Whoever has too little bandwidth for any picture can go on listening. */
static void
add_audio_only(Draft *d)
{
  const Track *audio = &g_array_index(d->audio, Track, 0);
  MgHlsVariant variant = {
    .uri = audio->uri,
    .codecs = codecs_of(d, audio, 0),
  };
  finish_variant(d, 0, &variant);
}

/* A key frame has less than the segment that it begins, in the same time. */
static void
add_iframes(Draft *d, const Track *track)
{
  const MgHlsVariant variant = {
    .uri = track->iframes,
    .bandwidth = track->newest->bandwidth,
    .codecs = track->info->codecs,
    .width = track->info->width,
    .height = track->info->height,
    .range = range_of(track->info),
  };
  if (track->iframes != NULL)
    g_array_append_val(d->iframes, variant);
}

static void
add_renditions(Draft *d, guint group)
{
  gboolean is_first = TRUE;
  for (guint i = 0; i < d->audio->len; i++) {
    const Track *audio = &g_array_index(d->audio, Track, i);
    if (!is_in_group(d, audio, group))
      continue;
    MgHlsRendition rendition = {
      .group = group_name(d, group),
      .name = mg_stream_source(audio->newest->stream),
      .language = audio->info->language,
      .uri = audio->uri,
      .channels = audio->info->channels,
      .is_default = is_first,
      .is_autoselect = TRUE,
    };
    g_array_append_val(d->renditions, rendition);
    is_first = FALSE;
  }
}

static void
draft_with_video(Draft *d)
{
  if (d->options->is_muxed)
    d->n_groups = MIN(d->n_groups, 1);
  for (guint g = 0; g < d->n_groups && !d->options->is_muxed; g++)
    add_renditions(d, g);
  for (guint g = 0; g < MAX(d->n_groups, 1); g++)
    for (guint i = 0; i < d->video->len; i++)
      add_variant(d, &g_array_index(d->video, Track, i), d->n_groups > 0 ? (gint) g : -1);
  if (d->options->has_audio_only && d->audio->len > 0)
    add_audio_only(d);
  for (guint i = 0; i < d->video->len; i++)
    add_iframes(d, &g_array_index(d->video, Track, i));
}

static void
draft_audio_alone(Draft *d)
{
  for (guint i = 0; i < d->audio->len; i++)
    add_variant(d, &g_array_index(d->audio, Track, i), -1);
}

static GArray *
new_tracks(void)
{
  GArray *tracks = g_array_new(FALSE, FALSE, sizeof(Track));
  g_array_set_clear_func(tracks, clear_track);
  return tracks;
}

void
multivariant_write(MgWindow *window, const MultivariantOptions *options, MgWriter *w)
{
  g_autoptr(GArray) video = new_tracks(), audio = new_tracks();
  g_autoptr(GArray) variants = g_array_new(FALSE, FALSE, sizeof(MgHlsVariant));
  g_autoptr(GArray) renditions = g_array_new(FALSE, FALSE, sizeof(MgHlsRendition));
  g_autoptr(GArray) iframes = g_array_new(FALSE, FALSE, sizeof(MgHlsVariant));
  Draft d = {
    .options = options,
    .video = video,
    .audio = audio,
    .variants = variants,
    .renditions = renditions,
    .iframes = iframes,
    .strings = g_string_chunk_new(256),
  };
  gather_tracks(&d, window);
  if (video->len > 0)
    draft_with_video(&d);
  else
    draft_audio_alone(&d);
  const MgHlsMultivariant multivariant = {
    .is_independent = options->is_independent,
    .renditions = (const MgHlsRendition *) (gconstpointer) renditions->data,
    .n_renditions = renditions->len,
    .variants = (const MgHlsVariant *) (gconstpointer) variants->data,
    .n_variants = variants->len,
    .iframes = (const MgHlsVariant *) (gconstpointer) iframes->data,
    .n_iframes = iframes->len,
  };
  mg_hls_multivariant_write(&multivariant, w);
  g_string_chunk_free(d.strings);
}
