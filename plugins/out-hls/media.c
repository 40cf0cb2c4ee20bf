#include "media.h"

#include "listed.h"

#include <manifest/hls.h>
#include <timeline/ticks.h>

/* A gap must name something (4.4.4.7), which nobody fetches. */
#define GAP_URI "gap.m4s"

/*
 * RFC 8216bis, 4.4.3.8: players keep three target durations, or three parts, away from the end; delta updates are
 * for what is six target durations old.
 */
enum { HOLD_BACK_TARGETS = 3, HOLD_BACK_PARTS = 3, PARTS_TARGETS = 3, SKIP_TARGETS = 6 };

/* What a playlist is made of, while it is written. */
typedef struct {
  GArray *segments;   /* of MgHlsSegment */
  GArray *parts;      /* of MgHlsPart */
  GArray *reports;    /* of MgHlsReport */
  GPtrArray *strings; /* owned */
} Draft;

char *
media_name(const char *id)
{
  return g_strconcat(id, ".m3u8", NULL);
}

char *
media_iframes_name(const char *id)
{
  return g_strconcat(id, "-iframes.m3u8", NULL);
}

void
media_text_clear(MediaText *text)
{
  mg_writer_clear(&text->whole);
  mg_writer_clear(&text->delta);
}

/* --- segments ---------------------------------------------------------------------------------- */

static gint64
utc_us_of(const MgSegment *segment)
{
  gint64 ns = mg_time_from_ticks(segment->start, mg_stream_info(segment->stream)->timescale);
  return segment->epoch_utc_us + ns / MG_MICROSECOND;
}

/* The init segment stays what it is across a gap. */
static MgHlsSegment
describe_gap(const MgSegment *instead, const char *map_uri)
{
  return (MgHlsSegment){
    .uri = GAP_URI,
    .map_uri = map_uri,
    .duration = (guint64) instead->duration,
    .timescale = mg_stream_info(instead->stream)->timescale,
    .program_date_us = utc_us_of(instead),
    .is_gap = TRUE,
  };
}

static MgHlsSegment
describe_segment(const MgSegment *segment)
{
  return (MgHlsSegment){
    .uri = segment->is_open ? NULL : segment->uri,
    .map_uri = segment->init_uri,
    .duration = (guint64) segment->duration,
    .timescale = mg_stream_info(segment->stream)->timescale,
    .program_date_us = utc_us_of(segment),
  };
}

static guint
n_parts_of(const MgSegment *segment)
{
  return segment != NULL && segment->parts != NULL ? segment->parts->len : 0;
}

/* RFC 8216bis, 4.4.4.9: parts are listed in the last three target durations. Returns the first row that may. */
static guint
first_with_parts(const GArray *list, MgTime most)
{
  guint n = list->len;
  for (MgTime behind = 0; n > 0; n--) {
    const MgSegment *segment = g_array_index(list, Listed, n - 1).instead;
    behind += mg_time_from_ticks(segment->duration, mg_stream_info(segment->stream)->timescale);
    if (behind > most)
      return n;
  }
  return 0;
}

/* The parts' memory does not move: there is room for all. */
static void
describe_parts(Draft *draft, const MgSegment *segment, MgHlsSegment *described)
{
  guint first = draft->parts->len;
  for (guint i = 0; i < n_parts_of(segment); i++) {
    const MgPart *part = &g_array_index(segment->parts, MgPart, i);
    const MgHlsPart one = {
      .uri = part->uri,
      .duration = (guint64) part->chunk->duration,
      .is_independent = (part->chunk->flags & MG_CHUNK_INDEPENDENT) != 0,
    };
    g_array_append_val(draft->parts, one);
  }
  described->parts = &g_array_index(draft->parts, MgHlsPart, first);
  described->n_parts = draft->parts->len - first;
}

