#include "mpegts/assembly.h"

#include "mpegts/pes.h"

#include <string.h>

enum {
  MOST_HEAD = 9 + 255,    /* of a PES packet */
  SPLIT_BYTES = 60000,    /* a picture in a PES packet as long as that may go on in the next */
  KEPT_ROOM = 256 * 1024, /* a buffer that is larger is given back when most of it is not needed */
};

typedef enum {
  IDLE, /* up to the next start, packets say nothing */
  HEAD, /* of a PES packet, not whole */
  BODY,
} State;

struct MgTsAssembly {
  MgTsTold told;
  State state;
  guint8 head[MOST_HEAD];
  gsize n_head;
  gboolean is_entry_next; /* the packet that the head began in said so */
  gboolean is_open;       /* BODY: up to the next start */
  gsize left;             /* BODY: else so many bytes */
  gboolean has_body;      /* there is something to tell of … */
  MgWriter body;          /* … and this is it */
  MgTsReceived about;     /* with its stamps */
  MgTsCollector *sections;
  MgTsPictures pictures;
  MgTsSound sound;
};

MgTsAssembly *
mg_ts_assembly_new(MgTsSink *sink, const MgTsStream *stream)
{
  MgTsAssembly *a = g_new0(MgTsAssembly, 1);
  MgTsTold *told = &a->told;
  told->sink = sink;
  mg_writer_bytes(&told->descriptors, stream->descriptors.data, stream->descriptors.size);
  told->track = (MgTsTrack){
    .pid = stream->pid,
    .codec = mg_ts_stream_codec(stream),
    .type = stream->type,
    .descriptors = { told->descriptors.data, told->descriptors.size },
  };
  mg_ts_stream_language(stream, told->track.language);
  a->sound.framing = mg_ts_framing_of(told->track.codec, stream->type);
  if (told->track.codec == MG_TS_SCTE35)
    a->sections = g_new0(MgTsCollector, 1);
  return a;
}

void
mg_ts_assembly_free(MgTsAssembly *a)
{
  if (a == NULL)
    return;
  mg_ts_sink_release(a->told.sink, &a->body);
  mg_ts_sound_clear(&a->sound, a->told.sink);
  mg_ts_told_clear(&a->told);
  g_free(a->sections);
  g_free(a);
}

gboolean
mg_ts_assembly_is_for(const MgTsAssembly *a, const MgTsStream *stream)
{
  const MgTsTrack *t = &a->told.track;
  return t->pid == stream->pid && t->type == stream->type &&
         t->descriptors.size == stream->descriptors.size &&
         (t->descriptors.size == 0 ||
          memcmp(t->descriptors.data, stream->descriptors.data, t->descriptors.size) == 0);
}

const MgTsTrack *
mg_ts_assembly_track(const MgTsAssembly *a)
{
  return &a->told.track;
}

static MgTsMedia
media_of(const MgTsAssembly *a)
{
  return mg_ts_codec_media(a->told.track.codec);
}

/* --- what is whole ----------------------------------------------------------------------------- */

static void
drop_body(MgTsAssembly *a)
{
  a->has_body = FALSE;
  if (a->body.room > KEPT_ROOM && a->body.size < a->body.room / 4)
    mg_ts_sink_release(a->told.sink, &a->body);
  mg_writer_reset(&a->body);
}

static void
tell_body(MgTsAssembly *a)
{
  const MgWriter *body = &a->body;
  if (!a->has_body)
    return;
  if (body->size > 0) {
    switch (media_of(a)) {
    case MG_TS_VIDEO:
      mg_ts_pictures_take(&a->pictures, &a->told, body->data, body->size, &a->about);
      break;
    case MG_TS_AUDIO:
      mg_ts_sound_take(&a->sound, &a->told, body->data, body->size, a->about.pts);
      break;
    case MG_TS_DATA: mg_ts_told_copy(&a->told, body->data, body->size, &a->about); break;
    }
  }
  drop_body(a);
}

static void
on_section(const guint8 *section, gsize size, gpointer user)
{
  MgTsAssembly *a = user;
  const MgTsReceived about = { .pts = MG_TS_NONE, .dts = MG_TS_NONE, .is_key = TRUE };
  if (mg_ts_crc(section, size) != 0)
    mg_ts_told_damage(&a->told);
  else
    mg_ts_told_copy(&a->told, section, size, &about);
}

/* --- PES packets ------------------------------------------------------------------------------- */

