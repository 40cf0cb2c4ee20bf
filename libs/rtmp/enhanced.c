#include "rtmp/enhanced.h"

#include "rtmp/amf0.h"
#include "rtmp/command.h"
#include "rtmp/flv.h"

/* Codecs as an object: all of them may be forwarded. */
static void
write_codec_map(MgWriter *body, const char *name, const guint32 *codecs)
{
  mg_amf_write_name(body, name);
  mg_amf_write_object_begin(body);
  for (; codecs != NULL && *codecs != 0; codecs++) {
    char fourcc[5];
    mg_flv_fourcc_text(*codecs, fourcc);
    mg_amf_write_property_number(body, fourcc, MG_RTMP_FORWARDS);
  }
  mg_amf_write_end(body);
}

static guint32
count(const guint32 *codecs)
{
  guint32 n = 0;
  for (; codecs != NULL && codecs[n] != 0; n++)
    continue;
  return n;
}

static void
write_codec_names(MgWriter *body, const guint32 *codecs)
{
  for (; codecs != NULL && *codecs != 0; codecs++) {
    char fourcc[5];
    mg_flv_fourcc_text(*codecs, fourcc);
    mg_amf_write_string(body, fourcc);
  }
}

void
mg_rtmp_write_enhanced(MgWriter *body, guint caps, const guint32 *video, const guint32 *audio)
{
  mg_amf_write_property_number(body, "capsEx", caps);
  mg_amf_write_name(body, "fourCcList");
  mg_amf_write_strict_begin(body, count(video) + count(audio));
  write_codec_names(body, video);
  write_codec_names(body, audio);
  write_codec_map(body, "videoFourCcInfoMap", video);
  write_codec_map(body, "audioFourCcInfoMap", audio);
}
