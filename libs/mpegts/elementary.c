#include "mpegts/elementary.h"

#include <codec/adts.h>
#include <codec/h264.h>
#include <codec/hevc.h>
#include <codec/opus.h>

enum {
  LENGTH_BYTES = 4,
  HEVC_NAL_DELIMITER = 35,
  OPUS_CONTROL = 0x7fe0, /* control_header_prefix, and nothing trimmed */
  MOST_HEAD = 16,        /* of an AAC frame, and of an Opus packet without what its length takes */
  MOST_UNIT = G_MAXINT32,
};

static const guint8 start_code[] = { 0, 0, 0, 1 };

/* Whatever pictures come: any slice type (H.264 table 7-5, H.265 table 7-2). */
static const guint8 h264_delimiter[] = { 0, 0, 0, 1, 9, 0xf0 };
static const guint8 hevc_delimiter[] = { 0, 0, 0, 1, HEVC_NAL_DELIMITER << 1, 1, 0x50 };

struct MgTsElementary {
  guint32 codec;
  MgAacConfig aac;
  MgWriter key_head; /* delimiter and parameter sets, in front of key frames */
  MgTsPiece delimiter;
  MgWriter heads; /* in front of frames of sound; never grows while pieces point to it */
  GArray *pieces; /* of MgTsPiece, in front of which all has been written up to … */
  guint at;
  gsize offset; /* … in piece AT */
  gsize left;
};

static gboolean
refuse(GError **error, MgCodecError code, const char *sentence)
{
  g_set_error_literal(error, MG_CODEC_ERROR, code, sentence);
  return FALSE;
}

/* --- configurations ---------------------------------------------------------------------------- */

static void
add_set(MgTsElementary *e, const MgNal *nal)
{
  mg_writer_bytes(&e->key_head, start_code, sizeof start_code);
  mg_writer_bytes(&e->key_head, nal->data, nal->size);
}

static void
add_h264_sets(MgTsElementary *e, const MgH264Sets *sets)
{
  MgNal nal;
  MgNalIter it = mg_nal_iter(sets->data, sets->size, 2);
  while (mg_nal_next(&it, &nal))
    add_set(e, &nal);
}

static gboolean
open_h264(MgTsElementary *e, const MgTsTrack *track, GError **error)
{
  MgH264Config config;
  if (!mg_h264_config_parse(track->config, track->config_size, &config, error))
    return FALSE;
  e->delimiter = (MgTsPiece){ h264_delimiter, sizeof h264_delimiter };
  mg_writer_bytes(&e->key_head, h264_delimiter, sizeof h264_delimiter);
  add_h264_sets(e, &config.sps);
  add_h264_sets(e, &config.pps);
  return TRUE;
}

static gboolean
open_hevc(MgTsElementary *e, const MgTsTrack *track, GError **error)
{
  MgHevcConfig config;
  MgNal nal;
  if (!mg_hevc_config_parse(track->config, track->config_size, &config, error))
    return FALSE;
  e->delimiter = (MgTsPiece){ hevc_delimiter, sizeof hevc_delimiter };
  mg_writer_bytes(&e->key_head, hevc_delimiter, sizeof hevc_delimiter);
  MgNalArrayIter it = mg_nal_arrays_iter(&config.sets);
  while (mg_nal_arrays_next(&it, &nal))
    add_set(e, &nal);
  return TRUE;
}

static gboolean
open_aac(MgTsElementary *e, const MgTsTrack *track, GError **error)
{
  if (!mg_aac_config_parse(track->config, track->config_size, &e->aac, error))
    return FALSE;
  if (mg_adts_can_carry(&e->aac))
    return TRUE;
  return refuse(
      error, MG_CODEC_ERROR_UNSUPPORTED,
      "this AAC cannot be put into MPEG-TS: its sample rate, channels or frame length are "
      "none that ADTS headers can say");
}

static gboolean
open_opus(MgTsElementary *e, const MgTsTrack *track, GError **error)
{
  MgOpusConfig config;
  if (!mg_opus_config_parse(track->config, track->config_size, &config, error))
    return FALSE;
  if (config.mapping_family <= 1 && config.channels <= 8)
    return TRUE;
  return refuse(error, MG_CODEC_ERROR_UNSUPPORTED,
                "Opus of this channel mapping family cannot be put into MPEG-TS");
}