/* The init segment for gaps at the beginning: that of the first segment behind them. */
static const char *
first_map(const GArray *list)
{
  for (guint i = 0; i < list->len; i++) {
    const MgSegment *segment = g_array_index(list, Listed, i).segment;
    if (segment != NULL)
      return segment->init_uri;
  }
  return NULL;
}

static guint
count_parts(const GArray *list)
{
  guint n = 0;
  for (guint i = 0; i < list->len; i++)
    n += n_parts_of(g_array_index(list, Listed, i).segment);
  return n;
}

static void
describe_list(Draft *draft, const GArray *list, MgTime parts_length)
{
  guint with_parts = first_with_parts(list, parts_length);
  const char *map_uri = first_map(list);
  draft->segments = g_array_sized_new(FALSE, FALSE, sizeof(MgHlsSegment), list->len);
  draft->parts = g_array_sized_new(FALSE, FALSE, sizeof(MgHlsPart), count_parts(list) + 1);
  for (guint i = 0; i < list->len; i++) {
    const Listed *listed = &g_array_index(list, Listed, i);
    MgHlsSegment one = listed->segment != NULL ? describe_segment(listed->segment)
                                               : describe_gap(listed->instead, map_uri);
    one.is_discontinuous = listed->is_discont;
    map_uri = one.map_uri;
    if (i >= with_parts && parts_length > 0)
      describe_parts(draft, listed->segment, &one);
    g_array_append_val(draft->segments, one);
  }
}

/* --- the other playlists ----------------------------------------------------------------------- */

static MgHlsReport
describe_place(const GArray *list)
{
  MgHlsProgress p = listed_progress(list);
  guint n_parts = p.n_parts > 0 ? p.n_parts : p.n_last_parts;
  return (MgHlsReport){
    .last_msn = p.n_parts > 0 ? p.next_msn : p.next_msn - 1,
    .has_part = n_parts > 0,
    .last_part = n_parts > 0 ? n_parts - 1 : 0,
  };
}

static void
describe_others(Draft *draft, MgWindow *window, guint track)
{
  draft->reports = g_array_new(FALSE, FALSE, sizeof(MgHlsReport));
  draft->strings = g_ptr_array_new_with_free_func(g_free);
  for (guint t = 0; t < mg_window_n_tracks(window); t++) {
    g_autoptr(GArray) list = t != track ? listed_new(window, t, TRUE) : NULL;
    if (list == NULL || list->len == 0)
      continue;
    MgHlsReport report = describe_place(list);
    char *uri = media_name(mg_window_track_id(window, t));
    g_ptr_array_add(draft->strings, uri);
    report.uri = uri;
    g_array_append_val(draft->reports, report);
  }
}

/* --- low latency ------------------------------------------------------------------------------- */

static void
describe_low_latency(Draft *draft, MgWindow *window, guint track, MgHlsMedia *media)
{
  guint target_ms = media->target_duration_s * 1000;
  media->part_target_ms = (mg_window_part_target_us(window) + 999) / 1000;
  media->control = (MgHlsServerControl){
    .can_block_reload = TRUE,
    .hold_back_ms = HOLD_BACK_TARGETS * target_ms,
    .part_hold_back_ms = HOLD_BACK_PARTS * media->part_target_ms,
  };
  if (media->is_event || mg_window_length(window) > SKIP_TARGETS * target_ms * MG_MILLISECOND)
    media->control.can_skip_until_ms = SKIP_TARGETS * target_ms;
  if (media->has_ended)
    return;
  media->hint_part = mg_window_next_part(window, track);
  describe_others(draft, window, track);
  media->reports = (const MgHlsReport *) (gconstpointer) draft->reports->data;
  media->n_reports = draft->reports->len;
}

static void
write_delta(MgHlsMedia *media, MgWriter *w)
{
  media->n_skipped = mg_hls_media_can_skip(media);
  if (media->n_skipped > 0)
    mg_hls_media_write(media, w);
}

