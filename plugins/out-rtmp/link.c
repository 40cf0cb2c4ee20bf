#include "link.h"

#include <mediagraph/connect.h>
#include <rtmp/flv.h>

#include <string.h>
#include <sys/random.h>

/* How long what is queued may take to leave when the owner has left. */
#define LINGER (3 * MG_SECOND)

/* A server that acknowledges nothing for so long has gone. */
enum { USER_TIMEOUT_MS = 20000 };

/* A frame goes out in one chunk, mostly; servers refuse chunks that are larger. */
enum { CHUNK_BYTES = 65536 };

struct Link {
  MgNode *node;
  const LinkEvents *events;
  gpointer owner; /* NULL: it has left, or was told that it is over */
  MgConnection *connection;
  MgRtmpCaller *caller;
  MgTimer deadline; /* until started */
};

static void
link_free(Link *link)
{
  mg_timer_stop(&link->deadline);
  mg_rtmp_caller_free(link->caller);
  mg_node_release(link->node);
  g_free(link);
}

void
link_send(Link *link)
{
  gsize size;
  MgWriter *out = mg_rtmp_caller_output(link->caller);
  if (out->size == 0)
    return;
  guint8 *bytes = mg_writer_steal(out, &size);
  MgData *data = mg_data_new_wrap(bytes, size, g_free, bytes);
  mg_connection_write_data(link->connection, data, 0, size);
}

/* The server will not have us: the owner need not wait until the socket has closed. */
static void
fail(Link *link, const char *reason)
{
  gpointer owner = g_steal_pointer(&link->owner);
  mg_timer_stop(&link->deadline);
  link_send(link);
  mg_connection_close(link->connection, reason, LINGER);
  link->events->ended(owner, reason);
}

static void
on_connected(MgConnection *connection, gpointer data)
{
  link_send(data);
}

static void
on_started(Link *link)
{
  mg_timer_stop(&link->deadline);
  link->events->started(link->owner);
}

static void
on_received(MgConnection *connection, const guint8 *bytes, gsize size, gpointer data)
{
  Link *link = data;
  g_autoptr(GError) error = NULL;
  MgReader in = MG_READER(bytes, size);
  MgRtmpCallerEvent event = { .kind = MG_RTMP_CALLER_FAILED };
  while (link->owner != NULL &&
         mg_rtmp_caller_next(link->caller, &in, &event, &error) != MG_RTMP_CALLER_MORE) {
    if (event.kind == MG_RTMP_CALLER_STARTED)
      on_started(link);
    else if (event.kind == MG_RTMP_CALLER_FAILED)
      fail(link, error->message);
  }
  if (link->owner != NULL)
    link_send(link);
}

static void
on_drained(MgConnection *connection, gpointer data)
{
  Link *link = data;
  if (link->owner != NULL)
    link->events->drained(link->owner);
}

static void
on_closed(MgConnection *connection, const char *reason, gpointer data)
{
  Link *link = data;
  gpointer owner = link->owner;
  const LinkEvents *events = link->events;
  g_autofree char *why = g_str_equal(reason, "closed by peer")
                             ? g_strdup("the server has closed the connection")
                             : g_strdup(reason);
  link_free(link);
  if (owner != NULL)
    events->ended(owner, why);
}

static const MgConnectionEvents connection_events = {
  .size = sizeof connection_events,
  .received = on_received,
  .drained = on_drained,
  .closed = on_closed,
};

static void
on_late(gpointer data)
{
  Link *link = data;
  mg_connection_abort(link->connection, "the server does not answer in time");
}

static MgRtmpCaller *
make_caller(const MgRtmpUrl *url, const guint8 *random)
{
  static const guint32 video[] = { MG_FLV_AVC,
                                   MG_FLV_HEVC,
                                   MG_FLV_VVC,
                                   MG_FLV_FOURCC('a', 'v', '0', '1'),
                                   MG_FLV_FOURCC('v', 'p', '0', '8'),
                                   MG_FLV_FOURCC('v', 'p', '0', '9'),
                                   0 };
  static const guint32 audio[] = { MG_FLV_AAC,
                                   MG_FLV_MP3,
                                   MG_FLV_FOURCC('O', 'p', 'u', 's'),
                                   MG_FLV_FOURCC('f', 'L', 'a', 'C'),
                                   MG_FLV_FOURCC('a', 'c', '-', '3'),
                                   MG_FLV_FOURCC('e', 'c', '-', '3'),
                                   0 };
  MgRtmpCallerConfig config = {
    .app = url->app,
    .stream = url->stream,
    .tc_url = url->tc_url,
    .video = video,
    .audio = audio,
    .chunk_size = CHUNK_BYTES,
    .hides_names = TRUE,
  };
  return mg_rtmp_caller_new(&config, random);
}

Link *
link_open(const LinkSetup *setup, GError **error)
{
  guint8 random[MG_RTMP_HANDSHAKE_BYTES];
  if (getrandom(random, sizeof random, 0) != (gssize) sizeof random) {
    g_set_error_literal(error, MG_ERROR, MG_ERROR_FAILED, "the kernel has no random numbers");
    return NULL;
  }
  Link *link = g_new0(Link, 1);
  link->node = setup->node;
  link->events = setup->events;
  link->owner = setup->owner;
  link->caller = make_caller(setup->url, random);
  mg_node_hold(link->node);
  mg_timer_init(&link->deadline, on_late, link);
  MgTime deadline = mg_now() + setup->timeout;
  mg_timer_start_at(&link->deadline, deadline);
  MgConnect connect = {
    .size = sizeof connect,
    .host = setup->url->host,
    .port = setup->url->port,
    .events = &connection_events,
    .connected = on_connected,
    .data = link,
    .deadline = deadline,
    .tls = setup->trust,
    .user_timeout_ms = USER_TIMEOUT_MS,
    .max_write_queue_bytes = setup->most_queued_bytes,
  };
  link->connection = mg_connection_open(&connect);
  return link;
}

MgRtmpCaller *
link_caller(Link *link)
{
  return link->caller;
}

gsize
link_queued(const Link *link)
{
  return mg_connection_queued(link->connection);
}

guint64
link_sent(const Link *link)
{
  return mg_connection_sent(link->connection);
}

void
link_close(Link *link, const char *reason)
{
  link->owner = NULL;
  mg_timer_stop(&link->deadline);
  mg_rtmp_caller_end(link->caller);
  link_send(link);
  mg_connection_close(link->connection, reason, LINGER);
}
