#include "rtmp/chunk.h"

#include "rtmp/chunk-header.h"
#include "rtmp/error.h"

#include <string.h>

enum { FIRST_STREAMS = 4 };

typedef MgRtmpChunkHeader Header;

/* A chunk stream: its last header, and the message that is under way. */
typedef struct {
  guint32 csid;
  guint32 timestamp;
  guint32 field; /* the last timestamp field: absolute of fmt 0, else a difference */
  gboolean is_extended;
  guint32 length;
  guint32 stream_id;
  guint8 type;
  gboolean is_open; /* a message has begun and is not whole */
  guint32 have;     /* bytes of it */
  guint32 room;     /* bytes BLOCK has; at most LENGTH */
  guint32 proven;   /* the largest message that was finished here */
  gpointer block;   /* owned */
  guint8 *bytes;    /* in BLOCK */
} Stream;

struct MgRtmpChunkReader {
  MgRtmpLimits limits;
  const MgRtmpMemory *memory;
  gpointer user;
  guint32 chunk_size;
  guint64 n_bytes;
  gsize reserved; /* by open messages */
  gboolean has_failed;

  guint8 head[MG_RTMP_CHUNK_HEADER_BYTES]; /* a header that the input has cut */
  gsize n_head;

  Stream *streams; /* owned, n_streams of streams_room */
  guint n_streams;
  guint streams_room;
  guint current;      /* the stream whose chunk is being read … */
  guint32 chunk_left; /* … and its bytes to come; 0 between chunks */
};

static gpointer
plain_alloc(gsize size, guint8 **bytes, gpointer user)
{
  return *bytes = g_try_malloc(size);
}

static void
plain_free(gpointer block, gpointer user)
{
  g_free(block);
}

const MgRtmpMemory mg_rtmp_memory_plain = { plain_alloc, plain_free };

MgRtmpChunkReader *
mg_rtmp_chunk_reader_new(const MgRtmpLimits *limits, const MgRtmpMemory *memory, gpointer user)
{
  MgRtmpChunkReader *r = g_new0(MgRtmpChunkReader, 1);
  r->limits = limits != NULL ? *limits : MG_RTMP_LIMITS_DEFAULT;
  r->memory = memory != NULL ? memory : &mg_rtmp_memory_plain;
  r->user = user;
  r->chunk_size = MG_RTMP_DEFAULT_CHUNK_SIZE;
  return r;
}

/* Forgets what has arrived of a message. */
static void
drop_message(MgRtmpChunkReader *r, Stream *s)
{
  if (s->block != NULL)
    r->memory->free(s->block, r->user);
  r->reserved -= s->room;
  s->block = NULL;
  s->have = s->room = 0;
  s->is_open = FALSE;
}

void
mg_rtmp_chunk_reader_free(MgRtmpChunkReader *r)
{
  if (r == NULL)
    return;
  for (guint i = 0; i < r->n_streams; i++)
    drop_message(r, &r->streams[i]);
  g_free(r->streams);
  g_free(r);
}

void
mg_rtmp_chunk_reader_release(MgRtmpChunkReader *r, MgRtmpMessage *message)
{
  if (message->block != NULL)
    r->memory->free(message->block, r->user);
  message->block = NULL;
  message->data = NULL;
  message->size = 0;
}

guint64
mg_rtmp_chunk_reader_bytes(const MgRtmpChunkReader *r)
{
  return r->n_bytes;
}

static Stream *
find_stream(const MgRtmpChunkReader *r, guint32 csid)
{
  for (guint i = 0; i < r->n_streams; i++)
    if (r->streams[i].csid == csid)
      return &r->streams[i];
  return NULL;
}

static Stream *
add_stream(MgRtmpChunkReader *r, guint32 csid, GError **error)
{
  if (r->n_streams >= r->limits.chunk_streams) {
    g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_LIMIT, "more than %u chunk streams",
                r->limits.chunk_streams);
    return NULL;
  }
  if (r->n_streams == r->streams_room) {
    guint room = MAX(r->streams_room * 2, FIRST_STREAMS);
    Stream *grown = g_try_realloc(r->streams, room * sizeof *grown);
    if (grown == NULL) {
      g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_MEMORY, "no memory for a chunk stream");
      return NULL;
    }
    r->streams = grown;
    r->streams_room = room;
  }
  Stream *s = &r->streams[r->n_streams++];
  *s = (Stream){ .csid = csid };
  return s;
}

