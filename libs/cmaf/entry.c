/* What the sample entries of all codecs share. */
#include "cmaf/entry.h"

enum {
  HIGHEST_ENTRY_RATE = 65535,
  MOST_SIDE = 65535,
  CHANNEL_STRUCTURED = 1,
};

const MgCmafEntry *
mg_cmaf_entry_find(guint32 codec)
{
  static const MgCmafEntry *const all[] = {
    &mg_cmaf_entry_h264, &mg_cmaf_entry_hevc, &mg_cmaf_entry_vvc, &mg_cmaf_entry_av1,
    &mg_cmaf_entry_vp8,  &mg_cmaf_entry_vp9,  &mg_cmaf_entry_aac, &mg_cmaf_entry_mp3,
    &mg_cmaf_entry_opus, &mg_cmaf_entry_flac, &mg_cmaf_entry_ac3, &mg_cmaf_entry_eac3,
  };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++)
    if (all[i]->codec == codec)
      return all[i];
  return NULL;
}

static void
write_sample_entry_head(MgWriter *out)
{
  mg_writer_zeros(out, 6);
  mg_writer_be16(out, 1); /* data_reference_index */
}

/* --- video ------------------------------------------------------------------------------------- */

static gboolean
fill_size(MgCmafTrack *track, const MgAnyFacts *facts, GError **error)
{
  if (track->width == 0 || track->height == 0) {
    track->width = facts->width;
    track->height = facts->height;
  }
  if (track->width == 0 || track->height == 0) {
    g_set_error_literal(error, MG_CMAF_ERROR, MG_CMAF_ERROR_UNSUPPORTED,
                        "its configuration has no picture size, and nobody else gave one");
    return FALSE;
  }
  if (track->width <= MOST_SIDE && track->height <= MOST_SIDE)
    return TRUE;
  g_set_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_TOO_LARGE,
              "a picture of %ux%u does not fit a sample entry", track->width, track->height);
  return FALSE;
}

/* What the track leaves open. */
static void
fill_in(MgCmafTrack *track, const MgAnyFacts *facts)
{
  if (track->sar_width == 0 || track->sar_height == 0) {
    track->sar_width = facts->sar.num;
    track->sar_height = facts->sar.den;
  }
  if (track->colour.primaries == 0)
    track->colour = facts->colour;
  if (track->hdr.mastering.max_luminance == 0)
    track->hdr.mastering = facts->hdr.mastering;
  if (track->hdr.light.max_content == 0)
    track->hdr.light = facts->hdr.light;
}

static gsize
begin_visual(MgWriter *out, const char *type, const MgCmafTrack *track)
{
  gsize entry = mg_box_begin(out, type);
  write_sample_entry_head(out);
  mg_writer_zeros(out, 16);
  mg_writer_be16(out, (guint16) track->width);
  mg_writer_be16(out, (guint16) track->height);
  mg_writer_be32(out, 0x00480000); /* 72 dpi */
  mg_writer_be32(out, 0x00480000);
  mg_writer_be32(out, 0);
  mg_writer_be16(out, 1);   /* frame_count */
  mg_writer_zeros(out, 32); /* compressorname */
  mg_writer_be16(out, 0x0018);
  mg_writer_be16(out, 0xffff);
  return entry;
}

static void
write_colour(MgWriter *out, const MgCodecColour *colour)
{
  gsize colr = mg_box_begin(out, "colr");
  mg_writer_text(out, "nclx");
  mg_writer_be16(out, colour->primaries);
  mg_writer_be16(out, colour->transfer);
  mg_writer_be16(out, colour->matrix);
  mg_writer_u8(out, colour->is_full_range ? 0x80 : 0);
  mg_box_end(out, colr);
}

static void
write_point(MgWriter *out, const guint16 point[2])
{
  mg_writer_be16(out, point[0]);
  mg_writer_be16(out, point[1]);
}

/* The order is that of the SEI message: green, blue, red. */
static void
write_mastering(MgWriter *out, const MgCodecMastering *m)
{
  gsize mdcv = mg_box_begin(out, "mdcv");
  write_point(out, m->green);
  write_point(out, m->blue);
  write_point(out, m->red);
  write_point(out, m->white);
  mg_writer_be32(out, m->max_luminance);
  mg_writer_be32(out, m->min_luminance);
  mg_box_end(out, mdcv);
}

