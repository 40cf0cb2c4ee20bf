/*
 * Encoder, segment-cmaf, out-hls and out-dash in a row, on the fake clock: plays one of the scenarios below
 * and records what a viewer would have fetched, for tests/checkers to judge.
 *
 *   chain SCENARIO DIR
 *
 * DIR gets log.jsonl and bodies/, as tests/checkers/fetch.py writes and reads them. Each manifest is
 * "fetched" a quarter of a second after it was put at the latest, and each file once, when a manifest
 * names it.
 */
#include "doubles/fake-chunks.h"
#include "doubles/fake-http.h"
#include "out-dash/node.h"
#include "out-hls/node.h"
#include "unit/segment-cmaf/cutter.h"

#include <glib/gstdio.h>
#include <string.h>

#define STEP 0.25

enum { VIDEO, AUDIO, LOW, N_TRACKS };

/* One output in its own harness. */
typedef struct {
  MgHarness *harness;
  MgPort *ports[N_TRACKS];
  MgStream *declared[N_TRACKS]; /* last */
} Output;

typedef struct {
  Cutter cutter;
  MgStream *low_stream; /* a second rendition of the video; NULL: none */
  MgPort *low;
  guint64 next_low;
  GPtrArray *low_chunks; /* of MgBuffer * */
  MgHttp *http;
  Output outputs[2];
  guint n_given[N_TRACKS]; /* chunks that the outputs have had */
  char *dir;
  FILE *log;
  GPtrArray *files; /* of char *: put, and not recorded yet */
  GHashTable *recorded;
} Chain;

/* --- the recording ------------------------------------------------------------------------------- */

static const char *
purpose_of(const char *path)
{
  if (g_str_has_suffix(path, "/index.m3u8"))
    return "multivariant";
  if (g_str_has_suffix(path, ".m3u8"))
    return "media";
  if (g_str_has_suffix(path, ".mpd"))
    return "mpd";
  return strstr(path, "-init-") != NULL ? "init" : "segment";
}

static gboolean
is_manifest(const char *path)
{
  return g_str_has_suffix(path, ".m3u8") || g_str_has_suffix(path, ".mpd");
}

static void
record(Chain *chain, const char *path)
{
  gsize size;
  const char *bytes = mg_fake_http_peek(chain->http, path, &size);
  const char *about = mg_fake_http_about(chain->http, path);
  if (bytes == NULL)
    return;
  g_autofree char *digest =
      g_compute_checksum_for_data(G_CHECKSUM_SHA1, (const guint8 *) bytes, size);
  g_autofree char *body = g_build_filename(chain->dir, "bodies", digest, NULL);
  g_assert_true(g_file_set_contents(body, bytes, (gssize) size, NULL));
  const char *cache = is_manifest(path) ? "max-age=2" : "max-age=31536000, immutable";
  gdouble now = (gdouble) mg_utc_now_us() / G_USEC_PER_SEC;
  fprintf(
      chain->log,
      "{\"purpose\": \"%s\", \"uri\": \"http://test:8080%s\", \"method\": \"GET\", \"sent\": {}, "
      "\"started\": %.6f, \"time\": %.6f, \"status\": 200, \"error\": \"\", \"headers\": "
      "{\"content-type\": \"%s\", \"cache-control\": \"%s\", \"etag\": \"\\\"%s\\\"\", "
      "\"access-control-allow-origin\": \"*\"}, \"body\": \"%s\"}\n",
      purpose_of(path), path, now, now, strchr(about, ',') ? strrchr(about, ' ') + 1 : "", cache,
      digest, digest);
}

static gint
inits_first(gconstpointer a, gconstpointer b)
{
  const char *p = *(char *const *) a, *q = *(char *const *) b;
  return strcmp(purpose_of(p), purpose_of(q));
}

static void
record_files(Chain *chain)
{
  g_ptr_array_sort(chain->files, inits_first);
  for (guint i = 0; i < chain->files->len; i++) {
    const char *path = g_ptr_array_index(chain->files, i);
    if (g_hash_table_add(chain->recorded, g_strdup(path)))
      record(chain, path);
  }
  g_ptr_array_set_size(chain->files, 0);
}

