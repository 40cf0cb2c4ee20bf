/* What the sample entries of all codecs share. */
#include "cmaf/entry.h"

enum {
  UNSPECIFIED = 2, /* a colour code point */
  HIGHEST_ENTRY_RATE = 65535,
};

const MgCmafEntry *
mg_cmaf_entry_find(guint32 codec)
{
  static const MgCmafEntry *const all[] = { &mg_cmaf_entry_aac, &mg_cmaf_entry_h264 };
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

gsize
mg_cmaf_visual_begin(MgWriter *out, const char *type, const MgCmafTrack *track)
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

void
mg_cmaf_visual_optional(MgWriter *out, const MgCmafTrack *track, const MgCodecColour *colour)
{
  if (colour->primaries != UNSPECIFIED || colour->transfer != UNSPECIFIED ||
      colour->matrix != UNSPECIFIED || colour->is_full_range)
    write_colour(out, colour);
  if (track->sar_width != 0 && track->sar_height != 0) {
    gsize pasp = mg_box_begin(out, "pasp");
    mg_writer_be32(out, track->sar_width);
    mg_writer_be32(out, track->sar_height);
    mg_box_end(out, pasp);
  }
  if (track->bitrate != 0) {
    gsize btrt = mg_box_begin(out, "btrt");
    mg_writer_be32(out, 0); /* bufferSizeDB: not known */
    mg_writer_be32(out, track->bitrate);
    mg_writer_be32(out, track->bitrate);
    mg_box_end(out, btrt);
  }
}

gboolean
mg_cmaf_visual_read(MgReader *body, MgCmafTrack *track)
{
  MgBox box;
  mg_reader_skip(body, 8 + 16);
  track->width = mg_reader_be16(body);
  track->height = mg_reader_be16(body);
  mg_reader_skip(body, 50);
  if (mg_reader_failed(body))
    return FALSE;
  if (mg_box_find(body, "pasp", &box)) {
    track->sar_width = mg_reader_be32(&box.body);
    track->sar_height = mg_reader_be32(&box.body);
  }
  if (mg_box_find(body, "btrt", &box)) {
    mg_reader_skip(&box.body, 4);
    track->bitrate = mg_reader_be32(&box.body);
  }
  return TRUE;
}

gsize
mg_cmaf_audio_begin(MgWriter *out, const char *type, const MgCmafTrack *track)
{
  gsize entry = mg_box_begin(out, type);
  write_sample_entry_head(out);
  mg_writer_zeros(out, 8);
  mg_writer_be16(out, (guint16) track->channels);
  mg_writer_be16(out, 16); /* samplesize */
  mg_writer_be32(out, 0);
  /* 16.16 cannot hold more; the configuration has the rate then */
  mg_writer_be32(out, track->sample_rate <= HIGHEST_ENTRY_RATE ? track->sample_rate << 16 : 0);
  return entry;
}

gboolean
mg_cmaf_audio_read(MgReader *body, MgCmafTrack *track)
{
  mg_reader_skip(body, 8 + 8);
  track->channels = mg_reader_be16(body);
  mg_reader_skip(body, 6);
  track->sample_rate = mg_reader_be32(body) >> 16;
  return !mg_reader_failed(body);
}