/* --- the playlist ------------------------------------------------------------------------------ */

/* Numbers outlive the process; the tag in front of a listed segment has not been counted yet (6.2.2). */
static guint64
discontinuity_sequence(const Listed *first)
{
  return first->discontinuity - (first->is_discont && first->discontinuity > 0 ? 1 : 0);
}

static void
draft_clear(Draft *draft)
{
  g_clear_pointer(&draft->segments, g_array_unref);
  g_clear_pointer(&draft->parts, g_array_unref);
  g_clear_pointer(&draft->reports, g_array_unref);
  g_clear_pointer(&draft->strings, g_ptr_array_unref);
}

static MgHlsMedia
describe_media(MgWindow *window, const Listed *first, const MediaOptions *options,
               const Draft *draft)
{
  return (MgHlsMedia){
    .target_duration_s = mg_window_row_segment(window, 0)->target_ms / 1000,
    .media_sequence = first->number,
    .discontinuity_sequence = discontinuity_sequence(first),
    .is_event = options->is_event,
    .has_ended = options->has_ended,
    .segments = (const MgHlsSegment *) (gconstpointer) draft->segments->data,
    .n_segments = draft->segments->len,
  };
}

gboolean
media_write(MgWindow *window, guint track, const MediaOptions *options, MediaText *text)
{
  gboolean has_parts = options->has_parts && mg_window_part_target_us(window) > 0;
  g_autoptr(GArray) list = listed_new(window, track, has_parts);
  if (list->len == 0)
    return FALSE;
  Draft draft = { 0 };
  text->target_ms = mg_window_row_segment(window, 0)->target_ms;
  describe_list(&draft, list, has_parts ? PARTS_TARGETS * text->target_ms * MG_MILLISECOND : 0);
  MgHlsMedia media = describe_media(window, &g_array_index(list, Listed, 0), options, &draft);
  if (has_parts)
    describe_low_latency(&draft, window, track, &media);
  mg_hls_media_write(&media, &text->whole);
  write_delta(&media, &text->delta);
  text->progress = listed_progress(list);
  text->progress.part_target_ms = media.part_target_ms;
  text->progress.has_ended = options->has_ended;
  draft_clear(&draft);
  return TRUE;
}

/* --- key frames -------------------------------------------------------------------------------- */

/* Header and first sample of the segment; players make do with an mdat that ends early. */
static gboolean
narrow_to_key_frame(MgHlsSegment *described, const MgSegment *segment)
{
  if (segment == NULL || !(segment->flags & MG_CHUNK_INDEPENDENT))
    return FALSE;
  const MgBuffer *first = g_ptr_array_index(segment->chunks, 0);
  if (first->chunk->first_size == 0)
    return FALSE;
  described->range_size = first->chunk->header_size + first->chunk->first_size;
  return TRUE;
}

static gboolean
narrow_all(Draft *draft, const GArray *list)
{
  gboolean has_any = FALSE;
  for (guint i = 0; i < list->len; i++) {
    MgHlsSegment *one = &g_array_index(draft->segments, MgHlsSegment, i);
    if (narrow_to_key_frame(one, g_array_index(list, Listed, i).segment)) {
      has_any = TRUE;
      continue;
    }
    one->is_gap = TRUE;
    one->uri = GAP_URI;
  }
  return has_any;
}

gboolean
media_write_iframes(MgWindow *window, guint track, const MediaOptions *options, MgWriter *w)
{
  g_autoptr(GArray) list = listed_new(window, track, FALSE);
  Draft draft = { 0 };
  describe_list(&draft, list, 0);
  gboolean has_any = narrow_all(&draft, list);
  if (has_any) {
    MgHlsMedia media = describe_media(window, &g_array_index(list, Listed, 0), options, &draft);
    media.is_iframes_only = TRUE;
    mg_hls_media_write(&media, w);
  }
  draft_clear(&draft);
  return has_any;
}
