#include "manifest/hls.h"

#include "manifest/text.h"

/*
 * Section 8: decimal durations need 3, byte ranges and I-frame playlists 4, EXT-X-MAP in those 5 and in
 * others 6, EXT-X-SKIP 9. A playlist with delta updates says the same as they do.
 */
static guint
version_needed(const MgHlsMedia *media)
{
  guint version = media->is_iframes_only ? 4 : 3;
  for (gsize i = 0; i < media->n_segments; i++) {
    if (media->segments[i].map_uri != NULL)
      version = media->is_iframes_only ? 5 : 6;
  }
  return media->part_target_ms > 0 || media->control.can_skip_until_ms > 0 ? 9 : version;
}

static void
put_number(MgWriter *w, const char *tag, guint64 v)
{
  mg_writer_text(w, tag);
  mg_text_u64(w, v);
  mg_writer_u8(w, '\n');
}

static void
put_uri(MgWriter *w, const char *before, const char *uri)
{
  mg_writer_text(w, before);
  mg_writer_text(w, "URI=\"");
  mg_text_uri(w, uri);
  mg_writer_u8(w, '"');
}

/* --- head -------------------------------------------------------------------------------------- */

typedef struct {
  MgWriter *w;
  const char *between; /* the tag, then commas */
} Attributes;

static void
put_name(Attributes *a, const char *name)
{
  mg_writer_text(a->w, a->between);
  mg_writer_text(a->w, name);
  a->between = ",";
}

static void
put_seconds(Attributes *a, const char *name, guint32 ms)
{
  if (ms == 0)
    return;
  put_name(a, name);
  mg_text_fraction(a->w, ms, 1000, 3);
}

static void
put_control(MgWriter *w, const MgHlsServerControl *control)
{
  static const char tag[] = "#EXT-X-SERVER-CONTROL:";
  Attributes a = { w, tag };
  if (control->can_block_reload)
    put_name(&a, "CAN-BLOCK-RELOAD=YES");
  put_seconds(&a, "CAN-SKIP-UNTIL=", control->can_skip_until_ms);
  put_seconds(&a, "HOLD-BACK=", control->hold_back_ms);
  put_seconds(&a, "PART-HOLD-BACK=", control->part_hold_back_ms);
  if (a.between != tag)
    mg_writer_u8(w, '\n');
}

static void
put_head(MgWriter *w, const MgHlsMedia *media)
{
  mg_writer_text(w, "#EXTM3U\n");
  put_number(w, "#EXT-X-VERSION:", version_needed(media));
  put_number(w, "#EXT-X-TARGETDURATION:", media->target_duration_s);
  put_number(w, "#EXT-X-MEDIA-SEQUENCE:", media->media_sequence);
  if (media->discontinuity_sequence > 0)
    put_number(w, "#EXT-X-DISCONTINUITY-SEQUENCE:", media->discontinuity_sequence);
  if (media->is_event)
    mg_writer_text(w, "#EXT-X-PLAYLIST-TYPE:EVENT\n");
  if (media->is_independent)
    mg_writer_text(w, "#EXT-X-INDEPENDENT-SEGMENTS\n");
  if (media->is_iframes_only)
    mg_writer_text(w, "#EXT-X-I-FRAMES-ONLY\n");
  put_control(w, &media->control);
  if (media->part_target_ms > 0) {
    mg_writer_text(w, "#EXT-X-PART-INF:PART-TARGET=");
    mg_text_fraction(w, media->part_target_ms, 1000, 3);
    mg_writer_u8(w, '\n');
  }
  if (media->n_skipped > 0)
    put_number(w, "#EXT-X-SKIP:SKIPPED-SEGMENTS=", media->n_skipped);
}

/* --- segments ---------------------------------------------------------------------------------- */

static void
put_map(MgWriter *w, const char *uri)
{
  put_uri(w, "#EXT-X-MAP:", uri);
  mg_writer_u8(w, '\n');
}

static void
put_part(MgWriter *w, const MgHlsPart *part, guint32 timescale)
{
  mg_writer_text(w, "#EXT-X-PART:DURATION=");
  mg_text_fraction(w, part->duration, timescale, 6);
  put_uri(w, ",", part->uri);
  if (part->is_independent)
    mg_writer_text(w, ",INDEPENDENT=YES");
  if (part->is_gap)
    mg_writer_text(w, ",GAP=YES");
  mg_writer_u8(w, '\n');
}

