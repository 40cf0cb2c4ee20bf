#include <mediagraph/stream.h>

#include "graph/leaks.h"

#include <string.h>

struct MgStream {
  gint ref_count;
  MgStreamInfo info;
};

MgStream *
mg_stream_new(const MgStreamInfo *info)
{
  g_assert(info->id != NULL && info->media != 0 && info->form != 0);
  MgStream *stream = g_new0(MgStream, 1);
  stream->ref_count = 1;
  MgStreamInfo *mine = &stream->info;
  memcpy(mine, info, MIN(info->size ? info->size : sizeof *info, sizeof *info));
  g_assert(mine->speakers.n <= MG_MOST_SPEAKERS);
  mine->size = sizeof *mine;
  mine->id = g_strdup(mine->id);
  mine->language = g_strdup(mine->language);
  mine->rendition_of = g_strdup(mine->rendition_of);
  mine->codecs = g_strdup(mine->codecs);
  if (mine->config != NULL)
    mg_data_ref(mine->config);
  if (mine->init != NULL)
    mg_data_ref(mine->init);
  mg_leaks_count(MG_LEAKS_STREAMS, 1);
  return stream;
}

MgStream *
mg_stream_ref(MgStream *stream)
{
  g_atomic_int_inc(&stream->ref_count);
  return stream;
}

/* The info that everyone sees is const; the strings in it are ours. */
static void
free_text(const char *text)
{
  g_free((gpointer) (guintptr) text);
}

void
mg_stream_unref(MgStream *stream)
{
  if (stream == NULL || !g_atomic_int_dec_and_test(&stream->ref_count))
    return;
  MgStreamInfo *info = &stream->info;
  free_text(info->id);
  free_text(info->language);
  free_text(info->rendition_of);
  free_text(info->codecs);
  mg_data_unref(info->config);
  mg_data_unref(info->init);
  mg_leaks_count(MG_LEAKS_STREAMS, -1);
  g_free(stream);
}

const MgStreamInfo *
mg_stream_info(const MgStream *stream)
{
  return &stream->info;
}

const char *
mg_stream_source(const MgStream *stream)
{
  const MgStreamInfo *info = &stream->info;
  return info->rendition_of ? info->rendition_of : info->id;
}

static gboolean
same_data(const MgData *a, const MgData *b)
{
  if (a == b || a == NULL || b == NULL)
    return a == b;
  return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

static gboolean
same_speakers(const MgSpeakers *a, const MgSpeakers *b)
{
  return a->n == b->n && memcmp(a->position, b->position, a->n) == 0;
}

gboolean
mg_stream_same_parameters(const MgStream *a, const MgStream *b)
{
  const MgStreamInfo *p = &a->info, *q = &b->info;
  return p->media == q->media && p->form == q->form && p->codec == q->codec &&
         p->width == q->width && p->height == q->height && p->sample_rate == q->sample_rate &&
         p->channels == q->channels && same_speakers(&p->speakers, &q->speakers) &&
         same_data(p->config, q->config) && same_data(p->init, q->init);
}

char *
mg_codec_name(MgCodec codec)
{
  static const struct {
    MgCodec codec;
    const char *name;
  } names[] = {
    { MG_CODEC_H264, "H.264" }, { MG_CODEC_HEVC, "HEVC" },   { MG_CODEC_VVC, "VVC" },
    { MG_CODEC_AV1, "AV1" },    { MG_CODEC_VP8, "VP8" },     { MG_CODEC_VP9, "VP9" },
    { MG_CODEC_AAC, "AAC" },    { MG_CODEC_OPUS, "Opus" },   { MG_CODEC_FLAC, "FLAC" },
    { MG_CODEC_AC3, "AC-3" },   { MG_CODEC_EAC3, "E-AC-3" }, { MG_CODEC_MP3, "MP3" },
  };
  for (guint i = 0; i < G_N_ELEMENTS(names); i++)
    if (names[i].codec == codec)
      return g_strdup(names[i].name);
  char text[5] = { 0 };
  for (guint i = 0; i < 4; i++) {
    char c = (char) (codec >> (24 - 8 * i));
    text[i] = g_ascii_isprint(c) ? c : '?';
  }
  return g_strdup(g_strchomp(text));
}

/* " 29.97 fps" of 2997 hundredths; trailing zeros are left out. */
static void
append_scaled(GString *text, guint64 value, guint scale, const char *unit)
{
  g_string_append_printf(text, " %" G_GUINT64_FORMAT, value / scale);
  for (guint64 rest = value % scale; rest > 0; rest = rest * 10 % scale) {
    if (rest == value % scale)
      g_string_append_c(text, '.');
    g_string_append_printf(text, "%" G_GUINT64_FORMAT, rest * 10 / scale);
  }
  g_string_append(text, unit);
}

/* What sets a picture apart from the usual: its depth, and the transfer functions of HDR (H.273). */
static void
append_range(GString *text, const MgStreamInfo *info)
{
  enum { PQ = 16, HLG = 18 };
  if (info->bit_depth > 8)
    g_string_append_printf(text, " %u bit", info->bit_depth);
  if (info->colour.transfer == PQ)
    g_string_append(text, " PQ");
  else if (info->colour.transfer == HLG)
    g_string_append(text, " HLG");
}

static void
append_channels(GString *text, guint channels)
{
  if (channels == 1)
    g_string_append(text, " mono");
  else if (channels == 2)
    g_string_append(text, " stereo");
  else if (channels > 2)
    g_string_append_printf(text, " %u channels", channels);
}

char *
mg_stream_describe(const MgStream *stream)
{
  const MgStreamInfo *info = &stream->info;
  g_autofree char *codec = mg_codec_name(info->codec);
  GString *text = g_string_new(codec);
  if (info->width > 0)
    g_string_append_printf(text, " %ux%u", info->width, info->height);
  if (info->frame_rate.den > 0)
    append_scaled(text, (guint64) info->frame_rate.num * 100 / info->frame_rate.den, 100, " fps");
  append_range(text, info);
  if (info->sample_rate > 0)
    append_scaled(text, info->sample_rate / 10, 100, " kHz");
  append_channels(text, info->channels);
  return g_string_free(text, FALSE);
}
