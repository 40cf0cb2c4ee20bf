#include "facts.h"

#include <rtmp/amf0.h>

#include <string.h>

/* Metadata that is larger is not passed on. */
enum { MOST_METADATA_BYTES = 16 << 10 };

void
play_facts_clear(PlayFacts *f)
{
  g_clear_pointer(&f->video, mg_stream_unref);
  g_clear_pointer(&f->audio, mg_stream_unref);
  for (guint i = 0; i < PLAY_TRACKS; i++) {
    g_clear_pointer(&f->more[FALSE][i], mg_stream_unref);
    g_clear_pointer(&f->more[TRUE][i], mg_stream_unref);
  }
  g_clear_pointer(&f->metadata, mg_data_unref);
}

/* The number behind "audio" or "video"; 0 without one. */
static guint64
number_of(const MgStreamInfo *info)
{
  const char *digits = info->id + strcspn(info->id, "0123456789");
  return g_ascii_strtoull(digits, NULL, 10);
}

/* The place for a track of INFO in the facts, and its number for players; NULL: there is none. */
static MgStream **
place_of(PlayFacts *f, const MgStreamInfo *info, guint8 *track)
{
  gboolean is_video = info->media == MG_MEDIA_VIDEO;
  MgStream **first = is_video ? &f->video : &f->audio;
  guint64 number = number_of(info);
  *track = 0;
  if (*first == NULL || strcmp(mg_stream_info(*first)->id, info->id) == 0)
    return first;
  if (number == 0 || number >= PLAY_TRACKS)
    return NULL;
  *track = (guint8) number;
  return &f->more[is_video][number];
}

gboolean
play_facts_note(PlayFacts *f, MgStream *stream, guint8 *track)
{
  MgStream **known = place_of(f, mg_stream_info(stream), track);
  if (known == NULL)
    return FALSE;
  if (*known != stream) {
    mg_stream_unref(*known);
    *known = mg_stream_ref(stream);
  }
  return TRUE;
}

/* --- metadata ---------------------------------------------------------------------------------- */

/* Moves IN past a string if it is TEXT. */
static gboolean
skip_string(MgReader *in, const char *text)
{
  gsize size = strlen(text);
  MgReader ahead = *in;
  if (mg_reader_u8(&ahead) != MG_AMF_STRING || mg_reader_be16(&ahead) != size)
    return FALSE;
  const guint8 *bytes = mg_reader_take(&ahead, size);
  if (mg_reader_failed(&ahead) || memcmp(bytes, text, size) != 0)
    return FALSE;
  *in = ahead;
  return TRUE;
}

MgData *
play_metadata_read(const MgRtmpMessage *message)
{
  MgReader in = mg_rtmp_message_amf(message);
  skip_string(&in, "@setDataFrame");
  MgReader body = in;
  if (mg_reader_left(&in) > MOST_METADATA_BYTES || !skip_string(&in, "onMetaData"))
    return NULL;
  guint8 type = mg_reader_u8(&in);
  gsize size = mg_reader_left(&body);
  if (mg_reader_failed(&in) || (type != MG_AMF_OBJECT && type != MG_AMF_ECMA_ARRAY))
    return NULL;
  return mg_data_new_copy(mg_reader_take(&body, size), size);
}