static void
write_hdr(MgWriter *out, const MgCodecHdr *hdr)
{
  if (hdr->mastering.max_luminance != 0)
    write_mastering(out, &hdr->mastering);
  if (hdr->light.max_content != 0) {
    gsize clli = mg_box_begin(out, "clli");
    mg_writer_be16(out, hdr->light.max_content);
    mg_writer_be16(out, hdr->light.max_frame_average);
    mg_box_end(out, clli);
  }
}

/* The optional boxes at the entry's end. */
static void
write_optional(MgWriter *out, const MgCmafTrack *track)
{
  if (!mg_codec_colour_is_unspecified(&track->colour))
    write_colour(out, &track->colour);
  if (track->sar_width != 0 && track->sar_height != 0) {
    gsize pasp = mg_box_begin(out, "pasp");
    mg_writer_be32(out, track->sar_width);
    mg_writer_be32(out, track->sar_height);
    mg_box_end(out, pasp);
  }
  write_hdr(out, &track->hdr);
  if (track->bitrate != 0) {
    gsize btrt = mg_box_begin(out, "btrt");
    mg_writer_be32(out, 0); /* bufferSizeDB: not known */
    mg_writer_be32(out, track->bitrate);
    mg_writer_be32(out, track->bitrate);
    mg_box_end(out, btrt);
  }
}

static gsize
begin_config(MgWriter *out, const MgCmafConfigBox *config)
{
  return config->is_full ? mg_full_box_begin(out, config->type, config->version, 0)
                         : mg_box_begin(out, config->type);
}

gboolean
mg_cmaf_visual_write(MgCmafTrack *track, const char *type, const MgCmafConfigBox *config,
                     MgWriter *out, GError **error)
{
  MgAnyFacts facts;
  if (!mg_any_facts(track->codec, track->config, track->config_size, &facts, error) ||
      !fill_size(track, &facts, error))
    return FALSE;
  fill_in(track, &facts);
  gsize entry = begin_visual(out, type, track);
  gsize box = begin_config(out, config);
  if (!mg_any_config_adopt(track->codec, track->config, track->config_size, out, error))
    return FALSE;
  mg_box_end(out, box);
  write_optional(out, track);
  mg_box_end(out, entry);
  return TRUE;
}

gboolean
mg_cmaf_config_read(const MgReader *body, const MgCmafConfigBox *config, MgCmafTrack *track)
{
  MgBox box;
  if (!mg_box_find(body, config->type, &box))
    return FALSE;
  if (config->is_full)
    mg_reader_skip(&box.body, 4);
  track->config_size = mg_reader_left(&box.body);
  track->config = mg_reader_take(&box.body, track->config_size);
  return !mg_reader_failed(&box.body);
}

static void
read_colour(MgReader colr, MgCodecColour *colour)
{
  if (mg_reader_be32(&colr) != mg_box_type("nclx"))
    return;
  MgCodecColour c = { .primaries = (guint8) mg_reader_be16(&colr) };
  c.transfer = (guint8) mg_reader_be16(&colr);
  c.matrix = (guint8) mg_reader_be16(&colr);
  c.is_full_range = mg_reader_u8(&colr) >> 7;
  if (!mg_reader_failed(&colr))
    *colour = c;
}

static void
read_point(MgReader *r, guint16 point[2])
{
  point[0] = mg_reader_be16(r);
  point[1] = mg_reader_be16(r);
}

static void
read_mastering(MgReader mdcv, MgCodecMastering *mastering)
{
  MgCodecMastering m = { .max_luminance = 0 };
  read_point(&mdcv, m.green);
  read_point(&mdcv, m.blue);
  read_point(&mdcv, m.red);
  read_point(&mdcv, m.white);
  m.max_luminance = mg_reader_be32(&mdcv);
  m.min_luminance = mg_reader_be32(&mdcv);
  if (!mg_reader_failed(&mdcv))
    *mastering = m;
}