static gboolean
open_track(MgTsElementary *e, const MgTsTrack *track, GError **error)
{
  switch (track->codec) {
  case MG_ANY_H264: return open_h264(e, track, error);
  case MG_ANY_HEVC: return open_hevc(e, track, error);
  case MG_ANY_AAC: return open_aac(e, track, error);
  case MG_ANY_OPUS: return open_opus(e, track, error);
  case MG_ANY_VVC:
  case MG_ANY_AV1:
  case MG_ANY_VP8:
  case MG_ANY_VP9:
  case MG_ANY_FLAC:
    return refuse(error, MG_CODEC_ERROR_UNSUPPORTED, "MPEG-TS cannot carry this codec");
  default: return TRUE;
  }
}

MgTsElementary *
mg_ts_elementary_new(const MgTsTrack *track, GError **error)
{
  g_autoptr(MgTsElementary) e = g_new0(MgTsElementary, 1);
  e->codec = track->codec;
  e->pieces = g_array_new(FALSE, FALSE, sizeof(MgTsPiece));
  if (!open_track(e, track, error))
    return NULL;
  return g_steal_pointer(&e);
}

void
mg_ts_elementary_free(MgTsElementary *e)
{
  if (e == NULL)
    return;
  mg_writer_clear(&e->key_head);
  mg_writer_clear(&e->heads);
  g_array_unref(e->pieces);
  g_free(e);
}

/* --- gathering --------------------------------------------------------------------------------- */

static void
add_piece(MgTsElementary *e, const guint8 *data, gsize size)
{
  const MgTsPiece piece = { data, size };
  if (size == 0)
    return;
  g_array_append_val(e->pieces, piece);
  e->left += size;
}

/* Where one is in the pieces of an access unit. */
typedef struct {
  const MgTsUnit *unit;
  guint at;
  gsize offset; /* in piece AT, always less than its size */
  gsize left;
} Cursor;

static void
skip_empty(Cursor *c)
{
  while (c->at < c->unit->n_pieces && c->offset == c->unit->pieces[c->at].size) {
    c->at++;
    c->offset = 0;
  }
}

static Cursor
cursor_at_start(const MgTsUnit *unit)
{
  Cursor c = { .unit = unit };
  for (guint i = 0; i < unit->n_pieces; i++)
    c.left += unit->pieces[i].size;
  skip_empty(&c);
  return c;
}

/* The next bytes that lie in a row, at most MOST and at least one, as long as there are any. */
static MgTsPiece
cursor_take(Cursor *c, gsize most)
{
  const MgTsPiece *piece = &c->unit->pieces[c->at];
  MgTsPiece taken = { piece->data + c->offset, MIN(most, piece->size - c->offset) };
  c->offset += taken.size;
  c->left -= taken.size;
  skip_empty(c);
  return taken;
}

static gsize
take_length(Cursor *c)
{
  gsize length = 0;
  for (guint i = 0; i < LENGTH_BYTES; i++)
    length = length << 8 | *cursor_take(c, 1).data;
  return length;
}

/* Appends the next N bytes, or passes them over. */
static void
move_bytes(MgTsElementary *e, Cursor *c, gsize n, gboolean is_wanted)
{
  while (n > 0) {
    MgTsPiece taken = cursor_take(c, n);
    if (is_wanted)
      add_piece(e, taken.data, taken.size);
    n -= taken.size;
  }
}

static gboolean
is_delimiter(const MgTsElementary *e, guint8 first)
{
  return e->codec == MG_ANY_H264 ? (first & 31) == MG_H264_NAL_DELIMITER
                                 : (first >> 1 & 63) == HEVC_NAL_DELIMITER;
}

/* Lengths become start codes; delimiters of its own go, there is one already. */
static gboolean
gather_nals(MgTsElementary *e, Cursor *c)
{
  for (guint n = 0; c->left > 0; n++) {
    if (c->left < LENGTH_BYTES || n == MG_TS_MOST_NALS)
      return FALSE;
    gsize size = take_length(c);
    if (size > c->left)
      return FALSE;
    if (size == 0)
      continue;
    gboolean is_wanted = !is_delimiter(e, c->unit->pieces[c->at].data[c->offset]);
    if (is_wanted)
      add_piece(e, start_code, sizeof start_code);
    move_bytes(e, c, size, is_wanted);
  }
  return TRUE;
}