/* FALSE when it is cut short. */
static gboolean
read_header(const MgRtmpChunkReader *r, MgReader *in, Header *h)
{
  mg_rtmp_chunk_header_read_basic(in, h);
  const Stream *s = find_stream(r, h->csid);
  mg_rtmp_chunk_header_read_rest(in, h, s != NULL && s->is_extended ? &s->field : NULL);
  return !mg_reader_failed(in);
}

/* Forgets the first N bytes kept in HEAD. */
static void
drop_head(MgRtmpChunkReader *r, gsize n)
{
  r->n_head -= n;
  memmove(r->head, r->head + n, r->n_head);
}

/* Reads a header that may lie partly in HEAD. FALSE: IN is used up. */
static gboolean
take_header(MgRtmpChunkReader *r, MgReader *in, Header *h)
{
  *h = (Header){ 0 };
  MgReader ahead = *in;
  if (r->n_head == 0 && read_header(r, &ahead, h)) {
    *in = ahead;
    return TRUE;
  }
  gsize n = MIN(mg_reader_left(in), MG_RTMP_CHUNK_HEADER_BYTES - r->n_head);
  memcpy(r->head + r->n_head, mg_reader_peek(in, n), n);
  MgReader head = MG_READER(r->head, r->n_head + n);
  if (!read_header(r, &head, h)) {
    mg_reader_skip(in, n);
    r->n_head += n;
    return FALSE;
  }
  /* What was kept may go beyond the header: it could have been a repeated timestamp. */
  gsize from_in = head.pos > r->n_head ? head.pos - r->n_head : 0;
  mg_reader_skip(in, from_in);
  drop_head(r, head.pos - from_in);
  return TRUE;
}

static gboolean
protocol_error(GError **error, const Header *h, const char *why)
{
  g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL, "chunk stream %u: %s", h->csid, why);
  return FALSE;
}

/* A chunk that begins a message. */
static gboolean
begin_message(MgRtmpChunkReader *r, Stream *s, const Header *h, GError **error)
{
  if (h->fmt <= 1) {
    s->length = h->length;
    s->type = h->type;
  }
  if (h->fmt == 0)
    s->stream_id = h->stream_id;
  if (h->fmt != 3) {
    s->field = h->field;
    s->is_extended = h->is_extended;
  }
  s->timestamp = h->fmt == 0 ? s->field : s->timestamp + s->field;
  if (s->length > r->limits.message_bytes) {
    g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_LIMIT,
                "a message of %u bytes; at most %" G_GSIZE_FORMAT " are taken", s->length,
                r->limits.message_bytes);
    return FALSE;
  }
  s->is_open = TRUE;
  return TRUE;
}

static gboolean
begin_chunk(MgRtmpChunkReader *r, const Header *h, GError **error)
{
  Stream *s = find_stream(r, h->csid);
  if (s == NULL && h->fmt == 3)
    return protocol_error(error, h, "it begins without a header");
  if (s == NULL && (s = add_stream(r, h->csid, error)) == NULL)
    return FALSE;
  if (s->is_open && h->fmt == 0)
    drop_message(r, s);
  if (s->is_open && h->fmt == 1 && (h->length != s->length || h->type != s->type))
    return protocol_error(error, h, "a message changes its length or type");
  if (!s->is_open && !begin_message(r, s, h, error))
    return FALSE;
  r->current = (guint) (s - r->streams);
  r->chunk_left = MIN(r->chunk_size, s->length - s->have);
  return TRUE;
}

/* Makes the block of an open message larger, as far as what arrived justifies. */
static gboolean
make_room(MgRtmpChunkReader *r, Stream *s, gsize available, GError **error)
{
  gsize trusted = MAX(MG_RTMP_TRUSTED_BYTES, 2 * MAX(s->proven, available));
  gsize budget = r->limits.partial_bytes - (r->reserved - s->room);
  gsize room = MIN(MIN(s->length, MAX(trusted, 2 * (gsize) s->room)), budget);
  if (room <= s->room) {
    g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_LIMIT,
                "more than %" G_GSIZE_FORMAT " bytes in unfinished messages",
                r->limits.partial_bytes);
    return FALSE;
  }
  guint8 *bytes = NULL;
  gpointer block = r->memory->alloc(room, &bytes, r->user);
  if (block == NULL) {
    g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_MEMORY, "no memory for a message");
    return FALSE;
  }
  if (s->have > 0)
    memcpy(bytes, s->bytes, s->have);
  if (s->block != NULL)
    r->memory->free(s->block, r->user);
  r->reserved += room - s->room;
  s->block = block;
  s->bytes = bytes;
  s->room = (guint32) room;
  return TRUE;
}

