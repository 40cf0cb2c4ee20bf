/*
 * What is pulled, from the call's messages to the session, and to those that play it here.
 */
#include "pull-state.h"

#include <mediagraph/mediagraph.h>
#include <rtmp/metadata.h>

static gpointer
add_track(MgStream *stream, gpointer user)
{
  Pull *self = user;
  return mg_port_new(self->node, stream);
}

static void
change_track(gpointer port, MgStream *stream, gpointer user)
{
  mg_port_set_stream(port, stream);
}

static void
push_packet(gpointer port, MgBuffer *buffer, gpointer user)
{
  Pull *self = user;
  self->media_end = MAX(self->media_end, MAX(buffer->pts, buffer->dts) + buffer->duration);
  if (self->cast != NULL)
    cast_push(self->cast, self, buffer);
  mg_push(port, buffer);
}

static const MediaOutput media_output = { add_track, change_track, push_packet };

void
pull_count(Pull *self)
{
  media_count(self->media, &self->counters, &self->counted);
}

/* Media time goes on where the last call stopped, plus the time that has passed since. */
static void
begin_media(Pull *self)
{
  MgTime now = mg_now();
  MediaSetup setup = {
    .output = &media_output,
    .user = self,
    .base = self->seen == 0 ? 0 : self->media_end + MAX(now - self->seen, 0),
    .node = self->node,
    .label = self->target.tc_url,
  };
  self->media = media_new(&setup);
  if (self->players != NULL)
    self->cast = cast_publish(self->players, self->played[0], self->played[1], self);
  self->counted = (MediaStats){ 0 };
}

static void
note_media(Pull *self)
{
  self->seen = mg_now();
  if (self->begun != 0)
    return;
  self->begun = self->seen;
  self->has_said = FALSE;
  mg_counter_add(self->starts, 1);
  mg_info(self->node, "plays from %s", self->target.tc_url);
  mg_timer_start_in(&self->silence, self->input_timeout);
}

void
pull_drop_media(Pull *self)
{
  pull_count(self);
  g_clear_pointer(&self->media, media_free);
  if (self->cast != NULL)
    cast_unpublish(g_steal_pointer(&self->cast), self);
}

void
pull_end_media(Pull *self)
{
  if (self->media == NULL)
    return;
  pull_drop_media(self);
  if (self->begun == 0)
    return;
  self->begun = 0;
  self->seen = mg_now();
  mg_source_pause(self->node);
}

/* Servers send data of their own when playing begins, long before there is a stream. */
static gboolean
is_metadata(const MgRtmpMessage *message)
{
  MgRtmpMetadata metadata = { 0 };
  return mg_rtmp_metadata_merge(&metadata, message, NULL) == MG_RTMP_METADATA_UPDATED;
}

static void
take_data(Pull *self, MgRtmpMessage *message)
{
  if (self->media == NULL && is_metadata(message))
    begin_media(self);
  if (self->cast != NULL)
    cast_take_data(self->cast, self, message);
  if (self->media != NULL)
    media_take_data(self->media, message);
  else
    mg_data_unref(g_steal_pointer(&message->block));
}

void
pull_take(Pull *self, MgRtmpCallerEvent *event)
{
  if (event->kind == MG_RTMP_CALLER_DATA) {
    take_data(self, &event->message);
    return;
  }
  if (self->media == NULL)
    begin_media(self);
  note_media(self);
  if (event->kind == MG_RTMP_CALLER_AUDIO)
    media_take_audio(self->media, &event->message, self->seen);
  else
    media_take_video(self->media, &event->message, self->seen);
}
