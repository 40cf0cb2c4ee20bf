/*
 * example-filter: passes everything on, and counts it; can leave out frames that no other frame needs.
 *
 * Takes any tracks, of any form, and gives the same tracks, under the same ids. With `drop-every` it
 * leaves out every nth disposable video frame: the picture gets less smooth, nothing else changes,
 * because no other frame is predicted from a disposable one.
 *
 *   <example-filter id="thin" from="rtmp" drop-every="2"/>
 *
 * drop-every: leave out each nth disposable frame; 0: none.
 *
 * Counters: packets, dropped-frames.
 *
 * How it is made: a private struct, a table of its properties, a function for each thing that can happen,
 * and the class, which is a table again. The engine calls the functions one at a time, so nothing in here
 * needs a lock.
 */
#include "node.h"

#include <mediagraph/mediagraph.h>

/* The engine zeroes it and stores the properties before every open(). */
typedef struct {
  gint64 drop_every;

  guint64 n_disposable; /* seen so far */
  MgCounter *packets, *dropped;
} Self;

static const MgProp props[] = {
  MG_PROP_INT(Self, drop_every, "0", "0", "1000", 0,
              "leave out each nth disposable frame; 0: none"),
  { 0 },
};

static gboolean
open_node(MgNode *node, GError **error)
{
  Self *self = mg_node_self(node);
  self->packets = mg_counter(node, "packets", "packets that came in");
  self->dropped = mg_counter(node, "dropped-frames", "disposable frames left out on purpose");
  return TRUE;
}

/*
 * A track is new, or goes on with new parameters. Its output is remembered as the input's own pointer.
 * A node that changes the media would make another MgStream here, from a copy of mg_stream_info().
 */
static gboolean
stream(MgNode *node, MgPort *in, MgStream *new_stream, GError **error)
{
  MgPort *out = mg_port_data(in);
  if (out != NULL)
    mg_port_set_stream(out, new_stream);
  else
    mg_port_set_data(in, mg_port_new(node, new_stream));
  return TRUE;
}

static gboolean
is_left_out(Self *self, const MgBuffer *buffer)
{
  if (self->drop_every == 0 || (buffer->flags & MG_BUFFER_DISPOSABLE) == 0)
    return FALSE;
  return ++self->n_disposable % (guint64) self->drop_every == 0;
}

/* BUFFER is ours: it is given on or given up, on every way out. */
static gboolean
process(MgNode *node, MgPort *in, MgBuffer *buffer, GError **error)
{
  Self *self = mg_node_self(node);
  mg_counter_add(self->packets, 1);
  if (is_left_out(self, buffer)) {
    mg_counter_add(self->dropped, 1);
    mg_buffer_unref(buffer);
    return TRUE;
  }
  mg_push(mg_port_data(in), buffer);
  return TRUE;
}

static void
ended(MgNode *node, MgPort *in)
{
  mg_port_end(mg_port_data(in));
}

const MgNodeClass example_filter_class = {
  .size = sizeof(MgNodeClass),
  .name = "example-filter",
  .help = "passes everything on and counts it",
  .instance_size = sizeof(Self),
  .props = props,
  .role = MG_ROLE_FILTER,
  .run = MG_RUN_INLINE, /* takes no time; without this line it runs on a worker thread */
  .takes = { .media = MG_MEDIA_ANY, .forms = MG_FORM_ANY },
  .gives = { .media = MG_MEDIA_ANY, .forms = MG_FORM_ANY },
  .open = open_node,
  .stream = stream,
  .process = process,
  .ended = ended,
};
