#include "switch.h"

#include <mediagraph/inputs.h>
#include <mediagraph/log.h>

/* Outputs would wait for tracks that do not come: what the active input lacks for so long ends. */
#define TIDY_AFTER (5 * MG_SECOND)

/* A timer that is later was kept from running, and so was all else. */
#define MOST_LATE (50 * MG_MILLISECOND)

/* The least distance of frames that go by faster. */
#define LEAST_STEP (2 * MG_MILLISECOND)

/* --- times --------------------------------------------------------------------------------------- */

static MgTime
map_time(const Switch *s, MgTime time)
{
  if (time >= s->until || s->until == s->from)
    return time + s->offset;
  gdouble share = (gdouble) (time - s->from) / (gdouble) (s->until - s->from);
  return s->start + (MgTime) (share * (gdouble) (s->until + s->offset - s->start));
}

static MgTime
map_audio(const Switch *s, MgTime time)
{
  return time + s->offset;
}

/* Where the outputs' time would be now, had nothing been lost. */
static MgTime
time_at(const Switch *s, MgTime now)
{
  return s->clock + now;
}

/* How many buffers of the judged track are kept, the first of them and the newest. */
static guint
find_kept(const Input *input, const MgBuffer **first, const MgBuffer **newest)
{
  const char *id = mg_stream_info(input_judged(input)->stream)->id;
  guint n = 0;
  for (GList *l = input->kept.head; l != NULL; l = l->next) {
    const MgBuffer *buffer = l->data;
    if (!g_str_equal(mg_stream_info(buffer->stream)->id, id))
      continue;
    if (n++ == 0)
      *first = buffer;
    *newest = buffer;
  }
  return n;
}

/* Sets the map for what is kept of INPUT, of whose judged track the first is a key frame. */
static void
set_map(Switch *s, const Input *input)
{
  const Track *judged = input_judged(input);
  const MgBuffer *first = NULL, *newest = NULL;
  guint n = find_kept(input, &first, &newest);
  const Output *output = outputs_find(s->outputs, mg_stream_info(judged->stream)->id);
  /* Where frames go by faster, the key frame is shown sooner after it was decoded. */
  MgTime begin = output_next(output, n > 1 ? 0 : first->pts - first->dts);
  MgTime wanted = s->has_begun ? time_at(s, input->heard) - s->ahead - newest->dts : 0;
  MgTime least = begin + (n - 1) * LEAST_STEP - newest->dts;
  gboolean is_tight = first->dts + wanted < begin;
  s->offset = is_tight ? MAX(wanted, least) : wanted;
  s->ahead = s->offset - wanted;
  s->from = first->dts;
  s->until = is_tight ? newest->dts : first->dts;
  s->start = begin;
}

/* --- pushing ------------------------------------------------------------------------------------- */

static void
push(Switch *s, MgBuffer *buffer)
{
  Output *output = outputs_find(s->outputs, mg_stream_info(buffer->stream)->id);
  if (output == NULL)
    return;
  gboolean is_video = output_is_video(output);
  MgTime dts = is_video ? map_time(s, buffer->dts) : map_audio(s, buffer->dts);
  MgTime pts = is_video ? map_time(s, buffer->pts) : map_audio(s, buffer->pts);
  if (!output_push(output, buffer, dts, pts))
    mg_counter_add(s->dropped, 1);
}

static void
note_clock(Switch *s, const Input *input, const MgBuffer *newest)
{
  s->clock = newest->dts + s->offset - input->heard;
}

static void
declare_all(Switch *s, const Input *input)
{
  for (guint i = 0; i < input->tracks->len; i++) {
    Track *track = g_ptr_array_index(input->tracks, i);
    outputs_declare(s->outputs, s->node, track->stream);
  }
}

/* Of what goes by fast, as little as can be: whatever no other frame needs is left out. */
static gboolean
is_dispensable(const Switch *s, const MgBuffer *buffer)
{
  return buffer->flags & MG_BUFFER_DISPOSABLE && buffer->dts < s->until;
}

static void
push_kept(Switch *s, Input *input)
{
  const MgBuffer *first, *newest = NULL;
  find_kept(input, &first, &newest);
  note_clock(s, input, newest);
  for (MgBuffer *buffer; (buffer = g_queue_pop_head(&input->kept)) != NULL;) {
    if (!is_dispensable(s, buffer))
      push(s, buffer);
    mg_buffer_unref(buffer);
  }
  input_forget(input);
}

/* --- which input --------------------------------------------------------------------------------- */

