/* MultichannelConfig: which speakers the channels of a track are for. */
#include "rtmp/flv.h"

enum { NATIVE = 1, CUSTOM = 2 }; /* orders of channels */
enum { EX_AUDIO_CHANNELS = 9 << 4 | 4, UNKNOWN = 0xff };
enum { BACK_LEFT = 4, BACK_RIGHT = 5, SIDE_LEFT = 9, SIDE_RIGHT = 10 };
enum { LEFT_SURROUND = 4, RIGHT_SURROUND = 5, NONE_IN_PARTICULAR = 127 };

gboolean
mg_flv_channels_parse(const guint8 *data, gsize size, MgFlvChannels *channels)
{
  MgReader r = MG_READER(data, size);
  guint8 order = mg_reader_u8(&r);
  *channels = (MgFlvChannels){ .n_channels = mg_reader_u8(&r) };
  if (channels->n_channels > MG_FLV_MOST_CHANNELS)
    return FALSE;
  if (order == NATIVE)
    channels->mask = mg_reader_be32(&r);
  channels->has_map = order == CUSTOM;
  for (guint i = 0; channels->has_map && i < channels->n_channels; i++) {
    channels->speaker[i] = mg_reader_u8(&r);
    if (channels->speaker[i] < MG_FLV_MOST_CHANNELS)
      channels->mask |= 1u << channels->speaker[i];
  }
  return !mg_reader_failed(&r);
}

/* Of each speaker, when there are speakers at both sides. */
static const guint8 positions_of[MG_FLV_MOST_CHANNELS] = {
  0,  1,  2,  3,  8,  9,  6,  7,  10, LEFT_SURROUND, RIGHT_SURROUND, 25, 17, 19, 18,
  20, 22, 21, 26, 23, 24, 29, 27, 28,
};

/* A pair behind the listener has two names: that of the only one there is, and of the rear one of two. */
static guint8
position_of(guint8 speaker, gboolean has_sides)
{
  if (speaker >= MG_FLV_MOST_CHANNELS)
    return NONE_IN_PARTICULAR;
  if (!has_sides && (speaker == BACK_LEFT || speaker == BACK_RIGHT))
    return speaker == BACK_LEFT ? LEFT_SURROUND : RIGHT_SURROUND;
  return positions_of[speaker];
}

guint
mg_flv_channels_positions(const MgFlvChannels *channels, guint8 positions[MG_FLV_MOST_CHANNELS])
{
  gboolean has_sides = (channels->mask & (1u << SIDE_LEFT | 1u << SIDE_RIGHT)) != 0;
  guint n = 0;
  for (guint8 i = 0; channels->has_map && i < channels->n_channels; i++)
    positions[n++] = position_of(channels->speaker[i], has_sides);
  for (guint8 i = 0; !channels->has_map && i < MG_FLV_MOST_CHANNELS; i++)
    if (channels->mask & 1u << i)
      positions[n++] = position_of(i, has_sides);
  return n == channels->n_channels ? n : 0;
}

static guint8
speaker_at(guint8 position)
{
  for (guint8 i = 0; i < MG_FLV_MOST_CHANNELS; i++)
    if (positions_of[i] == position)
      return i;
  return UNKNOWN;
}

void
mg_flv_write_channels(MgWriter *w, guint32 codec, const guint8 *positions, guint n)
{
  g_assert(n <= MG_FLV_MOST_CHANNELS);
  mg_writer_u8(w, EX_AUDIO_CHANNELS);
  mg_writer_be32(w, codec);
  mg_writer_u8(w, CUSTOM);
  mg_writer_u8(w, (guint8) n);
  for (guint i = 0; i < n; i++)
    mg_writer_u8(w, speaker_at(positions[i]));
}