static void
append(MgTsAssembly *a, MgReader *r)
{
  gsize n = a->is_open ? mg_reader_left(r) : MIN(mg_reader_left(r), a->left);
  if (!mg_ts_sink_append(a->told.sink, &a->body, mg_reader_take(r, n), n)) {
    a->told.sink->counts.n_refused++;
    a->told.is_after_loss = TRUE;
    a->state = IDLE;
    a->has_body = FALSE;
    mg_ts_sink_release(a->told.sink, &a->body);
    return;
  }
  if (a->is_open || (a->left -= n) > 0)
    return;
  a->state = IDLE;
  if (media_of(a) != MG_TS_VIDEO || a->body.size < SPLIT_BYTES)
    tell_body(a);
}

/*
 * Whether a picture that was too long for one PES packet goes on in this one (2.4.3.7 on stamps).
 */
static gboolean
goes_on(const MgTsAssembly *a, const MgTsPes *pes, const MgReader *r)
{
  gsize left = mg_reader_left(r);
  return a->has_body && media_of(a) == MG_TS_VIDEO && pes->pts == MG_TS_NONE &&
         !mg_ts_pictures_begin(a->told.track.codec, mg_reader_peek(r, left), left);
}

static void
begin_body(MgTsAssembly *a, const MgTsPes *pes, MgReader *r)
{
  if (!goes_on(a, pes, r)) {
    tell_body(a);
    a->about = (MgTsReceived){
      .pts = pes->pts,
      .dts = pes->dts != MG_TS_NONE ? pes->dts : pes->pts,
      .is_key = media_of(a) != MG_TS_VIDEO,
      .is_entry = a->is_entry_next,
    };
  }
  a->has_body = TRUE;
  a->state = BODY;
  a->is_open = pes->is_open;
  a->left = pes->payload_size;
}

/* Bytes go to the head until it is whole, and what of them is behind it to the body. */
static void
take_head(MgTsAssembly *a, MgReader *r)
{
  MgTsPes pes;
  gsize n = MIN(mg_reader_left(r), MOST_HEAD - a->n_head);
  memcpy(a->head + a->n_head, mg_reader_take(r, n), n);
  a->n_head += n;
  MgTsPesResult result = mg_ts_pes_parse(a->head, a->n_head, &pes);
  if (result == MG_TS_PES_MORE && a->n_head < MOST_HEAD)
    return;
  if (result != MG_TS_PES_HEAD) {
    tell_body(a);
    mg_ts_told_damage(&a->told);
    a->state = IDLE;
    return;
  }
  r->pos -= MIN(r->pos, a->n_head - pes.head_size);
  begin_body(a, &pes, r);
}

static void
push_pes(MgTsAssembly *a, const MgTsPacket *packet)
{
  MgReader r = MG_READER(packet->payload, packet->payload_size);
  if (packet->is_start) {
    if (a->state == HEAD)
      mg_ts_told_damage(&a->told);
    a->state = HEAD;
    a->n_head = 0;
    a->is_entry_next = packet->is_random_access;
  }
  if (a->state == HEAD && mg_reader_left(&r) > 0)
    take_head(a, &r);
  if (a->state == BODY)
    append(a, &r);
}

void
mg_ts_assembly_push(MgTsAssembly *a, const MgTsPacket *packet)
{
  if (a->sections != NULL)
    mg_ts_collector_push(a->sections, packet, on_section, a);
  else
    push_pes(a, packet);
}

/* --- breaks ------------------------------------------------------------------------------------ */

/* Whether the body may lack its end. */
static gboolean
is_unfinished(const MgTsAssembly *a)
{
  return a->has_body && a->state == BODY;
}

void
mg_ts_assembly_break(MgTsAssembly *a)
{
  if (a->sections != NULL)
    mg_ts_collector_reset(a->sections);
  if (is_unfinished(a) && media_of(a) != MG_TS_AUDIO) {
    mg_ts_told_damage(&a->told);
    drop_body(a);
  }
  tell_body(a); /* of sound, the frames before the break are whole */
  mg_ts_sound_break(&a->sound);
  a->state = IDLE;
  a->told.is_after_loss = TRUE;
}

void
mg_ts_assembly_flush(MgTsAssembly *a)
{
  if (is_unfinished(a) && !a->is_open) {
    mg_ts_assembly_break(a);
    return;
  }
  tell_body(a);
  mg_ts_sound_break(&a->sound);
  a->state = IDLE;
}
