#include "manifest/hls.h"

#include "manifest/text.h"

/* Section 8: decimal durations need 3, EXT-X-MAP outside of I-frame playlists needs 6. */
static guint
version_needed(const MgHlsMedia *media)
{
  for (gsize i = 0; i < media->n_segments; i++) {
    if (media->segments[i].map_uri != NULL)
      return 6;
  }
  return 3;
}

static void
put_number(MgWriter *w, const char *tag, guint64 v)
{
  mg_writer_text(w, tag);
  mg_text_u64(w, v);
  mg_writer_u8(w, '\n');
}

static void
put_control(MgWriter *w, const MgHlsServerControl *control)
{
  if (control->hold_back_ms == 0)
    return;
  mg_writer_text(w, "#EXT-X-SERVER-CONTROL:HOLD-BACK=");
  mg_text_fraction(w, control->hold_back_ms, 1000, 3);
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
  put_control(w, &media->control);
}

static void
put_map(MgWriter *w, const char *uri)
{
  mg_writer_text(w, "#EXT-X-MAP:URI=\"");
  mg_text_uri(w, uri);
  mg_writer_text(w, "\"\n");
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
  mg_writer_text(w, "#EXTINF:");
  mg_text_fraction(w, segment->duration, segment->timescale, 6);
  mg_writer_text(w, ",\n");
  mg_text_uri(w, segment->uri);
  mg_writer_u8(w, '\n');
}

void
mg_hls_media_write(const MgHlsMedia *media, MgWriter *w)
{
  put_head(w, media);
  const char *map_uri = NULL;
  for (gsize i = 0; i < media->n_segments; i++) {
    const MgHlsSegment *segment = &media->segments[i];
    if (segment->is_discontinuous)
      mg_writer_text(w, "#EXT-X-DISCONTINUITY\n");
    if (segment->map_uri != NULL && g_strcmp0(segment->map_uri, map_uri) != 0) {
      put_map(w, segment->map_uri);
      map_uri = segment->map_uri;
    }
    put_segment(w, segment);
  }
  if (media->has_ended)
    mg_writer_text(w, "#EXT-X-ENDLIST\n");
}
