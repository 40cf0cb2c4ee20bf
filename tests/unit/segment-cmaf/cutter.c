#include "cutter.h"

#include "segment-cmaf/node.h"
#include "verify.h"

#include <glib/gstdio.h>

/* --- life -------------------------------------------------------------------------------------- */

void
cutter_init_with_state(Cutter *c, char *state_dir, const char *attributes)
{
  g_autoptr(GError) error = NULL;
  *c = (Cutter){ .state_dir = state_dir };
  mg_harness_use_state_dir(state_dir);
  c->harness = mg_harness_new(&segment_cmaf_class, attributes, &error);
  g_assert_no_error(error);
  c->video_model = (VideoModel){ .fps_num = 25, .fps_den = 1, .gop = 25 };
  c->audio_model = (AudioModel){ .rate = 48000, .frame_samples = 1024 };
  c->video_chunks = g_ptr_array_new_with_free_func((GDestroyNotify) mg_buffer_unref);
  c->audio_chunks = g_ptr_array_new_with_free_func((GDestroyNotify) mg_buffer_unref);
}

void
cutter_init(Cutter *c, const char *attributes)
{
  cutter_init_with_state(c, g_dir_make_tmp("mediagraph-segment-XXXXXX", NULL), attributes);
}

void
cutter_init_without_state(Cutter *c, const char *attributes)
{
  cutter_init_with_state(c, NULL, attributes);
}

static void
remove_state(Cutter *c)
{
  if (c->state_dir == NULL)
    return;
  g_autofree char *journal = g_build_filename(c->state_dir, "segment-cmaf.journal", NULL);
  g_remove(journal);
  g_assert_cmpint(g_rmdir(c->state_dir), ==, 0);
  g_free(c->state_dir);
}

void
cutter_clear(Cutter *c)
{
  verify(c);
  g_ptr_array_unref(c->video_chunks);
  g_ptr_array_unref(c->audio_chunks);
  mg_stream_unref(c->video_stream);
  mg_stream_unref(c->audio_stream);
  mg_harness_free(c->harness);
  remove_state(c);
}

/* --- sending ----------------------------------------------------------------------------------- */

static void
collect(Cutter *c)
{
  MgBuffer *chunk;
  while ((chunk = mg_harness_pull(c->harness, "video")) != NULL)
    g_ptr_array_add(c->video_chunks, chunk);
  while ((chunk = mg_harness_pull(c->harness, "audio")) != NULL)
    g_ptr_array_add(c->audio_chunks, chunk);
}

static void
move_clock(Cutter *c, MgTime to)
{
  MgTime step = to - c->clock;
  if (step > 0)
    mg_harness_advance(c->harness, step + step * c->drift_ppm / 1000000);
  c->clock = MAX(c->clock, to);
}

static void
declare(Cutter *c)
{
  g_autoptr(GError) error = NULL;
  if (!c->has_no_video && c->video == NULL) {
    if (c->video_stream == NULL)
      c->video_stream = encoder_video(FALSE);
    c->video = mg_harness_stream(c->harness, c->video_stream, &error);
  }
  if (c->audio_model.rate > 0 && c->audio == NULL) {
    if (c->audio_stream == NULL)
      c->audio_stream = encoder_audio(&c->audio_model);
    c->audio = mg_harness_stream(c->harness, c->audio_stream, &error);
  }
  g_assert_no_error(error);
}

static void
send(Cutter *c, MgPort *port, MgMedia media, MgBuffer *packet)
{
  g_autoptr(GError) error = NULL;
  if (c->discont & media)
    packet->flags |= MG_BUFFER_DISCONT;
  c->discont &= ~(guint) media;
  mg_harness_push(c->harness, port, packet, &error);
  g_assert_no_error(error);
  collect(c);
}

static void
send_frame(Cutter *c)
{
  guint64 n = c->next_frame++;
  move_clock(c, encoder_video_dts(&c->video_model, n));
  send(c, c->video, MG_MEDIA_VIDEO, encoder_video_packet(&c->video_model, c->video_stream, n));
}

static void
send_audio(Cutter *c)
{
  guint64 n = c->next_audio++;
  move_clock(c, encoder_audio_pts(&c->audio_model, n));
  send(c, c->audio, MG_MEDIA_AUDIO, encoder_audio_packet(&c->audio_model, c->audio_stream, n));
}