/* Manifests that have changed, the multivariant playlist first, then the files. */
static void
poll(Chain *chain)
{
  g_autofree char *log = mg_fake_http_log(chain->http);
  g_auto(GStrv) lines = g_strsplit(log, "\n", -1);
  g_autoptr(GHashTable) manifests = g_hash_table_new(g_str_hash, g_str_equal);
  for (guint i = 0; lines[i] != NULL; i++) {
    if (!g_str_has_prefix(lines[i], "put "))
      continue;
    if (is_manifest(lines[i] + 4))
      g_hash_table_add(manifests, lines[i] + 4);
    else
      g_ptr_array_add(chain->files, g_strdup(lines[i] + 4));
  }
  g_autoptr(GList) names = g_list_sort(g_hash_table_get_keys(manifests), (GCompareFunc) strcmp);
  for (GList *l = names; l != NULL; l = l->next)
    if (g_str_equal(purpose_of(l->data), "multivariant"))
      record(chain, l->data);
  for (GList *l = names; l != NULL; l = l->next)
    if (!g_str_equal(purpose_of(l->data), "multivariant"))
      record(chain, l->data);
  if (names != NULL)
    record_files(chain);
}

/* --- the chain ----------------------------------------------------------------------------------- */

static void
give(MgHarness *harness, MgPort **port, MgStream **declared, MgBuffer *chunk)
{
  g_autoptr(GError) error = NULL;
  if (*declared != chunk->stream) {
    *port = mg_harness_stream(harness, chunk->stream, &error);
    *declared = chunk->stream;
  }
  g_assert_no_error(error);
  mg_harness_push(harness, *port, mg_buffer_ref(chunk), &error);
  g_assert_no_error(error);
}

static void
give_all(Chain *chain, MgBuffer *chunk, guint track)
{
  for (guint i = 0; i < G_N_ELEMENTS(chain->outputs); i++) {
    Output *o = &chain->outputs[i];
    give(o->harness, &o->ports[track], &o->declared[track], chunk);
  }
}

/* The chunk of TRACK that the outputs have not had; NULL: none. */
static MgBuffer *
next_chunk(Chain *chain, guint track)
{
  GPtrArray *chunks[] = { chain->cutter.video_chunks, chain->cutter.audio_chunks,
                          chain->low_chunks };
  guint index = chain->n_given[track];
  return index < chunks[track]->len ? g_ptr_array_index(chunks[track], index) : NULL;
}

/* What the segmenter has made since, in the order of arrival. */
static void
feed(Chain *chain)
{
  for (MgBuffer *chunk; (chunk = mg_harness_pull(chain->cutter.harness, "low")) != NULL;)
    g_ptr_array_add(chain->low_chunks, chunk);
  for (;;) {
    gint first = -1;
    for (guint t = 0; t < N_TRACKS; t++) {
      const MgBuffer *chunk = next_chunk(chain, t);
      if (chunk && (first < 0 || chunk->arrival < next_chunk(chain, (guint) first)->arrival))
        first = (gint) t;
    }
    if (first < 0)
      break;
    give_all(chain, next_chunk(chain, (guint) first), (guint) first);
    chain->n_given[first]++;
  }
  poll(chain);
}

/* What an encoder of several renditions sends: the same frames at the same times. */
static void
send_low(Chain *chain, gdouble until)
{
  const VideoModel *model = &chain->cutter.video_model;
  MgTime end = (MgTime) (until * MG_SECOND);
  g_autoptr(GError) error = NULL;
  while (chain->low_stream != NULL && encoder_video_dts(model, chain->next_low) < end) {
    MgBuffer *packet = encoder_video_packet(model, chain->low_stream, chain->next_low++);
    mg_harness_push(chain->cutter.harness, chain->low, packet, &error);
    g_assert_no_error(error);
  }
}

static void
run(Chain *chain, gdouble until)
{
  for (gdouble t = (gdouble) chain->cutter.clock / MG_SECOND; t < until; t += STEP) {
    cutter_run(&chain->cutter, MIN(t + STEP, until));
    send_low(chain, MIN(t + STEP, until));
    feed(chain);
  }
}

