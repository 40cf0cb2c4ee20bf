#include "numbers.h"

#include <mediagraph/mediagraph.h>

/* At a discontinuity: media this far from the wall clock is moved to it. */
#define MOST_LAG (1 * MG_SECOND)

/*
 * Without one: media this far behind it is led back slowly, by so many millionths; a network's jitter is less. Ahead of
 * it there is no jitter: that would be dates in the future.
 */
#define NEAR_WALL (200 * MG_MILLISECOND)
#define AT_WALL   (2 * MG_MILLISECOND)
enum { SLEW_PPM = 500 };

/* --- open and close ---------------------------------------------------------------------------- */

static void
open_journal(Numbers *numbers, MgNode *node)
{
  const char *dir = mg_session_state_dir(mg_node_session(node));
  g_autofree char *name = g_strconcat(mg_node_id(node), ".journal", NULL);
  g_autoptr(GError) error = NULL;
  numbers->journal = dir ? journal_open(dir, name, &error) : NULL;
  if (numbers->journal != NULL)
    numbers->now = journal_read(numbers->journal);
  else if (g_error_matches(error, MG_ERROR, MG_ERROR_BUSY))
    mg_error(node, "numbers are taken from the clock: %s", error->message);
  else
    mg_warning(node, "numbers are taken from the clock: %s",
               error ? error->message : "there is no state folder; set state-dir");
}

void
numbers_open(Numbers *numbers, MgNode *node)
{
  gint64 utc_us = mg_utc_steady_us();
  *numbers = (Numbers){ 0 };
  open_journal(numbers, node);
  JournalRecord *now = &numbers->now;
  if (numbers->journal == NULL)
    now->next_segment = now->discontinuity = (guint64) MAX(utc_us / G_USEC_PER_SEC, 0);
  else if (now->epoch_utc_us == 0)
    now->epoch_utc_us = utc_us - utc_us % 1000; /* DASH writes it in milliseconds */
  numbers->wall_base = (utc_us - now->epoch_utc_us) * MG_MICROSECOND - mg_now();
}

void
numbers_close(Numbers *numbers)
{
  g_clear_pointer(&numbers->journal, journal_close);
}

static void
write_journal(Numbers *numbers)
{
  if (numbers->journal != NULL)
    journal_write(numbers->journal, &numbers->now);
}

/* --- cuts -------------------------------------------------------------------------------------- */

static MgTime
next_millisecond(MgTime time)
{
  MgTime over = time % MG_MILLISECOND;
  return over > 0 ? time + MG_MILLISECOND - over : time;
}

/* Published time, if media were published the moment it came. */
static MgTime
wall_time(const Numbers *numbers, const CutWish *wish)
{
  return wish->arrival + numbers->wall_base;
}

static MgTime
new_start(const Numbers *numbers, const Cut *last, const CutWish *wish)
{
  MgTime wall = wall_time(numbers, wish);
  MgTime start = wall;
  if (last != NULL && ABS(wish->at + last->offset - wall) <= MOST_LAG)
    start = wish->at + last->offset;
  if (last != NULL && wish->is_live)
    start = MAX(start, wish->at + last->offset);
  start = MAX(start, numbers->now.media_end_ns);
  return next_millisecond(MAX(start, wish->end));
}

/*
 * An encoder's clock and ours differ by some millionths: seconds a day, after which DASH players look for
 * segments where there are none. The last sample of each segment lasts a little longer or shorter.
 */
static MgTime
slewed_offset(const Numbers *numbers, const Cut *last, const CutWish *wish)
{
  MgTime error = wall_time(numbers, wish) - (wish->at + last->offset);
  MgTime most = (wish->at - last->at) * SLEW_PPM / 1000000;
  gboolean is_near = error >= -AT_WALL && error <= NEAR_WALL;
  return is_near ? last->offset : last->offset + CLAMP(error, -most, most);
}

Cut
numbers_take(Numbers *numbers, const Cut *last, const CutWish *wish)
{
  JournalRecord *now = &numbers->now;
  Cut cut = { .at = wish->at, .is_forced = wish->is_forced, .segment = now->next_segment++ };
  if (wish->is_discont || last == NULL) {
    cut.is_discont = now->media_end_ns > 0 || last != NULL;
    now->discontinuity += cut.is_discont;
    cut.period_start = new_start(numbers, last, wish);
    cut.offset = cut.period_start - wish->at;
  } else {
    cut.offset = slewed_offset(numbers, last, wish);
    cut.period_start = last->period_start;
  }
  cut.discontinuity = now->discontinuity;
  write_journal(numbers);
  return cut;
}

void
numbers_note_end(Numbers *numbers, MgTime end)
{
  if (end <= numbers->now.media_end_ns)
    return;
  numbers->now.media_end_ns = end;
  write_journal(numbers);
}