static gboolean
gather_picture(MgTsElementary *e, Cursor *c, GError **error)
{
  if (c->unit->is_key)
    add_piece(e, e->key_head.data, e->key_head.size);
  else
    add_piece(e, e->delimiter.data, e->delimiter.size);
  if (gather_nals(e, c))
    return TRUE;
  return mg_codec_malformed(error, "the NAL units of an access unit do not add up");
}

static gboolean
gather_aac(MgTsElementary *e, Cursor *c, GError **error)
{
  if (c->left == 0 || c->left + MG_ADTS_HEADER_BYTES > MG_ADTS_MOST_FRAME)
    return mg_codec_malformed(error, "an AAC frame is too long for an ADTS header");
  gsize at = e->heads.size;
  mg_adts_write(&e->aac, c->left, &e->heads);
  add_piece(e, e->heads.data + at, e->heads.size - at);
  move_bytes(e, c, c->left, TRUE);
  return TRUE;
}

static void
gather_opus(MgTsElementary *e, Cursor *c)
{
  gsize at = e->heads.size;
  gsize size = c->left;
  mg_writer_be16(&e->heads, OPUS_CONTROL);
  for (; size >= 255; size -= 255)
    mg_writer_u8(&e->heads, 255);
  mg_writer_u8(&e->heads, (guint8) size);
  add_piece(e, e->heads.data + at, e->heads.size - at);
  move_bytes(e, c, c->left, TRUE);
}

static gboolean
gather_unit(MgTsElementary *e, Cursor *c, GError **error)
{
  switch (e->codec) {
  case MG_ANY_H264:
  case MG_ANY_HEVC: return gather_picture(e, c, error);
  case MG_ANY_AAC: return gather_aac(e, c, error);
  case MG_ANY_OPUS: gather_opus(e, c); return TRUE;
  default: move_bytes(e, c, c->left, TRUE); return TRUE;
  }
}

/* Room for the heads of all, because pieces will point to them. */
static gboolean
reserve_heads(MgTsElementary *e, const MgTsUnit *units, guint n, GError **error)
{
  gsize total = 0;
  for (guint i = 0; i < n; i++) {
    gsize size = cursor_at_start(&units[i]).left;
    if (size > MOST_UNIT - total)
      return refuse(error, MG_CODEC_ERROR_UNSUPPORTED, "an access unit is too large for MPEG-TS");
    total += size;
  }
  mg_writer_reset(&e->heads);
  gsize lengths = e->codec == MG_ANY_OPUS ? total / 255 : 0;
  if (mg_writer_reserve(&e->heads, (gsize) n * MOST_HEAD + lengths))
    return TRUE;
  return refuse(error, MG_CODEC_ERROR_NO_MEMORY, "no memory for the heads of access units");
}

gboolean
mg_ts_elementary_gather(MgTsElementary *e, const MgTsUnit *units, guint n, GError **error)
{
  g_array_set_size(e->pieces, 0);
  e->at = 0;
  e->offset = e->left = 0;
  if (!reserve_heads(e, units, n, error))
    return FALSE;
  for (guint i = 0; i < n; i++) {
    Cursor c = cursor_at_start(&units[i]);
    if (!gather_unit(e, &c, error))
      return FALSE;
  }
  return TRUE;
}

gsize
mg_ts_elementary_left(const MgTsElementary *e)
{
  return e->left;
}

void
mg_ts_elementary_write(MgTsElementary *e, gsize n, MgWriter *out)
{
  g_assert(n <= e->left);
  e->left -= n;
  while (n > 0) {
    const MgTsPiece *piece = &g_array_index(e->pieces, MgTsPiece, e->at);
    gsize some = MIN(n, piece->size - e->offset);
    mg_writer_bytes(out, piece->data + e->offset, some);
    n -= some;
    e->offset += some;
    if (e->offset == piece->size) {
      e->at++;
      e->offset = 0;
    }
  }
}
