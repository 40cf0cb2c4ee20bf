/* What any.h does for one codec; private to this folder. */
#pragma once

#include <codec/any.h>
#include <codec/aac.h>
#include <codec/ac3.h>
#include <codec/av1.h>
#include <codec/flac.h>
#include <codec/h264.h>
#include <codec/hevc.h>
#include <codec/mp3.h>
#include <codec/opus.h>
#include <codec/vpx.h>
#include <codec/vvc.h>

/* Any parsed configuration. */
typedef union {
  MgH264Config h264;
  MgHevcConfig hevc;
  MgVvcConfig vvc;
  MgAv1Config av1;
  MgVpxConfig vpx;
  MgAacConfig aac;
  MgOpusConfig opus;
  MgFlacConfig flac;
  MgAc3Config ac3;
  MgMp3Header mp3;
} MgAnyConfig;

typedef struct {
  guint32 codec;
  gboolean is_video;
  gboolean (*parse)(const guint8 *data, gsize size, MgAnyConfig *config, GError **error);
  void (*write)(const MgAnyConfig *config, MgWriter *out); /* NULL: the bytes themselves */
  gboolean (*equal)(const MgAnyConfig *a, const MgAnyConfig *b);
  char *(*codecs)(const MgAnyConfig *config);
  void (*tell)(const MgAnyConfig *config, MgAnyFacts *facts);
  gboolean (*packet)(const MgAnyFacts *facts, const guint8 *data, gsize size, MgAnyPacket *packet);
  gboolean (*make)(const guint8 *data, gsize size, guint length_size, MgWriter *out,
                   GError **error);   /* NULL: no packet implies one */
  gboolean (*keep)(const MgNal *nal); /* codecs of NAL units: what belongs into a payload */
} MgAnyCodec;

extern const MgAnyCodec mg_any_h264, mg_any_hevc, mg_any_vvc, mg_any_av1, mg_any_vp8, mg_any_vp9;
extern const MgAnyCodec mg_any_aac, mg_any_opus, mg_any_flac, mg_any_ac3, mg_any_eac3, mg_any_mp3;
