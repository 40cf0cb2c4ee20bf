#include "ts.h"

#include <cmaf/reader.h>
#include <mpegts/mux.h>

/* Of sound, so much goes into one PES packet: each has a head of its own. */
#define PES_TICKS (MG_TS_STAMP_RATE / 10)

enum { MOST_TRACKS = 2, MOST_UNITS = 16 };

/* One track of what is to be made: references. */
typedef struct {
  MgStream *stream;
  GPtrArray *chunks; /* of MgBuffer *; NULL: it has none here, but at other times */
} Ingredient;

typedef struct {
  guint n;
  Ingredient tracks[MOST_TRACKS];
} Recipe;

/* The samples of one track, and how many have been written. */
typedef struct {
  gboolean is_sound;
  guint8 *bytes;  /* of all chunks: pieces point into it */
  GArray *units;  /* of MgTsUnit */
  GArray *pieces; /* of MgTsPiece, one for each */
  guint n_written;
} Line;

/* --- samples ----------------------------------------------------------------------------------- */

static gint64
to_90k(gint64 ticks, guint timescale)
{
  return (gint64) ((__int128) ticks * MG_TS_STAMP_RATE / timescale);
}

static gsize
size_of(const GPtrArray *chunks)
{
  gsize size = 0;
  for (guint i = 0; i < chunks->len; i++)
    size += ((const MgBuffer *) g_ptr_array_index(chunks, i))->size;
  return size;
}

/* Returned-owned: the bytes of all chunks, or NULL when there is no memory. */
static guint8 *
flatten(const GPtrArray *chunks, gsize size)
{
  guint8 *bytes = g_try_malloc(size);
  gsize at = 0;
  for (guint i = 0; bytes != NULL && i < chunks->len; i++)
    at += mg_buffer_copy_out(g_ptr_array_index(chunks, i), bytes + at, size - at);
  return bytes;
}

static void
add_chunk(Line *line, guint timescale, MgCmafChunkRead *chunk)
{
  MgCmafSampleRead sample;
  while (mg_cmaf_sample_next(chunk, &sample)) {
    const MgTsPiece piece = { sample.data, sample.size };
    const MgTsUnit unit = {
      .n_pieces = 1,
      .pts = to_90k(sample.pts, timescale),
      .dts = to_90k((gint64) sample.dts, timescale),
      .is_key = sample.flags == MG_CMAF_SYNC,
    };
    g_array_append_val(line->pieces, piece);
    g_array_append_val(line->units, unit);
  }
}

/* Pieces have come to lie where they stay. */
static void
join(Line *line)
{
  for (guint i = 0; i < line->units->len; i++)
    g_array_index(line->units, MgTsUnit, i).pieces = &g_array_index(line->pieces, MgTsPiece, i);
}

/* FALSE: a chunk cannot be read, or there is no memory. */
static gboolean
fill_line(Line *line, const Ingredient *track)
{
  const MgStreamInfo *info = mg_stream_info(track->stream);
  gsize size = track->chunks != NULL ? size_of(track->chunks) : 0;
  MgCmafReadResult result = MG_CMAF_READ_END;
  MgCmafChunkRead chunk;
  line->is_sound = info->media == MG_MEDIA_AUDIO;
  line->units = g_array_new(FALSE, FALSE, sizeof(MgTsUnit));
  line->pieces = g_array_new(FALSE, FALSE, sizeof(MgTsPiece));
  if (size == 0)
    return TRUE;
  line->bytes = flatten(track->chunks, size);
  if (line->bytes == NULL)
    return FALSE;
  MgReader r = MG_READER(line->bytes, size);
  while ((result = mg_cmaf_chunk_read(&r, NULL, &chunk, NULL)) == MG_CMAF_READ_CHUNK)
    add_chunk(line, info->timescale, &chunk);
  join(line);
  return result == MG_CMAF_READ_END;
}

static void
clear_line(Line *line)
{
  g_clear_pointer(&line->units, g_array_unref);
  g_clear_pointer(&line->pieces, g_array_unref);
  g_free(line->bytes);
}

/* --- the transport stream ---------------------------------------------------------------------- */

static const MgTsUnit *
next_of(const Line *line)
{
  return line->n_written < line->units->len ? &g_array_index(line->units, MgTsUnit, line->n_written)
                                            : NULL;
}

/* The line whose next unit is decoded first; of two at a time, the first. N: all have been written. */
static guint
next_line(const Line *lines, guint n)
{
  guint first = n;
  for (guint i = 0; i < n; i++) {
    const MgTsUnit *unit = next_of(&lines[i]);
    if (unit != NULL && (first == n || unit->dts < next_of(&lines[first])->dts))
      first = i;
  }
  return first;
}

/* How many units of LINE go into the next PES packet. */
static guint
count_units(const Line *line)
{
  const MgTsUnit *units = next_of(line);
  guint most = line->is_sound ? MIN(line->units->len - line->n_written, MOST_UNITS) : 1;
  guint n = 1;
  while (n < most && units[n].dts - units[0].dts < PES_TICKS)
    n++;
  return n;
}

