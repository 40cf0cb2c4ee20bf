#include "mpegts/told.h"

#include <string.h>

void
mg_ts_told_clear(MgTsTold *told)
{
  mg_writer_clear(&told->config);
  mg_writer_clear(&told->descriptors);
}

static gboolean
is_same_config(const MgTsTold *told, guint32 codec, const MgWriter *config)
{
  const MgTsTrack *t = &told->track;
  if (t->config == NULL || t->codec != codec)
    return FALSE;
  if (t->config_size == config->size && memcmp(t->config, config->data, config->size) == 0)
    return TRUE;
  return mg_any_config_equal(codec, t->config, t->config_size, config->data, config->size);
}

void
mg_ts_told_config(MgTsTold *told, guint32 codec, MgWriter *config)
{
  if (is_same_config(told, codec, config)) {
    mg_writer_clear(config);
    return;
  }
  mg_writer_clear(&told->config);
  told->config = *config;
  *config = MG_WRITER_INIT;
  told->track.codec = codec;
  told->track.config = told->config.data;
  told->track.config_size = told->config.size;
  told->sink->events->on_track(&told->track, told->sink->user);
}

void
mg_ts_told_unit(MgTsTold *told, MgTsReceived *unit)
{
  unit->track = &told->track;
  unit->is_after_loss = told->is_after_loss;
  told->is_after_loss = FALSE;
  told->sink->events->on_unit(unit, told->sink->user);
  g_clear_pointer(&unit->data, g_free);
}

void
mg_ts_told_copy(MgTsTold *told, const guint8 *data, gsize size, const MgTsReceived *unit)
{
  MgTsReceived copy = *unit;
  copy.size = size;
  copy.data = g_try_malloc(size);
  if (copy.data == NULL) {
    told->sink->counts.n_refused++;
    told->is_after_loss = TRUE;
    return;
  }
  memcpy(copy.data, data, size);
  mg_ts_told_unit(told, &copy);
}

void
mg_ts_told_damage(MgTsTold *told)
{
  told->sink->counts.n_damaged++;
  told->is_after_loss = TRUE;
}

gboolean
mg_ts_sink_append(MgTsSink *sink, MgWriter *buffer, const guint8 *data, gsize n)
{
  gsize before = buffer->room;
  gsize more = n > buffer->room - buffer->size ? MAX(n, buffer->room / 2) : 0;
  if (buffer->size + n > MG_TS_MOST_PES || sink->held + more > MG_TS_MOST_HELD ||
      !mg_writer_reserve(buffer, n))
    return FALSE;
  sink->held += buffer->room - before;
  mg_writer_bytes(buffer, data, n);
  return TRUE;
}

void
mg_ts_sink_release(MgTsSink *sink, MgWriter *buffer)
{
  sink->held -= buffer->room;
  mg_writer_clear(buffer);
}