/* Copies up to N bytes of payload; returns how many there were. */
static gsize
copy_payload(MgRtmpChunkReader *r, MgReader *in, guint8 *to, gsize n)
{
  if (r->n_head > 0) {
    n = MIN(n, r->n_head);
    memcpy(to, r->head, n);
    drop_head(r, n);
    return n;
  }
  n = MIN(n, mg_reader_left(in));
  memcpy(to, mg_reader_take(in, n), n);
  return n;
}

/* Reads what is there of the current chunk. */
static gboolean
read_chunk(MgRtmpChunkReader *r, MgReader *in, GError **error)
{
  Stream *s = &r->streams[r->current];
  while (r->chunk_left > 0) {
    gsize available = mg_reader_left(in) + r->n_head;
    if (available == 0)
      return TRUE;
    if (s->have == s->room && !make_room(r, s, available, error))
      return FALSE;
    gsize n = MIN(r->chunk_left, s->room - s->have);
    n = copy_payload(r, in, s->bytes + s->have, n);
    s->have += (guint32) n;
    r->chunk_left -= (guint32) n;
  }
  return TRUE;
}

/* Hands over the message that the current chunk has finished. */
static void
take_message(MgRtmpChunkReader *r, MgRtmpMessage *message)
{
  Stream *s = &r->streams[r->current];
  *message = (MgRtmpMessage){
    .csid = s->csid,
    .timestamp = s->timestamp,
    .stream_id = s->stream_id,
    .type = s->type,
    .data = s->bytes,
    .size = s->length,
    .block = g_steal_pointer(&s->block),
  };
  if (message->block == NULL)
    message->data = NULL;
  s->proven = MAX(s->proven, s->length);
  drop_message(r, s);
}

/* Set Chunk Size and Abort (5.4.1, 5.4.2). */
static gboolean
obey(MgRtmpChunkReader *r, const MgRtmpMessage *m, GError **error)
{
  MgReader body = MG_READER(m->data, m->size);
  guint32 value = mg_reader_be32(&body);
  Header from = { .csid = m->csid };
  if (mg_reader_failed(&body))
    return protocol_error(error, &from, "a control message is cut short");
  if (m->type == MG_RTMP_ABORT) {
    Stream *s = find_stream(r, value);
    if (s != NULL)
      drop_message(r, s);
    return TRUE;
  }
  value &= 0x7fffffff;
  if (value == 0)
    return protocol_error(error, &from, "a chunk size of 0");
  r->chunk_size = MIN(value, MG_RTMP_MOST_CHUNK_SIZE);
  return TRUE;
}

/* The next message for the caller, if IN completes one. */
static MgRtmpChunkState
next_message(MgRtmpChunkReader *r, MgReader *in, MgRtmpMessage *message, GError **error)
{
  Header h;
  while (TRUE) {
    if (r->chunk_left == 0) {
      if (!take_header(r, in, &h))
        return MG_RTMP_CHUNK_MORE;
      if (!begin_chunk(r, &h, error))
        return MG_RTMP_CHUNK_FAILED;
    }
    if (!read_chunk(r, in, error))
      return MG_RTMP_CHUNK_FAILED;
    if (r->chunk_left > 0)
      return MG_RTMP_CHUNK_MORE;
    if (r->streams[r->current].have < r->streams[r->current].length)
      continue;
    take_message(r, message);
    if (message->type != MG_RTMP_SET_CHUNK_SIZE && message->type != MG_RTMP_ABORT)
      return MG_RTMP_CHUNK_MESSAGE;
    gboolean is_fine = obey(r, message, error);
    mg_rtmp_chunk_reader_release(r, message);
    if (!is_fine)
      return MG_RTMP_CHUNK_FAILED;
  }
}

MgRtmpChunkState
mg_rtmp_chunk_reader_next(MgRtmpChunkReader *r, MgReader *in, MgRtmpMessage *message,
                          GError **error)
{
  if (r->has_failed) {
    g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_PROTOCOL, "the connection has failed before");
    return MG_RTMP_CHUNK_FAILED;
  }
  gsize before = in->pos;
  MgRtmpMessage m;
  MgRtmpChunkState state = next_message(r, in, &m, error);
  r->n_bytes += in->pos - before;
  r->has_failed = state == MG_RTMP_CHUNK_FAILED;
  if (state == MG_RTMP_CHUNK_MESSAGE)
    *message = m;
  return state;
}