static void
read_optional(const MgReader *body, MgCmafTrack *track)
{
  MgBox box;
  if (mg_box_find(body, "colr", &box))
    read_colour(box.body, &track->colour);
  if (mg_box_find(body, "mdcv", &box))
    read_mastering(box.body, &track->hdr.mastering);
  if (mg_box_find(body, "clli", &box)) {
    track->hdr.light.max_content = mg_reader_be16(&box.body);
    track->hdr.light.max_frame_average = mg_reader_be16(&box.body);
  }
  if (mg_box_find(body, "pasp", &box)) {
    track->sar_width = mg_reader_be32(&box.body);
    track->sar_height = mg_reader_be32(&box.body);
  }
  if (mg_box_find(body, "btrt", &box)) {
    mg_reader_skip(&box.body, 4);
    track->bitrate = mg_reader_be32(&box.body);
  }
}

gboolean
mg_cmaf_visual_read(MgReader *body, const MgCmafConfigBox *config, MgCmafTrack *track)
{
  mg_reader_skip(body, 8 + 16);
  track->width = mg_reader_be16(body);
  track->height = mg_reader_be16(body);
  mg_reader_skip(body, 50);
  if (mg_reader_failed(body))
    return FALSE;
  read_optional(body, track);
  return mg_cmaf_config_read(body, config, track);
}

/* --- audio ------------------------------------------------------------------------------------- */

gboolean
mg_cmaf_audio_fill(MgCmafTrack *track, MgAnyFacts *facts, GError **error)
{
  if (!mg_any_facts(track->codec, track->config, track->config_size, facts, error))
    return FALSE;
  if (track->sample_rate == 0)
    track->sample_rate = facts->sample_rate;
  if (track->channels == 0)
    track->channels = facts->channels;
  return TRUE;
}

gsize
mg_cmaf_audio_begin(MgWriter *out, const char *type, const MgCmafTrack *track, guint sample_bits)
{
  gsize entry = mg_box_begin(out, type);
  write_sample_entry_head(out);
  mg_writer_zeros(out, 8);
  mg_writer_be16(out, (guint16) track->channels);
  mg_writer_be16(out, (guint16) sample_bits);
  mg_writer_be32(out, 0);
  /* 16.16 cannot hold more; the configuration has the rate then */
  mg_writer_be32(out, track->sample_rate <= HIGHEST_ENTRY_RATE ? track->sample_rate << 16 : 0);
  return entry;
}

void
mg_cmaf_audio_end(MgWriter *out, gsize entry, const MgCmafTrack *track)
{
  if (track->n_speakers > 0 && track->n_speakers == track->channels) {
    gsize chnl = mg_full_box_begin(out, "chnl", 0, 0);
    mg_writer_u8(out, CHANNEL_STRUCTURED);
    mg_writer_u8(out, 0); /* definedLayout: none, since one has an order of its own */
    mg_writer_bytes(out, track->speakers, track->n_speakers);
    mg_box_end(out, chnl);
  }
  mg_box_end(out, entry);
}

/* Speakers at a place by angles (126), and layouts by number, are not looked at. */
static void
read_speakers(MgReader chnl, MgCmafTrack *track)
{
  enum { BY_ANGLES = 126 };
  mg_reader_skip(&chnl, 4);
  guint8 structure = mg_reader_u8(&chnl), layout = mg_reader_u8(&chnl);
  guint n = track->channels;
  if (structure != CHANNEL_STRUCTURED || layout != 0 || n > MG_CMAF_MOST_SPEAKERS ||
      mg_reader_left(&chnl) != n)
    return;
  for (guint i = 0; i < n; i++)
    if ((track->speakers[i] = mg_reader_u8(&chnl)) == BY_ANGLES)
      return;
  track->n_speakers = n;
}

gboolean
mg_cmaf_audio_read(MgReader *body, MgCmafTrack *track)
{
  MgBox box;
  mg_reader_skip(body, 8 + 8);
  track->channels = mg_reader_be16(body);
  mg_reader_skip(body, 6);
  track->sample_rate = mg_reader_be32(body) >> 16;
  if (mg_reader_failed(body))
    return FALSE;
  if (mg_box_find(body, "chnl", &box))
    read_speakers(box.body, track);
  return TRUE;
}