static void
reconnect(Chain *chain, gdouble after)
{
  cutter_reconnect(&chain->cutter, after);
  feed(chain);
  for (guint i = 0; i < G_N_ELEMENTS(chain->outputs); i++)
    mg_harness_pause(chain->outputs[i].harness);
  poll(chain);
}

static void
restart(Chain *chain)
{
  cutter_restart(&chain->cutter);
  for (guint i = 0; i < G_N_ELEMENTS(chain->outputs); i++) {
    g_autoptr(GError) error = NULL;
    g_assert_true(mg_harness_reopen(chain->outputs[i].harness, &error));
    g_assert_no_error(error);
  }
}

static void
finish(Chain *chain)
{
  cutter_drain(&chain->cutter);
  feed(chain);
  for (guint i = 0; i < G_N_ELEMENTS(chain->outputs); i++)
    mg_harness_drain(chain->outputs[i].harness);
  poll(chain);
}

/* --- scenarios ----------------------------------------------------------------------------------- */

static void
plain(Chain *chain)
{
  run(chain, 40);
  finish(chain);
}

static void
set_obs_like(Chain *chain)
{
  Cutter *c = &chain->cutter;
  c->video_model =
      (VideoModel){ .fps_num = 30000, .fps_den = 1001, .gop = 60, .b_frames = 2, .is_ms = TRUE };
  c->audio_model.is_ms = TRUE;
}

static void
obs_like(Chain *chain)
{
  set_obs_like(chain);
  run(chain, 300);
  finish(chain);
}

static void
reconnects(Chain *chain)
{
  set_obs_like(chain);
  run(chain, 15);
  reconnect(chain, 5);
  run(chain, 40);
  reconnect(chain, 0);
  run(chain, 75);
  finish(chain);
}

static void
restarts(Chain *chain)
{
  set_obs_like(chain);
  run(chain, 33);
  restart(chain);
  run(chain, 45);
  restart(chain);
  run(chain, 80);
  finish(chain);
}

static void
audio_alone(Chain *chain)
{
  chain->cutter.has_no_video = TRUE;
  chain->cutter.audio_model = (AudioModel){ .rate = 44100, .frame_samples = 1024, .is_ms = TRUE };
  run(chain, 60);
  finish(chain);
}

static void
video_alone(Chain *chain)
{
  chain->cutter.audio_model.rate = 0;
  run(chain, 40);
  finish(chain);
}

static void
he_aac(Chain *chain)
{
  chain->cutter.audio_model = (AudioModel){ .rate = 48000, .frame_samples = 2048, .is_ms = TRUE };
  run(chain, 60);
  finish(chain);
}

static void
late_audio(Chain *chain)
{
  chain->cutter.audio_model.rate = 0;
  run(chain, 21.3);
  chain->cutter.audio_model.rate = 48000;
  cutter_skip_audio(&chain->cutter, 21.3);
  run(chain, 60);
  finish(chain);
}

static void
late_video(Chain *chain)
{
  chain->cutter.has_no_video = TRUE;
  run(chain, 21.3);
  chain->cutter.has_no_video = FALSE;
  cutter_skip_video(&chain->cutter, 21.3);
  run(chain, 60);
  finish(chain);
}

static void
silent_audio(Chain *chain)
{
  run(chain, 22);
  cutter_skip_audio(&chain->cutter, 37);
  run(chain, 80);
  finish(chain);
}

static void
frozen_video(Chain *chain)
{
  run(chain, 22);
  cutter_skip_video(&chain->cutter, 37.3);
  run(chain, 80);
  finish(chain);
}

static void
small_holes(Chain *chain)
{
  set_obs_like(chain);
  for (gdouble t = 3.9; t < 60; t += 7.7) {
    run(chain, t);
    cutter_skip_video(&chain->cutter, t + 0.4);
    run(chain, t + 2.2);
    cutter_skip_audio(&chain->cutter, t + 2.6);
  }
  run(chain, 70);
  finish(chain);
}

static void
new_parameters(Chain *chain)
{
  Cutter *c = &chain->cutter;
  g_autoptr(GError) error = NULL;
  run(chain, 21);
  mg_stream_unref(c->video_stream);
  c->video_stream = encoder_video(TRUE);
  mg_harness_stream(c->harness, c->video_stream, &error);
  g_assert_no_error(error);
  run(chain, 60);
  finish(chain);
}

