#include "mpegts/pictures.h"

#include <codec/h264.h>
#include <codec/hevc.h>

#include <string.h>

enum {
  H264_FIRST_RESERVED = 15, /* SPS subset to reserved types: none of them within a picture */
  H264_LAST_RESERVED = 18,
  H264_FILLER = 12,
  HEVC_DELIMITER = 35,
  HEVC_FILLER = 38,
  START_CODE_BYTES = 3,
};

/* What a unit means for the limits of access units. */
typedef enum {
  INSIDE,        /* nothing */
  SLICE,         /* there is a picture now */
  FIRST_SLICE,   /* … and if there was one already, another begins */
  BEFORE_SLICES, /* after a picture, another access unit begins */
} Role;

static Role
h264_role(const MgNal *nal)
{
  guint type = mg_h264_nal_type(nal);
  switch (type) {
  case MG_H264_NAL_SLICE:
  case MG_H264_NAL_PARTITION_A:
  case MG_H264_NAL_IDR: /* first_mb_in_slice of 0 is one bit long */
    return nal->size > 1 && nal->data[1] & 0x80 ? FIRST_SLICE : SLICE;
  case MG_H264_NAL_SEI:
  case MG_H264_NAL_SPS:
  case MG_H264_NAL_PPS:
  case MG_H264_NAL_DELIMITER: return BEFORE_SLICES;
  default:
    return type >= H264_FIRST_RESERVED && type <= H264_LAST_RESERVED ? BEFORE_SLICES : INSIDE;
  }
}

static Role
hevc_role(const MgNal *nal)
{
  guint type = mg_nal_type(nal, FALSE);
  gboolean is_base = nal->size > 2 && (nal->data[0] & 1) == 0 && nal->data[1] >> 3 == 0;
  if (!is_base && type != HEVC_DELIMITER)
    return INSIDE;
  if (type <= MG_HEVC_NAL_LAST_VCL)
    return nal->data[2] & 0x80 ? FIRST_SLICE : SLICE;
  if ((type >= MG_HEVC_NAL_VPS && type <= HEVC_DELIMITER) || type == MG_HEVC_NAL_PREFIX_SEI)
    return BEFORE_SLICES;
  return (type >= 41 && type <= 44) || (type >= 48 && type <= 55) ? BEFORE_SLICES : INSIDE;
}

static Role
role_of(guint32 codec, const MgNal *nal)
{
  return codec == MG_ANY_H264 ? h264_role(nal) : hevc_role(nal);
}

/*
 * What stays in a payload: parameter sets are in the configuration, delimiters and filler say
 * nothing.
 */
static gboolean
keep_h264(const MgNal *nal)
{
  guint type = mg_h264_nal_type(nal);
  return mg_h264_is_not_parameter_set(nal) && type != MG_H264_NAL_DELIMITER && type != H264_FILLER;
}

static gboolean
keep_hevc(const MgNal *nal)
{
  guint type = nal->data[0] >> 1 & 63;
  return mg_hevc_is_not_parameter_set(nal) && type != HEVC_DELIMITER && type != HEVC_FILLER;
}

/* --- configuration ----------------------------------------------------------------------------- */

static void
look_at_order(MgTsPictures *p, guint32 codec, const MgWriter *config)
{
  MgH264Config h264;
  MgHevcConfig hevc;
  p->is_reordered = TRUE;
  p->is_interlaced = FALSE;
  if (codec == MG_ANY_H264 && mg_h264_config_parse(config->data, config->size, &h264, NULL)) {
    p->is_reordered = h264.video.max_reorder > 0;
    p->is_interlaced = h264.video.is_interlaced;
  }
  if (codec == MG_ANY_HEVC && mg_hevc_config_parse(config->data, config->size, &hevc, NULL))
    p->is_reordered = hevc.video.max_reorder > 0;
}

/* A packet may repeat some parameter sets only; those that are not all there change nothing. */
static void
look_for_config(MgTsPictures *p, MgTsTold *told, const guint8 *data, gsize size)
{
  g_auto(MgWriter) config = MG_WRITER_INIT;
  MgAnyFacts facts;
  guint32 codec = told->track.codec;
  if (!mg_any_config_make(codec, data, size, MG_NAL_ANNEX_B, &config, NULL) ||
      !mg_any_facts(codec, config.data, config.size, &facts, NULL))
    return;
  p->facts = facts;
  p->facts.nal_length_size = MG_NAL_ANNEX_B;
  look_at_order(p, codec, &config);
  mg_ts_told_config(told, codec, &config);
}