static gboolean
write_all(MgTsMux *mux, Line *lines, guint n, MgWriter *out)
{
  /* Whoever made the segment before is not known: counters and clock begin anew. */
  mg_ts_mux_begin(mux, TRUE);
  for (guint i = next_line(lines, n); i < n; i = next_line(lines, n)) {
    guint n_units = count_units(&lines[i]);
    if (!mg_ts_mux_write(mux, i, next_of(&lines[i]), n_units, out, NULL))
      return FALSE;
    lines[i].n_written += n_units;
  }
  return TRUE;
}

static MgTsTrack
describe(const MgStream *stream)
{
  const MgStreamInfo *info = mg_stream_info(stream);
  return (MgTsTrack){
    .codec = info->codec,
    .config = info->config != NULL ? info->config->bytes : NULL,
    .config_size = info->config != NULL ? info->config->size : 0,
  };
}

static MgTsMux *
new_mux(const Recipe *recipe)
{
  MgTsTrack tracks[MOST_TRACKS];
  for (guint i = 0; i < recipe->n; i++)
    tracks[i] = describe(recipe->tracks[i].stream);
  return mg_ts_mux_new(&MG_TS_MUX_SEGMENTS, tracks, recipe->n, NULL);
}

static MgData *
cook(gpointer data)
{
  const Recipe *recipe = data;
  Line lines[MOST_TRACKS] = { 0 };
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autoptr(MgTsMux) mux = new_mux(recipe);
  gboolean ok = mux != NULL;
  for (guint i = 0; ok && i < recipe->n; i++)
    ok = fill_line(&lines[i], &recipe->tracks[i]);
  ok = ok && write_all(mux, lines, recipe->n, &out);
  for (guint i = 0; i < recipe->n; i++)
    clear_line(&lines[i]);
  return ok ? mg_data_new_copy(out.data, out.size) : NULL;
}

gboolean
ts_can_carry(const MgStream *stream, GError **error)
{
  g_autoptr(GError) reason = NULL;
  MgTsTrack track = describe(stream);
  g_autoptr(MgTsMux) mux = mg_ts_mux_new(&MG_TS_MUX_SEGMENTS, &track, 1, &reason);
  if (mux != NULL)
    return TRUE;
  g_autofree char *what = mg_stream_describe(stream);
  g_set_error(
      error, MG_ERROR, MG_ERROR_UNSUPPORTED,
      "track '%s' (%s) does not go into transport streams (%s); container=\"fmp4\" takes it",
      mg_stream_info(stream)->id, what, reason->message);
  return FALSE;
}

/* --- rows -------------------------------------------------------------------------------------- */

static void
recipe_free(gpointer data)
{
  Recipe *recipe = data;
  for (guint i = 0; i < recipe->n; i++) {
    mg_stream_unref(recipe->tracks[i].stream);
    g_clear_pointer(&recipe->tracks[i].chunks, g_ptr_array_unref);
  }
  g_free(recipe);
}

static void
add_track(Recipe *recipe, MgStream *stream, const MgSegment *segment)
{
  recipe->tracks[recipe->n++] = (Ingredient){
    .stream = mg_stream_ref(stream),
    .chunks = segment != NULL ? g_ptr_array_ref(segment->chunks) : NULL,
  };
}

/* The first track of audio that there is or was. Returns the number of tracks: none. */
static guint
find_audio(MgWindow *window, const MgSegmentRow *row)
{
  guint n = mg_window_n_tracks(window);
  for (guint t = 0; t < n; t++) {
    const MgSegment *segment = row->segments[t] ? row->segments[t] : mg_window_newest(window, t);
    if (segment != NULL && mg_stream_info(segment->stream)->media == MG_MEDIA_AUDIO)
      return t;
  }
  return n;
}

/* Where audio has a gap it still belongs to the programme, as in the segments around. */
static Recipe *
recipe_for(MgWindow *window, const MgSegmentRow *row, const MgSegment *segment)
{
  Recipe *recipe = g_new0(Recipe, 1);
  guint audio = find_audio(window, row);
  add_track(recipe, segment->stream, segment);
  if (mg_stream_info(segment->stream)->media == MG_MEDIA_AUDIO ||
      audio == mg_window_n_tracks(window))
    return recipe;
  const MgSegment *sound = row->segments[audio];
  add_track(recipe, sound ? sound->stream : mg_window_newest(window, audio)->stream, sound);
  return recipe;
}

void
ts_put_row(MgWindow *window, const MgSegmentRow *row)
{
  gpointer impl;
  const MgHttpInterface *http = mg_window_http(window, &impl);
  for (guint t = 0; t < mg_window_n_tracks(window); t++) {
    const MgSegment *segment = row->segments[t];
    if (segment == NULL)
      continue;
    const MgHttpContent content = {
      .size = sizeof content,
      .content_type = "video/mp2t",
      .cache = MG_HTTP_CACHE_IMMUTABLE,
      .etag = segment->uri,
    };
    http->folder_put_lazy(mg_window_folder(window), segment->uri, &content, cook,
                          recipe_for(window, row, segment), recipe_free);
  }
}