static void
show_active(Switch *s)
{
  mg_counter_set(s->active_input, s->active != NULL && !s->is_silent ? s->active->index + 1 : 0);
}

static void
activate(Switch *s, Input *input)
{
  fill_stop(&s->fill);
  s->active = input;
  s->last = input;
  s->is_silent = FALSE;
  declare_all(s, input);
  set_map(s, input);
  gboolean has_video = mg_stream_info(input_judged(input)->stream)->media == MG_MEDIA_VIDEO;
  for (guint i = 0; s->has_begun && i < s->outputs->len; i++)
    output_switch(g_ptr_array_index(s->outputs, i), has_video);
  s->has_begun = TRUE;
  push_kept(s, input);
  mg_timer_start_at(&s->watch, input->heard + s->timeout);
  mg_timer_start_in(&s->tidy, TIDY_AFTER);
  show_active(s);
}

static void
tell(Switch *s, const Input *input)
{
  gboolean returns = input->index <= s->last->index;
  mg_counter_add(s->switches, input != s->last);
  mg_counter_add(s->returns, returns);
  mg_info(s->node, "'%s' %s", input->name, returns ? "is back" : "takes over");
}

static void
switch_to(Switch *s, Input *input)
{
  if (s->has_begun)
    tell(s, input);
  activate(s, input);
}

/* The first of those that can take over at once; NULL: none can. */
static Input *
find_stand_in(Switch *s)
{
  for (guint i = 0; i < s->inputs->len; i++) {
    Input *input = g_ptr_array_index(s->inputs, i);
    if (input != s->active && input_is_well(input, s->timeout) && input->has_key)
      return input;
  }
  return NULL;
}

static void
fill_in(Switch *s)
{
  static const char *const words[] = {
    [ON_LOSS_REPEAT] = "its last key frame is repeated",
    [ON_LOSS_SLATE] = "the slate is shown",
  };
  gboolean has_slate = s->on_loss == ON_LOSS_SLATE && s->slate != NULL;
  mg_warning(s->node, "no input gives media: %s",
             words[has_slate ? ON_LOSS_SLATE : ON_LOSS_REPEAT]);
  s->active = NULL;
  fill_start(&s->fill, s->clock, has_slate ? s->slate : NULL);
}

/* Nobody can stand in. HAS_LEFT: its publisher is gone; else it may go on where it stopped. */
static void
be_lost(Switch *s, gboolean has_left)
{
  if (s->on_loss != ON_LOSS_PAUSE) {
    fill_in(s);
  } else if (has_left) {
    s->active = NULL;
    s->is_silent = FALSE;
    mg_node_pause(s->node);
  } else {
    s->is_silent = TRUE;
  }
  show_active(s);
}

/* The active input gives no media. */
static void
lose(Switch *s, gboolean has_left)
{
  Input *stand_in = find_stand_in(s);
  mg_timer_stop(&s->watch);
  if (!s->is_silent) {
    mg_counter_add(s->losses, 1);
    mg_warning(s->node, "'%s' %s", s->active->name, has_left ? "has left" : "gives no media");
  }
  if (stand_in != NULL)
    switch_to(s, stand_in);
  else
    be_lost(s, has_left);
}

/* The server itself was held up: what has come meanwhile is looked at first. */
static gboolean
was_held_up(Switch *s)
{
  gboolean is_late = mg_now() - s->watch.deadline > MOST_LATE;
  if (is_late)
    mg_timer_start_in(&s->watch, MOST_LATE);
  return is_late;
}

static void
on_watch(gpointer data)
{
  Switch *s = data;
  if (was_held_up(s))
    return;
  if (s->active != NULL && input_is_well(s->active, s->timeout)) {
    mg_timer_start_at(&s->watch, s->active->heard + s->timeout);
  } else if (s->active != NULL) {
    lose(s, FALSE);
  } else if (!s->has_begun) {
    Input *first = find_stand_in(s);
    if (first != NULL)
      activate(s, first);
  }
}

/* At the start there is a moment for the first input; later it has to be well for a while. */
static gboolean
may_take_over(const Switch *s, const Input *input)
{
  if (!s->has_begun)
    return input->index == 0 || s->watch.lane == NULL;
  if (s->active == NULL || s->is_silent)
    return TRUE;
  return input->index < s->active->index && mg_now() - input->well_since >= s->return_after;
}

static void
on_tidy(gpointer data)
{
  Switch *s = data;
  for (guint i = s->outputs->len; s->active != NULL && i-- > 0;) {
    Output *output = g_ptr_array_index(s->outputs, i);
    if (input_find(s->active, mg_stream_info(output->stream)->id) == NULL)
      outputs_end(s->outputs, output);
  }
}

