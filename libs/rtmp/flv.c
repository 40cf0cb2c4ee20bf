#include "rtmp/flv.h"

#include "rtmp/error.h"

enum { EX_VIDEO = 0x80, EX_AUDIO = 9 };
enum { FRAME_KEY = 1, FRAME_INTER = 2, FRAME_GENERATED_KEY = 4, FRAME_COMMAND = 5 };

/* Packet types of Enhanced RTMP. */
enum {
  CODED_FRAMES = 1,
  VIDEO_METADATA = 4,
  VIDEO_MULTITRACK = 6,
  AUDIO_MULTITRACK = 5,
  MODEX = 7
};
enum { ONE_TRACK = 0, MANY_TRACKS = 1, MANY_CODECS = 2, NO_MULTITRACK = 0xff };
enum { MODEX_OFFSET_NS = 0, MOST_OFFSET_NS = 999999 };

MgFlvParts
mg_flv_video_parts(const guint8 *body, gsize size)
{
  return (MgFlvParts){ .in = MG_READER(body, size), .is_video = TRUE, .multitrack = NO_MULTITRACK };
}

MgFlvParts
mg_flv_audio_parts(const guint8 *body, gsize size)
{
  return (MgFlvParts){ .in = MG_READER(body, size), .multitrack = NO_MULTITRACK };
}

static gboolean
fail(MgFlvParts *p, const char *why, GError **error)
{
  p->is_over = TRUE;
  g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL, "%s tag: %s",
              p->is_video ? "video" : "audio", why);
  return FALSE;
}

/* The part goes from here to END of the body, and says something unless it is empty. */
static gboolean
end_part(MgFlvParts *p, MgFlvPart *part, gsize end)
{
  part->offset = p->in.pos;
  part->size = end - p->in.pos;
  mg_reader_skip(&p->in, part->size);
  return part->size > 0 || part->kind == MG_FLV_END || part->kind == MG_FLV_COMMAND;
}

/* --- classic tags ------------------------------------------------------------------------------ */

/* AVCVIDEOPACKET (E.4.3.1) behind the first byte. HEVC has the same in the wild. */
static gboolean
read_avc(MgFlvParts *p, MgFlvPart *part, GError **error)
{
  static const MgFlvKind kinds[] = { MG_FLV_CONFIG, MG_FLV_FRAME, MG_FLV_END };
  guint8 packet_type = mg_reader_u8(&p->in);
  gint32 composition_ms = mg_reader_be24s(&p->in);
  if (mg_reader_failed(&p->in))
    return fail(p, "its AVC header is cut short", error);
  if (packet_type >= G_N_ELEMENTS(kinds))
    return fail(p, "unknown AVC packet type", error);
  part->fourcc = part->codec == MG_FLV_CODEC_AVC ? MG_FLV_AVC : MG_FLV_HEVC;
  part->kind = kinds[packet_type];
  if (part->kind == MG_FLV_FRAME)
    part->composition_ms = composition_ms;
  return end_part(p, part, p->in.size);
}

static gboolean
read_classic_video(MgFlvParts *p, guint8 first, MgFlvPart *part, GError **error)
{
  gboolean is_command = first >> 4 == FRAME_COMMAND;
  part->codec = first & 15;
  if (!is_command && (part->codec == MG_FLV_CODEC_AVC || part->codec == MG_FLV_CODEC_HEVC))
    return read_avc(p, part, error);
  part->kind = is_command ? MG_FLV_COMMAND : MG_FLV_OTHER;
  if (is_command && mg_reader_left(&p->in) > 0)
    part->command = mg_reader_u8(&p->in);
  return end_part(p, part, p->in.size);
}

/* AACAUDIODATA (E.4.2.2) behind the first byte. */
static gboolean
read_aac(MgFlvParts *p, MgFlvPart *part, GError **error)
{
  guint8 packet_type = mg_reader_u8(&p->in);
  if (mg_reader_failed(&p->in))
    return fail(p, "its AAC header is cut short", error);
  if (packet_type > 1)
    return fail(p, "unknown AAC packet type", error);
  part->fourcc = MG_FLV_AAC;
  part->kind = packet_type == 0 ? MG_FLV_CONFIG : MG_FLV_FRAME;
  return end_part(p, part, p->in.size);
}

