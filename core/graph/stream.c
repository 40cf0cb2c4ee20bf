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

static gboolean
same_data(const MgData *a, const MgData *b)
{
  if (a == b || a == NULL || b == NULL)
    return a == b;
  return a->size == b->size && memcmp(a->bytes, b->bytes, a->size) == 0;
}

gboolean
mg_stream_same_parameters(const MgStream *a, const MgStream *b)
{
  const MgStreamInfo *p = &a->info, *q = &b->info;
  return p->media == q->media && p->form == q->form && p->codec == q->codec &&
         p->width == q->width && p->height == q->height && p->sample_rate == q->sample_rate &&
         p->channels == q->channels && same_data(p->config, q->config) &&
         same_data(p->init, q->init);
}

static void
append_codec(GString *text, MgCodec codec)
{
  if (codec == MG_CODEC_H264)
    g_string_append(text, "H.264");
  else if (codec == MG_CODEC_AAC)
    g_string_append(text, "AAC");
  else
    for (gint shift = 24; shift >= 0; shift -= 8) {
      char c = (char) (codec >> shift);
      g_string_append_c(text, g_ascii_isprint(c) ? c : '?');
    }
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
  GString *text = g_string_new(NULL);
  append_codec(text, info->codec);
  if (info->width > 0)
    g_string_append_printf(text, " %ux%u", info->width, info->height);
  if (info->frame_rate.den > 0)
    append_scaled(text, (guint64) info->frame_rate.num * 100 / info->frame_rate.den, 100, " fps");
  if (info->sample_rate > 0)
    append_scaled(text, info->sample_rate / 10, 100, " kHz");
  append_channels(text, info->channels);
  return g_string_free(text, FALSE);
}
