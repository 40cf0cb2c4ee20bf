#include "doubles/stage.h"

void
mg_stage_init_with(MgStage *stage, MgHttp *http, const MgNodeClass *node_class,
                   const char *attributes)
{
  g_autoptr(GError) error = NULL;
  *stage = (MgStage){ .http = http };
  mg_fake_http_offer(http);
  stage->harness = mg_harness_new(node_class, attributes, &error);
  g_assert_no_error(error);
  stage->video_stream = mg_fake_video("video");
  stage->audio_stream = mg_fake_audio("audio");
}

void
mg_stage_init(MgStage *stage, const MgNodeClass *node_class, const char *attributes)
{
  mg_stage_init_with(stage, mg_fake_http_new(), node_class, attributes);
  stage->owns_http = TRUE;
}

void
mg_stage_clear(MgStage *stage)
{
  mg_stream_unref(stage->video_stream);
  mg_stream_unref(stage->audio_stream);
  mg_harness_free(stage->harness);
  if (stage->owns_http)
    mg_fake_http_free(stage->http);
}

void
mg_stage_edit(MgStream **stream, void (*edit)(MgStreamInfo *info))
{
  MgStream *edited = mg_fake_stream_like(*stream, edit);
  mg_stream_unref(*stream);
  *stream = edited;
}

void
mg_stage_push(MgStage *stage, MgPort **port, MgStream *stream, const MgFakeChunk *chunk)
{
  g_autoptr(GError) error = NULL;
  if (*port == NULL || mg_port_stream(*port) != stream)
    *port = mg_harness_stream(stage->harness, stream, &error);
  g_assert_no_error(error);
  mg_harness_push(stage->harness, *port, mg_fake_chunk(stream, chunk), &error);
  g_assert_no_error(error);
}

void
mg_stage_video(MgStage *stage, MgFakeChunk chunk)
{
  mg_stage_push(stage, &stage->video, stage->video_stream, &chunk);
}

void
mg_stage_audio(MgStage *stage, MgFakeChunk chunk)
{
  mg_stage_push(stage, &stage->audio, stage->audio_stream, &chunk);
}

void
mg_stage_both(MgStage *stage, MgFakeChunk segment)
{
  guint flags = segment.flags ? segment.flags : MG_CHUNK_INDEPENDENT;
  MgFakeChunk first = segment, second = segment;
  first.duration_ms /= 2;
  first.flags = (flags & ~(guint) MG_CHUNK_ENDS_SEGMENT) | MG_CHUNK_STARTS_SEGMENT;
  second.start_ms += first.duration_ms;
  second.duration_ms -= first.duration_ms;
  second.flags = MG_CHUNK_ENDS_SEGMENT;
  mg_stage_video(stage, first);
  mg_stage_audio(stage, first);
  mg_stage_video(stage, second);
  mg_stage_audio(stage, second);
}

void
mg_stage_nth(MgStage *stage, guint64 n)
{
  mg_stage_both(stage,
                (MgFakeChunk){ .number = n, .start_ms = (gint64) n * 4000, .duration_ms = 4000 });
}

void
mg_stage_pause_and_resume(MgStage *stage, gint64 start_ms, guint n)
{
  mg_stage_both(stage, (MgFakeChunk){ .number = 0, .start_ms = 0, .duration_ms = 1000 });
  mg_harness_pause(stage->harness);
  for (guint i = 0; i < n; i++)
    mg_stage_both(stage,
                  (MgFakeChunk){ .number = 1 + i,
                                 .discontinuity = 1,
                                 .period_start_ms = start_ms,
                                 .start_ms = start_ms + i * 4000,
                                 .duration_ms = 4000,
                                 .flags = MG_CHUNK_INDEPENDENT | (i == 0 ? MG_CHUNK_DISCONT : 0) });
}

void
mg_stage_gap(MgStage *stage, gint64 video_ms)
{
  mg_stage_nth(stage, 0);
  mg_stage_video(stage, (MgFakeChunk){ .number = 1, .start_ms = 4000, .duration_ms = video_ms });
  mg_harness_pause(stage->harness);
  mg_stage_nth(stage, 2);
}

void
mg_stage_with_more(MgStage *stage, MgStream **more, guint n)
{
  static const MgFakeChunk halves[] = {
    { .duration_ms = 2000, .flags = MG_CHUNK_STARTS_SEGMENT | MG_CHUNK_INDEPENDENT },
    { .start_ms = 2000, .duration_ms = 2000, .flags = MG_CHUNK_ENDS_SEGMENT },
  };
  g_autofree MgPort **ports = g_new0(MgPort *, n);
  for (guint half = 0; half < G_N_ELEMENTS(halves); half++) {
    mg_stage_video(stage, halves[half]);
    mg_stage_audio(stage, halves[half]);
    for (guint i = 0; i < n; i++)
      mg_stage_push(stage, &ports[i], more[i], &halves[half]);
  }
  for (guint i = 0; i < n; i++)
    mg_stream_unref(more[i]);
}

char *
mg_stage_get(MgStage *stage, const char *name)
{
  g_autofree char *path = g_strconcat("/live/test/", name, NULL);
  return mg_fake_http_get(stage->http, path);
}

gboolean
mg_stage_has(MgStage *stage, const char *name)
{
  g_autofree char *path = g_strconcat("/live/test/", name, NULL);
  return mg_fake_http_about(stage->http, path) != NULL;
}
