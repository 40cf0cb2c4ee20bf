#include "publisher.h"

#include <rtmp/call.h>
#include <rtmp/command.h>
#include <rtmp/control.h>
#include <rtmp/error.h>

#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
  READ_BYTES = 16384,
  AUDIO_CSID = 4,
  VIDEO_CSID = 6,
  /* Transactions of the calls whose answers are waited for. */
  CONNECT = 1,
  CREATE_STREAM = 4,
};

static gint64
now_ns(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * G_GINT64_CONSTANT(1000000000) + t.tv_nsec;
}

/* --- sending ----------------------------------------------------------------------------------- */

static void
lose(Publisher *p, const char *what, const char *why)
{
  if (p->state == PUBLISHER_LOST)
    return;
  p->state = PUBLISHER_LOST;
  if (p->error == NULL)
    g_set_error(&p->error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "publisher %u: %s: %s", p->index,
                what, why);
  wire_clear(&p->wire);
}

static void
watch(Publisher *p, guint events)
{
  if (events == p->events || p->wire.fd < 0)
    return;
  struct epoll_event event = { .events = events, .data.ptr = p };
  epoll_ctl(p->setup->epoll_fd, p->events ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, p->wire.fd, &event);
  p->events = events;
}

static void
flush(Publisher *p)
{
  while (p->sent < p->out.size) {
    gsize size = MIN(p->out.size - p->sent, p->setup->write_bytes);
    gssize n = wire_send(&p->wire, p->out.data + p->sent, size);
    if (n < 0 && errno == EINTR)
      continue;
    if (n < 0 && errno == EAGAIN) {
      p->n_blocked++;
      break;
    }
    if (n < 0) {
      lose(p, "cannot send", g_strerror(errno));
      return;
    }
    p->sent += (gsize) n;
    p->n_bytes += (gsize) n;
  }
  gboolean is_empty = p->sent == p->out.size;
  if (is_empty) {
    mg_writer_reset(&p->out);
    p->sent = 0;
  }
  watch(p, is_empty ? EPOLLIN : EPOLLIN | EPOLLOUT);
}

/* --- what the server is told ------------------------------------------------------------------- */

static void
write_connect(Publisher *p)
{
  MgRtmpConnectCall call = { p->setup->app, p->setup->tc_url, "FMLE/3.0 (compatible; bench)" };
  mg_rtmp_write_set_chunk_size(&p->writer, &p->out, p->setup->chunk_size);
  mg_rtmp_call_connect(&p->writer, &p->out, CONNECT, &call);
}

static void
name_of(const Publisher *p, char *name, gsize size)
{
  g_snprintf(name, size, "%s%u", p->setup->prefix, p->index);
}

static void
write_create(Publisher *p)
{
  char name[128];
  name_of(p, name, sizeof name);
  mg_rtmp_call(&p->writer, &p->out, "releaseStream", 2, name);
  mg_rtmp_call(&p->writer, &p->out, "FCPublish", 3, name);
  mg_rtmp_call(&p->writer, &p->out, "createStream", CREATE_STREAM, NULL);
}

static void
write_publish(Publisher *p)
{
  char name[128];
  name_of(p, name, sizeof name);
  mg_rtmp_call_publish(&p->writer, &p->out, 5, p->stream_id, name, "live");
}

static void
write_tag(Publisher *p, const ClipTag *tag, guint32 timestamp_ms)
{
  MgRtmpMessage m = {
    .csid = tag->type == MG_RTMP_VIDEO ? VIDEO_CSID : AUDIO_CSID,
    .timestamp = timestamp_ms,
    .stream_id = p->stream_id,
    .type = tag->type,
    .data = tag->data,
    .size = tag->size,
  };
  mg_rtmp_chunk_write(&p->writer, &p->out, &m);
}

static void
be_ready(Publisher *p)
{
  const Clip *clip = p->setup->clip;
  p->state = PUBLISHER_READY;
  p->ready_ns = now_ns();
  if (p->setup->is_idle)
    return;
  for (guint i = 0; i < clip->headers->len; i++)
    write_tag(p, &g_array_index(clip->headers, ClipTag, i), 0);
}

/* --- what the server says ---------------------------------------------------------------------- */

static void
on_result(Publisher *p, const MgRtmpCommand *command)
{
  if (command->transaction == CONNECT && p->setup->is_idle)
    be_ready(p);
  else if (command->transaction == CONNECT)
    write_create(p);
  if (command->transaction != CREATE_STREAM)
    return;
  p->stream_id = (guint32) mg_amf_number(mg_rtmp_command_arg(command, 0), 0, G_MAXUINT32, 1);
  write_publish(p);
}

static void
on_command(Publisher *p, const MgRtmpMessage *message)
{
  g_auto(MgRtmpCommand) command = { 0 };
  if (!mg_rtmp_command_parse(message, &command, NULL))
    return;
  const MgAmf *info = mg_rtmp_command_arg(&command, 0);
  const char *code = mg_amf_string(mg_amf_member(info, "code"), "");
  if (g_str_equal(command.name, "_result"))
    on_result(p, &command);
  else if (g_str_equal(command.name, "_error"))
    lose(p, "refused", code);
  else if (g_str_equal(code, "NetStream.Publish.Start") && p->state == PUBLISHER_GREETING)
    be_ready(p);
  else if (g_str_equal(mg_amf_string(mg_amf_member(info, "level"), ""), "error"))
    lose(p, "refused", code);
}