/* --- access units ------------------------------------------------------------------------------ */

static void
take_unit(MgTsPictures *p, MgTsTold *told, const guint8 *data, gsize size,
          const MgTsReceived *about)
{
  MgAnyPacket packet;
  guint32 codec = told->track.codec;
  if (!mg_any_packet(codec, &p->facts, data, size, &packet)) {
    mg_ts_told_damage(told);
    return;
  }
  if (packet.has_config)
    look_for_config(p, told, data, size);
  if (told->track.config == NULL || !packet.has_media)
    return;
  MgTsReceived unit = *about;
  g_autoptr(GError) error = NULL;
  if (mg_nal_to_length4(data, size, MG_NAL_ANNEX_B, codec == MG_ANY_H264 ? keep_h264 : keep_hevc,
                        &unit.data, &unit.size, &error) != MG_NAL_REWRITTEN) {
    told->sink->counts.n_refused++;
    told->is_after_loss = TRUE;
    return;
  }
  unit.is_key = packet.is_key;
  unit.is_disposable = packet.is_disposable;
  mg_ts_told_unit(told, &unit);
}

/* What is known of the picture N behind FIRST in a PES packet. */
static MgTsReceived
about_later(const MgTsPictures *p, const MgTsReceived *first, guint n)
{
  MgTsReceived about = { .pts = MG_TS_NONE, .dts = MG_TS_NONE };
  MgCodecRational rate = p->facts.frame_rate;
  if (n == 0)
    return *first;
  if (rate.num == 0 || first->dts == MG_TS_NONE)
    return about;
  gint64 later = (gint64) n * MG_TS_STAMP_RATE * rate.den / rate.num;
  about.dts = (first->dts + later) & (MG_TS_STAMP_RANGE - 1);
  if (!p->is_reordered)
    about.pts = about.dts;
  return about;
}

/* The first start code; what is before it ends a picture that is gone. SIZE when there is none. */
static gsize
find_start(const guint8 *data, gsize size)
{
  const guint8 *start = size >= START_CODE_BYTES ? memmem(data, size, "\0\0\1", 3) : NULL;
  return start != NULL ? (gsize) (start - data) : size;
}

void
mg_ts_pictures_take(MgTsPictures *p, MgTsTold *told, const guint8 *data, gsize size,
                    const MgTsReceived *first)
{
  MgNal nal;
  gsize begin = find_start(data, size);
  gboolean has_picture = FALSE;
  guint n = 0;
  MgNalIter it = mg_nal_iter(data + begin, size - begin, MG_NAL_ANNEX_B);
  while (mg_nal_next(&it, &nal)) {
    Role role = role_of(told->track.codec, &nal);
    gboolean is_next = role == BEFORE_SLICES || role == FIRST_SLICE;
    gsize at = (gsize) (nal.data - data) - START_CODE_BYTES;
    if (has_picture && is_next && !p->is_interlaced) {
      MgTsReceived about = about_later(p, first, n++);
      take_unit(p, told, data + begin, at - begin, &about);
      begin = at;
      has_picture = FALSE;
    }
    has_picture = has_picture || role == SLICE || role == FIRST_SLICE;
  }
  MgTsReceived about = about_later(p, first, n);
  if (begin < size)
    take_unit(p, told, data + begin, size - begin, &about);
  else
    mg_ts_told_damage(told);
}

gboolean
mg_ts_pictures_begin(guint32 codec, const guint8 *data, gsize size)
{
  MgReader r = MG_READER(data, size);
  guint byte = mg_reader_u8(&r);
  while (byte == 0 && !mg_reader_failed(&r))
    byte = mg_reader_u8(&r);
  guint first = mg_reader_u8(&r);
  if (mg_reader_failed(&r) || byte != 1)
    return FALSE;
  return codec == MG_ANY_H264 ? (first & 31) == MG_H264_NAL_DELIMITER
                              : (first >> 1 & 63) == HEVC_DELIMITER;
}
