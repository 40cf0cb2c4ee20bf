#include "rtmp/command.h"

#include "rtmp/error.h"
#include "rtmp/flv.h"

#include <float.h>
#include <string.h>

void
mg_rtmp_command_clear(MgRtmpCommand *command)
{
  if (command == NULL)
    return;
  mg_amf_doc_free(command->doc);
  *command = (MgRtmpCommand){ .doc = NULL };
}

gboolean
mg_rtmp_command_parse(const MgRtmpMessage *message, MgRtmpCommand *command, GError **error)
{
  *command = (MgRtmpCommand){ .doc = NULL };
  MgReader body = mg_rtmp_message_amf(message);
  g_autoptr(MgAmfDoc) doc = mg_amf_parse(body.data, body.size, error);
  if (doc == NULL) {
    g_prefix_error(error, "command: ");
    return FALSE;
  }
  const MgAmf *root = mg_amf_doc_root(doc);
  const char *name = mg_amf_string(mg_amf_nth(root, 0), NULL);
  if (name == NULL) {
    g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL, "command: it has no name");
    return FALSE;
  }
  command->name = name;
  command->transaction = mg_amf_number(mg_amf_nth(root, 1), -DBL_MAX, DBL_MAX, 0);
  command->object = mg_amf_nth(root, 2);
  command->doc = g_steal_pointer(&doc);
  return TRUE;
}

const MgAmf *
mg_rtmp_command_arg(const MgRtmpCommand *command, guint n)
{
  return mg_amf_nth(mg_amf_doc_root(command->doc), 3 + n);
}

static const char *
text_member(const MgRtmpCommand *command, const char *name)
{
  return mg_amf_string(mg_amf_member(command->object, name), NULL);
}

static const char *const codec_lists[] = { "fourCcList", "videoFourCcInfoMap",
                                           "audioFourCcInfoMap" };

static gboolean
is_enhanced(const MgAmf *object)
{
  gboolean found = mg_amf_member(object, "capsEx") != NULL;
  for (guint i = 0; i < G_N_ELEMENTS(codec_lists); i++)
    found |= mg_amf_member(object, codec_lists[i]) != NULL;
  return found;
}

/* What one of the lists says: an array of names, or an object with flags. "*" beats a name. */
static guint
codec_flags(const MgAmf *list, const char *fourcc)
{
  guint flags = 0;
  list = mg_amf_follow(list);
  for (const MgAmf *v = mg_amf_first(list); v != NULL; v = mg_amf_next(list, v)) {
    const char *name = v->name != NULL ? v->name : mg_amf_string(v, "");
    guint said = (guint) mg_amf_number(v, 0, 7, MG_RTMP_DECODES);
    if (strcmp(name, "*") == 0)
      return said;
    if (strcmp(name, fourcc) == 0)
      flags = said;
  }
  return flags;
}

guint
mg_rtmp_connect_codec(const MgRtmpCommand *command, guint32 fourcc)
{
  char name[5];
  guint flags = 0;
  mg_flv_fourcc_text(fourcc, name);
  for (guint i = 0; i < G_N_ELEMENTS(codec_lists); i++)
    flags |= codec_flags(mg_amf_member(command->object, codec_lists[i]), name);
  return flags;
}

void
mg_rtmp_connect_read(const MgRtmpCommand *command, MgRtmpConnect *connect)
{
  const MgAmf *encoding = mg_amf_member(command->object, "objectEncoding");
  *connect = (MgRtmpConnect){
    .app = text_member(command, "app"),
    .tc_url = text_member(command, "tcUrl"),
    .flash_version = text_member(command, "flashVer"),
    .type = text_member(command, "type"),
    .object_encoding = mg_amf_number(encoding, 0, 3, 0) == 3 ? 3 : 0,
    .is_enhanced = is_enhanced(command->object),
    .caps = (guint) mg_amf_number(mg_amf_member(command->object, "capsEx"), 0, G_MAXUINT16, 0),
  };
  if (connect->tc_url == NULL)
    connect->tc_url = text_member(command, "tcurl");
}

void
mg_rtmp_publish_read(const MgRtmpCommand *command, MgRtmpPublish *publish)
{
  publish->name = mg_amf_string(mg_rtmp_command_arg(command, 0), "");
  publish->type = mg_amf_string(mg_rtmp_command_arg(command, 1), "live");
}