static void
read_messages(Publisher *p, MgReader *in)
{
  g_autoptr(GError) error = NULL;
  MgRtmpMessage m;
  MgRtmpChunkState state;
  while ((state = mg_rtmp_chunk_reader_next(p->reader, in, &m, &error)) == MG_RTMP_CHUNK_MESSAGE) {
    if (m.type == MG_RTMP_COMMAND)
      on_command(p, &m);
    mg_rtmp_chunk_reader_release(p->reader, &m);
    if (p->state == PUBLISHER_LOST)
      return;
  }
  if (state == MG_RTMP_CHUNK_FAILED)
    lose(p, "cannot understand the server", error->message);
}

static void
read_handshake(Publisher *p, MgReader *in)
{
  g_autoptr(GError) error = NULL;
  switch (mg_rtmp_handshake_feed(p->handshake, in, &p->out, &error)) {
  case MG_RTMP_HANDSHAKE_MORE: return;
  case MG_RTMP_HANDSHAKE_FAILED: lose(p, "no handshake", error->message); return;
  case MG_RTMP_HANDSHAKE_DONE: break;
  }
  g_clear_pointer(&p->handshake, mg_rtmp_handshake_free);
  write_connect(p);
}

static void
take(Publisher *p, const guint8 *bytes, gsize n)
{
  MgReader in = MG_READER(bytes, n);
  if (p->handshake != NULL)
    read_handshake(p, &in);
  if (p->handshake == NULL && p->state != PUBLISHER_LOST)
    read_messages(p, &in);
}

/* All there is: what TLS holds already would not wake anybody. */
static void
on_input(Publisher *p)
{
  guint8 bytes[READ_BYTES];
  gssize n;
  while (p->state != PUBLISHER_LOST && (n = wire_receive(&p->wire, bytes, sizeof bytes)) != -1) {
    if (n == 0)
      lose(p, "the server closed the connection", "end of stream");
    else if (!p->setup->is_raw)
      take(p, bytes, (gsize) n);
  }
  if (p->state != PUBLISHER_LOST && errno != EAGAIN && errno != EINTR)
    lose(p, "the server closed the connection", g_strerror(errno));
}

/* --- the story --------------------------------------------------------------------------------- */

static void
begin_handshake(Publisher *p)
{
  guint8 random[MG_RTMP_HANDSHAKE_BYTES];
  memset(random, (int) p->index, sizeof random);
  p->state = PUBLISHER_GREETING;
  p->handshake = mg_rtmp_handshake_new_client(random, &p->out);
}

/* All that an encoder says until its media begins, without waiting for the answers. */
static void
say_it_all(Publisher *p)
{
  begin_handshake(p);
  g_clear_pointer(&p->handshake, mg_rtmp_handshake_free);
  mg_writer_zeros(&p->out, MG_RTMP_HANDSHAKE_BYTES);
  write_connect(p);
  write_create(p);
  p->stream_id = 1;
  write_publish(p);
  be_ready(p);
}

static void
on_connected(Publisher *p)
{
  int failure = 0;
  socklen_t size = sizeof failure;
  getsockopt(p->wire.fd, SOL_SOCKET, SO_ERROR, &failure, &size);
  if (failure != 0)
    lose(p, "cannot connect", g_strerror(failure));
  else if (p->setup->is_raw)
    say_it_all(p);
  else
    begin_handshake(p);
}

void
publisher_open(Publisher *p, const LoadSetup *setup, guint index)
{
  *p = (Publisher){ .setup = setup, .index = index, .writer = MG_RTMP_CHUNK_WRITER_INIT };
  p->reader = mg_rtmp_chunk_reader_new(NULL, NULL, NULL);
  p->begun_ns = now_ns();
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
  wire_init(&p->wire, fd, setup->tls);
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(fd, (const struct sockaddr *) &setup->address, sizeof setup->address) < 0 &&
      errno != EINPROGRESS)
    lose(p, "cannot connect", g_strerror(errno));
  watch(p, EPOLLOUT);
}

void
publisher_clear(Publisher *p)
{
  wire_clear(&p->wire);
  mg_rtmp_handshake_free(p->handshake);
  mg_rtmp_chunk_reader_free(p->reader);
  mg_writer_clear(&p->out);
  g_clear_error(&p->error);
}

void
publisher_on_events(Publisher *p, guint events)
{
  if (p->state == PUBLISHER_LOST)
    return;
  if (p->state == PUBLISHER_CONNECTING)
    on_connected(p);
  else if (events & (EPOLLIN | EPOLLHUP | EPOLLERR))
    on_input(p);
  if (p->state != PUBLISHER_LOST)
    flush(p);
}

void
publisher_send_tag(Publisher *p, guint tag)
{
  const Clip *clip = p->setup->clip;
  const ClipTag *t = &g_array_index(clip->tags, ClipTag, tag);
  if (tag == 0 && p->is_playing)
    p->loop++;
  p->is_playing |= tag == 0;
  if (!p->is_playing)
    return;
  write_tag(p, t, p->loop * clip->period_ms + t->at_ms);
  p->n_tags++;
  flush(p);
}

void
publisher_say_goodbye(Publisher *p)
{
  if (p->state != PUBLISHER_READY || p->setup->is_idle)
    return;
  mg_rtmp_call_delete_stream(&p->writer, &p->out, 6, p->stream_id);
  flush(p);
}