/* --- what comes in ------------------------------------------------------------------------------- */

/* Time was set anew: as if another input took over. */
static gboolean
goes_back(const Switch *s, const Track *track, const MgBuffer *buffer)
{
  const Output *output = outputs_find(s->outputs, mg_stream_info(track->stream)->id);
  return buffer->flags & MG_BUFFER_DISCONT && buffer->flags & MG_BUFFER_KEY && output != NULL &&
         output->last_dts != MG_TIME_NONE && map_time(s, buffer->dts) <= output->last_dts;
}

static void
take_active(Switch *s, Track *track, MgBuffer *buffer)
{
  Input *input = track->input;
  gboolean is_judged = track == input_judged(input);
  if (is_judged && s->is_silent) {
    mg_info(s->node, "'%s' goes on", input->name);
    s->is_silent = FALSE;
    mg_timer_start_at(&s->watch, input->heard + s->timeout);
    show_active(s);
  }
  if (is_judged && goes_back(s, track, buffer)) {
    input_keep(track, buffer);
    if (input->has_key)
      activate(s, input);
    return;
  }
  if (is_judged)
    note_clock(s, input, buffer);
  push(s, buffer);
  mg_buffer_unref(buffer);
}

void
switch_take(Switch *s, Track *track, MgBuffer *buffer)
{
  Input *input = track->input;
  gboolean begins = track == input_judged(input) && buffer->flags & MG_BUFFER_KEY;
  if (!s->has_begun && s->watch.lane == NULL && !input->has_key)
    mg_timer_start_in(&s->watch, s->timeout);
  input_hear(track, s->timeout);
  if (input == s->active) {
    take_active(s, track, buffer);
    return;
  }
  input_keep(track, buffer);
  if (begins && input->has_key && may_take_over(s, input))
    switch_to(s, input);
}

void
switch_pause(Switch *s, guint index)
{
  Input *input = g_ptr_array_index(s->inputs, index);
  input->heard = MG_TIME_NONE;
  input_forget(input);
  if (input == s->active)
    lose(s, TRUE);
}

Track *
switch_add_track(Switch *s, guint index, MgStream *stream)
{
  Input *input = g_ptr_array_index(s->inputs, index);
  Track *track = input_add(input, stream);
  if (input == s->active)
    outputs_declare(s->outputs, s->node, stream);
  return track;
}

void
switch_change_track(Switch *s, Track *track, MgStream *stream)
{
  input_change(track, stream);
  if (track->input == s->active)
    outputs_declare(s->outputs, s->node, stream);
}

void
switch_end_track(Switch *s, Track *track)
{
  Input *input = track->input;
  Output *output = outputs_find(s->outputs, mg_stream_info(track->stream)->id);
  input_remove(track);
  if (input != s->active)
    return;
  if (input->tracks->len == 0)
    lose(s, TRUE);
  else if (output != NULL)
    outputs_end(s->outputs, output);
}

void
switch_set_slate(Switch *s, Slate *slate)
{
  s->slate = slate;
  if (fill_is_running(&s->fill))
    fill_start(&s->fill, s->clock, slate);
}

/* --- life ---------------------------------------------------------------------------------------- */

void
switch_open(Switch *s, MgNode *node)
{
  s->node = node;
  s->inputs = g_ptr_array_new_with_free_func(input_free);
  for (guint i = 0; i < mg_node_n_inputs(node); i++)
    g_ptr_array_add(s->inputs, input_new(i, mg_node_input_id(node, i)));
  s->outputs = outputs_new();
  fill_init(&s->fill, s->outputs);
  mg_timer_init(&s->watch, on_watch, s);
  mg_timer_init(&s->tidy, on_tidy, s);
  s->active_input = mg_counter(node, "active-input", "number of the input in use; 0: none");
  s->switches = mg_counter(node, "switches", "how often another input took over");
  s->returns = mg_counter(node, "returns", "how often an input that had been lost was used again");
  s->losses = mg_counter(node, "losses", "how often the input in use was lost");
  s->dropped = mg_counter(node, "dropped-packets", "packets left out at switches");
  show_active(s);
}

void
switch_stop(Switch *s)
{
  fill_stop(&s->fill);
  mg_timer_stop(&s->watch);
  mg_timer_stop(&s->tidy);
}

void
switch_close(Switch *s)
{
  switch_stop(s);
  g_ptr_array_unref(s->inputs);
  g_ptr_array_unref(s->outputs);
  slate_free(s->slate);
}
