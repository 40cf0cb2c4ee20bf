#include "manifest/hls.h"

#include "manifest/text.h"

static gboolean
is_given(const char *text)
{
  return text != NULL && *text != '\0';
}

static void
put_quoted(MgWriter *w, const char *name, const char *value)
{
  if (!is_given(value))
    return;
  mg_writer_text(w, name);
  mg_text_quoted(w, value);
}

static void
put_number(MgWriter *w, const char *name, guint64 value)
{
  if (value == 0)
    return;
  mg_writer_text(w, name);
  mg_text_u64(w, value);
}

static void
put_rendition(MgWriter *w, const MgHlsRendition *r)
{
  mg_writer_text(w, "#EXT-X-MEDIA:TYPE=AUDIO");
  put_quoted(w, ",GROUP-ID=", r->group);
  put_quoted(w, ",NAME=", r->name);
  put_quoted(w, ",LANGUAGE=", r->language);
  /* 4.4.6.1: the default one is never without autoselect. */
  mg_writer_text(w, r->is_default ? ",DEFAULT=YES" : ",DEFAULT=NO");
  mg_writer_text(w, r->is_default || r->is_autoselect ? ",AUTOSELECT=YES" : ",AUTOSELECT=NO");
  if (r->channels > 0) {
    mg_writer_text(w, ",CHANNELS=\"");
    mg_text_u64(w, r->channels);
    mg_writer_u8(w, '"');
  }
  if (is_given(r->uri)) {
    mg_writer_text(w, ",URI=\"");
    mg_text_uri(w, r->uri);
    mg_writer_u8(w, '"');
  }
  mg_writer_u8(w, '\n');
}

static const char *
range_attribute(MgHlsRange range)
{
  switch (range) {
  case MG_HLS_RANGE_UNKNOWN: return "";
  case MG_HLS_RANGE_SDR: return ",VIDEO-RANGE=SDR";
  case MG_HLS_RANGE_HLG: return ",VIDEO-RANGE=HLG";
  case MG_HLS_RANGE_PQ: return ",VIDEO-RANGE=PQ";
  }
  g_assert_not_reached();
}

static void
put_picture(MgWriter *w, const MgHlsVariant *v)
{
  if (v->width > 0 && v->height > 0) {
    put_number(w, ",RESOLUTION=", v->width);
    put_number(w, "x", v->height);
  }
  if (v->frame_rate.num > 0) {
    mg_writer_text(w, ",FRAME-RATE=");
    mg_text_fraction(w, v->frame_rate.num, v->frame_rate.den, 3);
  }
  mg_writer_text(w, range_attribute(v->range));
}

static void
put_variant(MgWriter *w, const MgHlsVariant *v)
{
  mg_writer_text(w, "#EXT-X-STREAM-INF:BANDWIDTH=");
  mg_text_u64(w, v->bandwidth);
  put_number(w, ",AVERAGE-BANDWIDTH=", v->average_bandwidth);
  put_quoted(w, ",CODECS=", v->codecs);
  put_picture(w, v);
  put_quoted(w, ",AUDIO=", v->audio_group);
  if (v->has_no_captions)
    mg_writer_text(w, ",CLOSED-CAPTIONS=NONE");
  mg_writer_u8(w, '\n');
  mg_text_uri(w, v->uri);
  mg_writer_u8(w, '\n');
}

static void
put_iframes(MgWriter *w, const MgHlsVariant *v)
{
  mg_writer_text(w, "#EXT-X-I-FRAME-STREAM-INF:BANDWIDTH=");
  mg_text_u64(w, v->bandwidth);
  put_quoted(w, ",CODECS=", v->codecs);
  put_picture(w, v);
  mg_writer_text(w, ",URI=\"");
  mg_text_uri(w, v->uri);
  mg_writer_text(w, "\"\n");
}

void
mg_hls_multivariant_write(const MgHlsMultivariant *multivariant, MgWriter *w)
{
  /* Nothing in here needs a version; this is the one of the media playlists with EXT-X-MAP. */
  mg_writer_text(w, "#EXTM3U\n#EXT-X-VERSION:6\n");
  if (multivariant->is_independent)
    mg_writer_text(w, "#EXT-X-INDEPENDENT-SEGMENTS\n");
  for (gsize i = 0; i < multivariant->n_renditions; i++)
    put_rendition(w, &multivariant->renditions[i]);
  for (gsize i = 0; i < multivariant->n_variants; i++)
    put_variant(w, &multivariant->variants[i]);
  for (gsize i = 0; i < multivariant->n_iframes; i++)
    put_iframes(w, &multivariant->iframes[i]);
}