/* Far enough off for long enough that media is led back to the clock. */
static void
drift(Chain *chain, gint ppm)
{
  set_obs_like(chain);
  chain->cutter.drift_ppm = ppm;
  run(chain, 560);
  finish(chain);
}

static void
slow_encoder(Chain *chain)
{
  drift(chain, 490);
}

static void
fast_encoder(Chain *chain)
{
  drift(chain, -490);
}

static void
call_it_low(MgStreamInfo *info)
{
  info->id = "low";
  info->rendition_of = "video";
}

static void
renditions(Chain *chain)
{
  g_autoptr(MgStream) small = encoder_video(TRUE);
  g_autoptr(GError) error = NULL;
  set_obs_like(chain);
  cutter_run(&chain->cutter, 0); /* declares the others first */
  chain->low_stream = mg_fake_stream_like(small, call_it_low);
  chain->low = mg_harness_stream(chain->cutter.harness, chain->low_stream, &error);
  g_assert_no_error(error);
  run(chain, 60);
  finish(chain);
}

static void
rare_key_frames(Chain *chain)
{
  chain->cutter.video_model.gop = 208;
  run(chain, 60);
  finish(chain);
}

static const struct {
  const char *name;
  void (*play)(Chain *chain);
} scenarios[] = {
  { "plain", plain },
  { "obs-like", obs_like },
  { "reconnects", reconnects },
  { "renditions", renditions },
  { "restarts", restarts },
  { "audio-alone", audio_alone },
  { "video-alone", video_alone },
  { "he-aac", he_aac },
  { "late-audio", late_audio },
  { "late-video", late_video },
  { "silent-audio", silent_audio },
  { "frozen-video", frozen_video },
  { "small-holes", small_holes },
  { "new-parameters", new_parameters },
  { "rare-key-frames", rare_key_frames },
  { "slow-encoder", slow_encoder },
  { "fast-encoder", fast_encoder },
};

/* --- life ---------------------------------------------------------------------------------------- */

static void
init(Chain *chain, const char *dir)
{
  const MgNodeClass *const classes[] = { &out_hls_class, &out_dash_class };
  *chain = (Chain){ .http = mg_fake_http_new(), .dir = g_strdup(dir) };
  cutter_init(&chain->cutter, NULL);
  for (guint i = 0; i < G_N_ELEMENTS(chain->outputs); i++) {
    g_autoptr(GError) error = NULL;
    mg_fake_http_offer(chain->http);
    chain->outputs[i].harness = mg_harness_new(classes[i], NULL, &error);
    g_assert_no_error(error);
  }
  g_autofree char *bodies = g_build_filename(dir, "bodies", NULL);
  g_autofree char *log = g_build_filename(dir, "log.jsonl", NULL);
  g_assert_cmpint(g_mkdir_with_parents(bodies, 0755), ==, 0);
  chain->log = g_fopen(log, "w");
  g_assert_nonnull(chain->log);
  chain->low_chunks = g_ptr_array_new_with_free_func((GDestroyNotify) mg_buffer_unref);
  chain->files = g_ptr_array_new_with_free_func(g_free);
  chain->recorded = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void
clear(Chain *chain)
{
  fclose(chain->log);
  g_ptr_array_unref(chain->low_chunks);
  mg_stream_unref(chain->low_stream);
  g_ptr_array_unref(chain->files);
  g_hash_table_unref(chain->recorded);
  for (guint i = 0; i < G_N_ELEMENTS(chain->outputs); i++)
    mg_harness_free(chain->outputs[i].harness);
  cutter_clear(&chain->cutter);
  mg_fake_http_free(chain->http);
  g_free(chain->dir);
}

int
main(int argc, char **argv)
{
  for (guint i = 0; i < G_N_ELEMENTS(scenarios) && argc == 3; i++) {
    if (!g_str_equal(scenarios[i].name, argv[1]))
      continue;
    Chain chain;
    init(&chain, argv[2]);
    scenarios[i].play(&chain);
    clear(&chain);
    return 0;
  }
  g_printerr("usage: chain SCENARIO DIR\n");
  return 2;
}