static MgTime
next_video_time(Cutter *c)
{
  return c->video ? encoder_video_dts(&c->video_model, c->next_frame) : G_MAXINT64;
}

static MgTime
next_audio_time(Cutter *c)
{
  return c->audio ? encoder_audio_pts(&c->audio_model, c->next_audio) : G_MAXINT64;
}

static MgTime
to_time(gdouble seconds)
{
  return (MgTime) (seconds * MG_SECOND);
}

void
cutter_run(Cutter *c, gdouble until)
{
  declare(c);
  MgTime end = to_time(until);
  while (MIN(next_video_time(c), next_audio_time(c)) < end) {
    if (next_video_time(c) <= next_audio_time(c))
      send_frame(c);
    else
      send_audio(c);
  }
  verify(c);
}

void
cutter_skip_video(Cutter *c, gdouble until)
{
  while (encoder_video_dts(&c->video_model, c->next_frame) < to_time(until))
    c->next_frame++;
}

void
cutter_skip_audio(Cutter *c, gdouble until)
{
  while (encoder_audio_pts(&c->audio_model, c->next_audio) < to_time(until))
    c->next_audio++;
}

void
cutter_skip(Cutter *c, gdouble until)
{
  cutter_skip_video(c, until);
  if (c->audio_model.rate > 0)
    cutter_skip_audio(c, until);
}

/* --- what happens to it ------------------------------------------------------------------------ */

/* The encoder starts over: its first frame, in the session's time. */
static void
begin_again(Cutter *c, MgTime at)
{
  c->video_model.begin = c->audio_model.begin = at;
  c->next_frame = c->next_audio = 0;
  c->discont = MG_MEDIA_ANY;
}

void
cutter_reconnect(Cutter *c, gdouble after)
{
  mg_harness_pause(c->harness);
  collect(c);
  begin_again(c, c->clock + to_time(after));
}

void
cutter_restart(Cutter *c)
{
  g_autoptr(GError) error = NULL;
  g_assert_true(mg_harness_reopen(c->harness, &error));
  g_assert_no_error(error);
  collect(c);
  c->has_restarted = TRUE;
  begin_again(c, c->clock);
}

void
cutter_drain(Cutter *c)
{
  mg_harness_drain(c->harness);
  collect(c);
  c->is_drained = TRUE;
  verify(c);
}

/* --- looking ----------------------------------------------------------------------------------- */

typedef struct {
  const MgChunk *first, *last;
  gint64 duration;
  guint32 timescale;
} Span;

static void
append_span(GString *text, const Span *span, const MgChunk *before)
{
  const MgChunk *chunk = span->first;
  gboolean is_discont = before ? before->discontinuity != chunk->discontinuity
                               : (chunk->flags & MG_CHUNK_DISCONT) != 0;
  g_string_append_printf(
      text, "%s%" G_GUINT64_FORMAT "%s%s: %.3f %.3f%s", text->len > 0 ? ", " : "", chunk->segment,
      is_discont ? "!" : "", chunk->flags & MG_CHUNK_FORCED_CUT ? "~" : "",
      (gdouble) chunk->start / span->timescale, (gdouble) span->duration / span->timescale,
      span->last->flags & MG_CHUNK_ENDS_SEGMENT ? "" : "…");
}

char *
cutter_segments(Cutter *c, MgMedia media)
{
  GPtrArray *chunks = media == MG_MEDIA_VIDEO ? c->video_chunks : c->audio_chunks;
  GString *text = g_string_new(NULL);
  const MgChunk *before = NULL;
  Span span = { 0 };
  for (guint i = 0; i < chunks->len; i++) {
    const MgBuffer *buffer = g_ptr_array_index(chunks, i);
    if (span.first != NULL && buffer->chunk->segment != span.first->segment) {
      append_span(text, &span, before);
      before = span.first;
      span = (Span){ 0 };
    }
    if (span.first == NULL)
      span.first = buffer->chunk;
    span.last = buffer->chunk;
    span.duration += buffer->chunk->duration;
    span.timescale = mg_stream_info(buffer->stream)->timescale;
  }
  if (span.first != NULL)
    append_span(text, &span, before);
  return g_string_free(text, FALSE);
}