static void
put_segment(MgWriter *w, const MgHlsSegment *segment)
{
  if (segment->program_date_us != 0) {
    mg_writer_text(w, "#EXT-X-PROGRAM-DATE-TIME:");
    mg_text_date(w, segment->program_date_us);
    mg_writer_u8(w, '\n');
  }
  if (segment->is_gap)
    mg_writer_text(w, "#EXT-X-GAP\n");
  for (gsize i = 0; i < segment->n_parts; i++)
    put_part(w, &segment->parts[i], segment->timescale);
  if (segment->uri == NULL)
    return;
  mg_writer_text(w, "#EXTINF:");
  mg_text_fraction(w, segment->duration, segment->timescale, 6);
  mg_writer_text(w, ",\n");
  if (segment->range_size > 0) {
    mg_writer_text(w, "#EXT-X-BYTERANGE:");
    mg_text_u64(w, segment->range_size);
    mg_writer_u8(w, '@');
    mg_text_u64(w, segment->range_offset);
    mg_writer_u8(w, '\n');
  }
  mg_text_uri(w, segment->uri);
  mg_writer_u8(w, '\n');
}

/* A delta update names the initialization section again: players that forget what they had get along. */
static void
put_segments(MgWriter *w, const MgHlsMedia *media)
{
  const char *map_uri = NULL;
  for (gsize i = media->n_skipped; i < media->n_segments; i++) {
    const MgHlsSegment *segment = &media->segments[i];
    if (segment->is_discontinuous)
      mg_writer_text(w, "#EXT-X-DISCONTINUITY\n");
    if (segment->map_uri != NULL && g_strcmp0(segment->map_uri, map_uri) != 0) {
      put_map(w, segment->map_uri);
      map_uri = segment->map_uri;
    }
    put_segment(w, segment);
  }
}

/* --- end --------------------------------------------------------------------------------------- */

static void
put_hint(MgWriter *w, const char *type, const char *uri)
{
  if (uri == NULL)
    return;
  mg_writer_text(w, "#EXT-X-PRELOAD-HINT:TYPE=");
  put_uri(w, type, uri);
  mg_writer_u8(w, '\n');
}

static void
put_report(MgWriter *w, const MgHlsReport *report)
{
  put_uri(w, "#EXT-X-RENDITION-REPORT:", report->uri);
  mg_writer_text(w, ",LAST-MSN=");
  mg_text_u64(w, report->last_msn);
  if (report->has_part) {
    mg_writer_text(w, ",LAST-PART=");
    mg_text_u64(w, report->last_part);
  }
  mg_writer_u8(w, '\n');
}

void
mg_hls_media_write(const MgHlsMedia *media, MgWriter *w)
{
  put_head(w, media);
  put_segments(w, media);
  put_hint(w, "MAP,", media->hint_map);
  put_hint(w, "PART,", media->hint_part);
  for (gsize i = 0; i < media->n_reports; i++)
    put_report(w, &media->reports[i]);
  if (media->has_ended)
    mg_writer_text(w, "#EXT-X-ENDLIST\n");
}

/* --- delta updates ----------------------------------------------------------------------------- */

static guint64
duration_us(const MgHlsSegment *segment)
{
  unsigned __int128 us = (unsigned __int128) segment->duration * G_USEC_PER_SEC;
  return (guint64) (us / segment->timescale);
}

static guint64
parts_us(const MgHlsSegment *segment)
{
  guint64 ticks = 0;
  for (gsize i = 0; i < segment->n_parts; i++)
    ticks += segment->parts[i].duration;
  return duration_us(&(MgHlsSegment){ .duration = ticks, .timescale = segment->timescale });
}

/* How many segments begin so far before the end that they are left out. */
static gsize
count_old(const MgHlsMedia *media)
{
  guint64 boundary_us = (guint64) media->control.can_skip_until_ms * 1000, behind_us = 0;
  gsize n = media->n_segments;
  for (; n > 0 && behind_us < boundary_us; n--) {
    const MgHlsSegment *segment = &media->segments[n - 1];
    behind_us += segment->uri != NULL ? duration_us(segment) : parts_us(segment);
  }
  return n;
}

gsize
mg_hls_media_can_skip(const MgHlsMedia *media)
{
  if (media->control.can_skip_until_ms == 0 || media->has_ended)
    return 0;
  gsize n_old = count_old(media), n = 0;
  while (n < n_old && !media->segments[n].is_discontinuous &&
         g_strcmp0(media->segments[n].map_uri, media->segments[0].map_uri) == 0)
    n++;
  return n;
}
