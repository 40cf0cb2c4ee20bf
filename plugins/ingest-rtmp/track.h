/* What media.c, track.c, audio.c and video.c share: tracks, and the way of a packet out of them. */
#pragma once

#include "media.h"

#include <codec/any.h>
#include <rtmp/colour.h>
#include <rtmp/flv.h>
#include <rtmp/metadata.h>
#include <timeline/clean.h>
#include <timeline/unwrap.h>

enum {
  MOST_TRACKS = 16, /* of one publication */
  MOST_SAID = 10,   /* changes of one track that are logged: what goes on changing is not news */
};

typedef struct {
  Media *media;
  gboolean is_video;
  guint8 number; /* the publisher's */
  char id[12];   /* "video", "audio"; "video1", "audio7" of others than number 0 */
  guint clock;   /* its number in the timeline */

  guint32 codec;  /* with config: its FourCC */
  MgData *config; /* as everybody behind wants it; NULL: none has come */
  MgAnyFacts facts;
  MgStream *stream; /* NULL: not declared yet */
  gpointer port;
  gboolean has_sent;
  gboolean wants_discont; /* the next key packet is marked */

  char unknown[48]; /* the last codec that could not be carried */
  guint64 n_unknown;
  guint n_said;            /* changes logged */
  gboolean has_complained; /* about broken input: once is enough */

  /* Audio. */
  MgFlvChannels channels;

  /* Video. */
  guint32 avc_means; /* HEVC, from encoders that call it AVC; else 0 */
  guint length_size; /* of the NAL units that come */
  MgTime frame;      /* nominal duration of a picture, or 0 */
  MgRtmpColour colour;
  gboolean waits_for_key;
  guint n_waited; /* pictures dropped meanwhile */
  MgSlice held;   /* units without a picture, to go in front of the next one; data may be NULL */
} Track;

/* A packet that waits for the publisher's other tracks. */
typedef struct {
  gpointer port;
  MgBuffer *buffer; /* owned */
} Early;

enum { MOST_EARLY = 256 };

struct Media {
  const MediaOutput *output;
  gpointer user;
  MgNode *node;
  char *label;
  MgTimeline *timeline;
  MgUnwrap unwrap;
  MgRtmpMetadata metadata;
  Track *tracks[MOST_TRACKS]; /* owned, in the order of their coming; the first two are number 0 */
  guint n_tracks;
  const Track *main_video; /* the first that was declared: others are qualities of it */
  gboolean has_too_many;
  MediaStats stats;
  MgTime begun;  /* arrival of the first packet; 0: none yet */
  GArray *early; /* of Early; NULL once all has been known, or waited for */
  gboolean has_said;
};

/* A packet with all but its stream. Slices that have data are taken. */
typedef struct {
  MgSlice before, payload;
  guint flags;
  guint32 timestamp_ms;
  guint32 offset_ns; /* beyond them */
  gint32 composition_ms;
  MgTime duration; /* 0: not known */
  MgTime arrival;
} Packet;

/* A part of a message, whose coded bytes are DATA. */
typedef struct {
  const MgFlvPart *part;
  const MgRtmpMessage *message;
  const guint8 *data;
  gsize size;
  MgTime arrival;
} Piece;

/* --- media.c ----------------------------------------------------------------------------------- */

/* Counts a packet (taken) and sends it to PORT, or lets it wait for tracks that are announced. */
void media_send(Media *media, gpointer port, MgBuffer *buffer);

/* Sends what waits. */
void media_release(Media *media);

/* Says what the publisher's tracks are, when they are known or this one is news. */
void media_say_declared(Media *media, Track *track);

/* What metadata says of the track. */
const MgRtmpTrackMetadata *media_metadata(const Track *track);

/* --- track.c ----------------------------------------------------------------------------------- */

/* Returned-owned: track NUMBER of MEDIA's timeline. */
Track *track_new(Media *media, gboolean is_video, guint8 number);
void track_free(Track *track);

typedef enum {
  TRACK_CONFIG_SAME,
  TRACK_CONFIG_NEW, /* to be declared */
  TRACK_CONFIG_BROKEN,
} TrackConfig;

/* Goes over to a configuration as it came, or to the one that a packet implies (FORM as in nal.h). */
TrackConfig track_take_config(Track *track, guint32 codec, const guint8 *config, gsize size,
                              GError **error);
TrackConfig track_make_config(Track *track, guint32 codec, const guint8 *packet, gsize size,
                              guint form, GError **error);

/* Declares INFO, whose id, media, form, codec, config and language are filled in here. */
void track_declare(Track *track, MgStreamInfo *info);

void track_push(Track *track, Packet *packet);

/* Counts a message of CODEC, and says once that it is not carried. */
void track_count_unknown(Track *track, const char *codec);

/* Counts a packet that cannot be used; WHY (may be NULL) is logged the first time. */
void track_drop(Track *track, const char *why);

/* The same for a packet of CODEC that comes before its configuration. */
void track_drop_early(Track *track, guint32 codec);

/* The piece's bytes: in its message's own memory, or a copy. No data: no memory. */
MgSlice track_payload(const Piece *piece);

/* Metadata's frame rate, if it can be one; the usual fractions of 1001 are recognised. */
MgFraction track_frame_rate(gdouble fps);

/* --- audio.c, video.c -------------------------------------------------------------------------- */

void audio_take_config(Track *track, guint32 codec, const Piece *piece);
void audio_take_frame(Track *track, guint32 codec, const Piece *piece);
void audio_take_channels(Track *track, const Piece *piece);

void video_take_config(Track *track, guint32 codec, const Piece *piece);
void video_take_frame(Track *track, guint32 codec, const Piece *piece);
void video_take_metadata(Track *track, const Piece *piece);
