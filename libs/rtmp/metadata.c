#include "rtmp/metadata.h"

#include "rtmp/amf0.h"

#include <string.h>

enum {
  MOST_PIXELS = 16384, /* in one direction */
  MOST_FPS = 1000,
  MOST_KBPS = 1000 * 1000,
  MOST_HZ = 768 * 1000,
  MOST_CHANNELS = 64,
};

static gdouble
member(const MgAmf *info, const char *name, gdouble most, gdouble before)
{
  return mg_amf_number(mg_amf_member(info, name), 0, most, before);
}

/* Channels are mostly said as "stereo", true or false. */
static guint
channels(const MgAmf *info, guint before)
{
  gdouble stereo = member(info, "stereo", 1, -1);
  gdouble said = stereo < 0 ? before : stereo + 1;
  return (guint) member(info, "audiochannels", MOST_CHANNELS, said);
}

static void
copy_printable(char *to, gsize room, const char *text)
{
  gsize n = 0;
  for (; n < room - 1 && text[n] != '\0'; n++)
    to[n] = g_ascii_isprint(text[n]) ? text[n] : '?';
  to[n] = '\0';
}

static void
merge(MgRtmpMetadata *m, const MgAmf *info)
{
  m->width = (guint) member(info, "width", MOST_PIXELS, m->width);
  m->height = (guint) member(info, "height", MOST_PIXELS, m->height);
  m->framerate = member(info, "fps", MOST_FPS, m->framerate);
  m->framerate = member(info, "framerate", MOST_FPS, m->framerate);
  m->video_kbps = member(info, "videodatarate", MOST_KBPS, m->video_kbps);
  m->audio_kbps = member(info, "audiodatarate", MOST_KBPS, m->audio_kbps);
  m->audio_sample_rate = (guint) member(info, "audiosamplerate", MOST_HZ, m->audio_sample_rate);
  m->audio_channels = channels(info, m->audio_channels);
  const char *encoder = mg_amf_string(mg_amf_member(info, "encoder"), NULL);
  if (encoder != NULL)
    copy_printable(m->encoder, sizeof m->encoder, encoder);
}

MgRtmpMetadataState
mg_rtmp_metadata_merge(MgRtmpMetadata *metadata, const MgRtmpMessage *message, GError **error)
{
  MgReader body = mg_rtmp_message_amf(message);
  g_autoptr(MgAmfDoc) doc = mg_amf_parse(body.data, body.size, error);
  if (doc == NULL) {
    g_prefix_error(error, "data message: ");
    return MG_RTMP_METADATA_BROKEN;
  }
  const MgAmf *root = mg_amf_doc_root(doc);
  guint at = strcmp(mg_amf_string(mg_amf_nth(root, 0), ""), "@setDataFrame") == 0 ? 1 : 0;
  if (strcmp(mg_amf_string(mg_amf_nth(root, at), ""), "onMetaData") != 0)
    return MG_RTMP_METADATA_OTHER;
  merge(metadata, mg_amf_nth(root, at + 1));
  return MG_RTMP_METADATA_UPDATED;
}