static gboolean
read_classic_audio(MgFlvParts *p, guint8 first, MgFlvPart *part, GError **error)
{
  enum { MP3_8_KHZ = 14 };
  part->codec = first >> 4;
  if (part->codec == MG_FLV_SOUND_AAC)
    return read_aac(p, part, error);
  gboolean is_mp3 = part->codec == MG_FLV_SOUND_MP3 || part->codec == MP3_8_KHZ;
  part->kind = is_mp3 ? MG_FLV_FRAME : MG_FLV_OTHER;
  part->fourcc = is_mp3 ? MG_FLV_MP3 : 0;
  return end_part(p, part, p->in.size);
}

/* --- enhanced tags ----------------------------------------------------------------------------- */

/* One modifier, and the type of the packet behind it. What is not known means nothing. */
static void
read_modex(MgFlvParts *p)
{
  gsize size = (gsize) mg_reader_u8(&p->in) + 1;
  if (size == 256)
    size = (gsize) mg_reader_be16(&p->in) + 1;
  MgReader data = mg_reader_sub(&p->in, size);
  guint8 types = mg_reader_u8(&p->in);
  p->packet_type = types & 15;
  guint32 ns = mg_reader_be24(&data);
  if (types >> 4 == MODEX_OFFSET_NS && !mg_reader_failed(&data) && ns <= MOST_OFFSET_NS)
    p->common.offset_ns = ns;
}

/* ExVideoTagHeader and ExAudioTagHeader, up to where the first track begins. */
static gboolean
read_enhanced_header(MgFlvParts *p, GError **error)
{
  guint8 multitrack = p->is_video ? VIDEO_MULTITRACK : AUDIO_MULTITRACK;
  while (p->packet_type == MODEX && !mg_reader_failed(&p->in))
    read_modex(p);
  if (p->packet_type == multitrack && p->common.kind != MG_FLV_COMMAND) {
    guint8 types = mg_reader_u8(&p->in);
    p->multitrack = types >> 4;
    p->packet_type = types & 15;
    if (p->multitrack > MANY_CODECS)
      return fail(p, "unknown way of carrying several tracks", error);
    if (p->packet_type == multitrack && !mg_reader_failed(&p->in))
      return fail(p, "several tracks within one of several tracks", error);
  }
  gboolean has_command = p->common.kind == MG_FLV_COMMAND && p->packet_type != VIDEO_METADATA;
  if (!has_command && p->multitrack != MANY_CODECS)
    p->common.fourcc = mg_reader_be32(&p->in);
  return !mg_reader_failed(&p->in) || fail(p, "its header is cut short", error);
}

/* What packet type the part is; FALSE: none of those there are. */
static gboolean
find_kind(const MgFlvParts *p, MgFlvKind *kind)
{
  enum { NONE = -1 };
  static const gint video[] = { MG_FLV_CONFIG, MG_FLV_FRAME,    MG_FLV_END,
                                MG_FLV_FRAME,  MG_FLV_METADATA, MG_FLV_TS_CONFIG };
  static const gint audio[] = { MG_FLV_CONFIG, MG_FLV_FRAME, MG_FLV_END, NONE, MG_FLV_CHANNELS };
  gsize n = p->is_video ? G_N_ELEMENTS(video) : G_N_ELEMENTS(audio);
  gint found = p->packet_type >= n ? NONE : (p->is_video ? video : audio)[p->packet_type];
  *kind = found == NONE ? MG_FLV_OTHER : (MgFlvKind) found;
  return found != NONE;
}

static gboolean
has_composition_time(const MgFlvParts *p, guint32 fourcc)
{
  return p->is_video && p->packet_type == CODED_FRAMES &&
         (fourcc == MG_FLV_AVC || fourcc == MG_FLV_HEVC || fourcc == MG_FLV_VVC);
}

