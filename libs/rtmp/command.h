/*
 * Reading commands (RTMP specification 7.2): messages of type 20, and of type 17, which are the same
 * behind a format byte. What the server answers stands in reply.h, what a client calls in call.h.
 */
#pragma once

#include "rtmp/amf0.h"
#include "rtmp/message.h"

#include <glib.h>

typedef struct {
  MgAmfDoc *doc;       /* owned; all else is borrowed from it */
  const char *name;    /* never NULL */
  gdouble transaction; /* 0 when the peer expects no answer; always finite */
  const MgAmf *object; /* the command object, often of type NULL; NULL when left out */
} MgRtmpCommand;

/*
 * Fills COMMAND, to be cleared with mg_rtmp_command_clear(). FALSE with ERROR set and COMMAND empty
 * when the AMF is broken or does not begin with a name.
 */
gboolean mg_rtmp_command_parse(const MgRtmpMessage *message, MgRtmpCommand *command,
                               GError **error);
void mg_rtmp_command_clear(MgRtmpCommand *command);

/* Argument N behind the command object, from 0; NULL when there are fewer. */
const MgAmf *mg_rtmp_command_arg(const MgRtmpCommand *command, guint n);

/* capsEx: what Enhanced RTMP v2 lets both sides say that they can. */
enum {
  MG_RTMP_CAN_RECONNECT = 1,
  MG_RTMP_CAN_MULTITRACK = 2,
  MG_RTMP_CAN_MODEX = 4,
  MG_RTMP_CAN_OFFSET_NS = 8,
};

/* What connect says; borrowed from the command, NULL where the peer says nothing. */
typedef struct {
  const char *app;
  const char *tc_url; /* as sent, quotes and all: names.h takes it apart */
  const char *flash_version;
  const char *type;      /* "nonprivate" from most encoders */
  guint object_encoding; /* 0: AMF0, 3: AMF3 within AMF0, too */
  gboolean is_enhanced;  /* it says something of Enhanced RTMP: capabilities, or lists of codecs */
  guint caps;            /* MG_RTMP_CAN_… */
} MgRtmpConnect;

void mg_rtmp_connect_read(const MgRtmpCommand *command, MgRtmpConnect *connect);

/* What a client can do with a codec (FourCcInfoMask). */
enum { MG_RTMP_DECODES = 1, MG_RTMP_ENCODES = 2, MG_RTMP_FORWARDS = 4 };

/*
 * What connect says of a codec in its maps; a codec that is only listed, in fourCcList, is one to decode.
 * "*" stands for all. 0: nothing.
 */
guint mg_rtmp_connect_codec(const MgRtmpCommand *command, guint32 fourcc);

typedef struct {
  const char *name; /* as sent, with its query; "" when left out */
  const char *type; /* live, record or append; "live" when left out */
} MgRtmpPublish;

void mg_rtmp_publish_read(const MgRtmpCommand *command, MgRtmpPublish *publish);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(MgRtmpCommand, mg_rtmp_command_clear)
