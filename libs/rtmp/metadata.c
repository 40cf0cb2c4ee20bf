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

/* A language tag keeps to letters, digits and hyphens, or is none. */
static void
merge_language(MgRtmpTrackMetadata *track, const MgAmf *info)
{
  const char *language = mg_amf_string(mg_amf_member(info, "language"), NULL);
  if (language == NULL)
    language = mg_amf_string(mg_amf_member(info, "lang"), "");
  gsize n = strlen(language);
  for (gsize i = 0; i < n; i++)
    if (!g_ascii_isalnum(language[i]) && language[i] != '-')
      return;
  if (n > 0 && n < sizeof track->language)
    g_strlcpy(track->language, language, sizeof track->language);
}

static void
merge_track(MgRtmpTrackMetadata *track, const MgAmf *info, const char *rate)
{
  track->kbps = member(info, rate, MOST_KBPS, track->kbps);
  track->framerate = member(info, "fps", MOST_FPS, track->framerate);
  track->framerate = member(info, "framerate", MOST_FPS, track->framerate);
  merge_language(track, info);
}

/* A map from track numbers to what is true of them. */
static void
merge_map(MgRtmpTrackMetadata *tracks, const MgAmf *map, const char *rate)
{
  for (guint i = 0; i < MG_RTMP_METADATA_TRACKS; i++) {
    char number[12];
    g_snprintf(number, sizeof number, "%u", i);
    const MgAmf *info = mg_amf_member(map, number);
    if (info != NULL)
      merge_track(&tracks[i], info, rate);
  }
}

/* Codecs are numbers, FourCCs as numbers, or names; 0 is none. */
static gboolean
names_codec(const MgAmf *info, const char *name)
{
  const MgAmf *codec = mg_amf_member(info, name);
  return mg_amf_number(codec, 0, G_MAXUINT32, 0) > 0 || *mg_amf_string(codec, "") != '\0';
}

static void
merge(MgRtmpMetadata *m, const MgAmf *info)
{
  m->has_video |= names_codec(info, "videocodecid");
  m->has_audio |= names_codec(info, "audiocodecid");
  m->width = (guint) member(info, "width", MOST_PIXELS, m->width);
  m->height = (guint) member(info, "height", MOST_PIXELS, m->height);
  merge_track(&m->video[0], info, "videodatarate");
  merge_track(&m->audio[0], info, "audiodatarate");
  merge_map(m->video, mg_amf_member(info, "videoTrackIdInfoMap"), "videodatarate");
  merge_map(m->audio, mg_amf_member(info, "audioTrackIdInfoMap"), "audiodatarate");
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