/* ExVideoTagBody and ExAudioTagBody of one track. */
static gboolean
read_enhanced_part(MgFlvParts *p, MgFlvPart *part, GError **error)
{
  gsize end = p->in.size;
  if (p->multitrack == MANY_CODECS)
    part->fourcc = mg_reader_be32(&p->in);
  if (p->multitrack != NO_MULTITRACK) {
    part->track = mg_reader_u8(&p->in);
    part->has_track = TRUE;
  }
  if (p->multitrack == MANY_TRACKS || p->multitrack == MANY_CODECS) {
    gsize size = mg_reader_be24(&p->in);
    end = p->in.pos + MIN(size, mg_reader_left(&p->in));
    if (size > mg_reader_left(&p->in))
      return fail(p, "a track is cut short", error);
  }
  if (!find_kind(p, &part->kind))
    return fail(p, "unknown packet type", error);
  if (has_composition_time(p, part->fourcc))
    part->composition_ms = mg_reader_be24s(&p->in);
  if (mg_reader_failed(&p->in) || p->in.pos > end)
    return fail(p, "a track's header is cut short", error);
  return end_part(p, part, end);
}

/* A command of the enhanced form: a byte, and neither FourCC nor track. */
static gboolean
read_enhanced_command(MgFlvParts *p, MgFlvPart *part, GError **error)
{
  p->is_over = TRUE;
  part->command = mg_reader_u8(&p->in);
  if (mg_reader_failed(&p->in))
    return fail(p, "its command is missing", error);
  return end_part(p, part, p->in.size);
}

/* --- both -------------------------------------------------------------------------------------- */

/* Reads the header. TRUE: this is an enhanced tag, whose tracks follow; else PART is all, if FOUND. */
static gboolean
begin(MgFlvParts *p, MgFlvPart *part, gboolean *found, GError **error)
{
  p->has_begun = TRUE;
  p->is_over = mg_reader_left(&p->in) == 0;
  *found = FALSE;
  if (p->is_over)
    return FALSE;
  guint8 first = mg_reader_u8(&p->in);
  guint frame_type = (first >> 4) & 7;
  gboolean is_enhanced = p->is_video ? (first & EX_VIDEO) != 0 : first >> 4 == EX_AUDIO;
  p->common.is_key = p->is_video && (frame_type == FRAME_KEY || frame_type == FRAME_GENERATED_KEY);
  if (is_enhanced) {
    p->packet_type = first & 15;
    p->common.kind = p->is_video && frame_type == FRAME_COMMAND ? MG_FLV_COMMAND : MG_FLV_OTHER;
    return read_enhanced_header(p, error);
  }
  *part = p->common;
  p->is_over = TRUE;
  *found = p->is_video ? read_classic_video(p, first, part, error)
                       : read_classic_audio(p, first, part, error);
  return FALSE;
}

gboolean
mg_flv_parts_next(MgFlvParts *p, MgFlvPart *part, GError **error)
{
  gboolean found = FALSE;
  if (!p->has_begun && !begin(p, part, &found, error))
    return found;
  while (!found && !p->is_over) {
    gboolean has_many = p->multitrack == MANY_TRACKS || p->multitrack == MANY_CODECS;
    if (has_many && mg_reader_left(&p->in) == 0)
      return FALSE;
    *part = p->common;
    if (p->common.kind == MG_FLV_COMMAND && p->packet_type != VIDEO_METADATA)
      return read_enhanced_command(p, part, error);
    found = read_enhanced_part(p, part, error);
    p->is_over |= !has_many;
  }
  return found;
}

MgReader
mg_flv_part_bytes(const MgFlvPart *part, const guint8 *body, gsize size)
{
  MgReader r = MG_READER(body, size);
  mg_reader_skip(&r, part->offset);
  return mg_reader_sub(&r, part->size);
}

/* --- the rest ---------------------------------------------------------------------------------- */

void
mg_flv_write_avc_header(MgWriter *w, gboolean is_key, guint8 packet_type, gint32 composition_ms)
{
  guint frame_type = is_key ? FRAME_KEY : FRAME_INTER;
  mg_writer_u8(w, (guint8) (frame_type << 4 | MG_FLV_CODEC_AVC));
  mg_writer_u8(w, packet_type);
  mg_writer_be24(w, (guint32) composition_ms & 0xffffff);
}

void
mg_flv_write_aac_header(MgWriter *w, guint8 packet_type)
{
  mg_writer_u8(w, MG_FLV_SOUND_AAC << 4 | 0x0f);
  mg_writer_u8(w, packet_type);
}
