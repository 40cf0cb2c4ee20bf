#include "cuts.h"

/* EXTINF is rounded to the nearest second before it is compared: half a second fits, less a margin. */
#define ROUNDING_ROOM (400 * MG_MILLISECOND)

/* A key frame this much before the target is near enough: 29.97 fps never hits a whole second. */
#define NEAR_ENOUGH (50 * MG_MILLISECOND)

void
cuts_init(Cuts *cuts, MgTime target)
{
  *cuts = (Cuts){ .target = target, .last_key = MG_TIME_NONE };
  cuts->longest = cuts_target_s(cuts) * MG_SECOND + ROUNDING_ROOM;
  cuts->list = g_array_new(FALSE, FALSE, sizeof(Cut));
}

void
cuts_clear(Cuts *cuts)
{
  g_clear_pointer(&cuts->list, g_array_unref);
}

guint
cuts_target_s(const Cuts *cuts)
{
  return (guint) ((cuts->target + MG_SECOND - 1) / MG_SECOND);
}

const Cut *
cuts_get(const Cuts *cuts, guint64 number)
{
  if (number < cuts->n_gone || number - cuts->n_gone >= cuts->list->len)
    return NULL;
  return &g_array_index(cuts->list, Cut, number - cuts->n_gone);
}

const Cut *
cuts_last(const Cuts *cuts)
{
  return cuts->list->len > 0 ? &g_array_index(cuts->list, Cut, cuts->list->len - 1) : NULL;
}

guint64
cuts_made(const Cuts *cuts)
{
  return cuts->n_gone + cuts->list->len;
}

void
cuts_add(Cuts *cuts, Cut cut)
{
  if (cut.is_discont || cuts->list->len == 0)
    cuts->gop = 0;
  if (!cut.is_forced)
    cuts->last_key = cut.at;
  g_array_append_val(cuts->list, cut);
}

void
cuts_forget(Cuts *cuts, guint64 number)
{
  guint64 oldest = MAX(number, cuts_made(cuts) - MIN(cuts_made(cuts), CUTS_KEPT));
  if (oldest <= cuts->n_gone || cuts->list->len < 2)
    return;
  guint n = (guint) MIN(oldest - cuts->n_gone, cuts->list->len - 1);
  g_array_remove_range(cuts->list, 0, n);
  cuts->n_gone += n;
}

static void
note_key(Cuts *cuts, MgTime time)
{
  if (cuts->last_key != MG_TIME_NONE)
    cuts->gop = time - cuts->last_key;
  cuts->last_key = time;
}

CutVerdict
cuts_decide(Cuts *cuts, const CutSample *sample)
{
  MgTime elapsed = sample->time - cuts_last(cuts)->at;
  if (sample->is_key && sample->is_video)
    note_key(cuts, sample->time);
  MgTime next_key = elapsed + (sample->is_video ? cuts->gop : sample->frame);
  gboolean is_time = elapsed >= cuts->target - NEAR_ENOUGH || next_key > cuts->longest;
  if (sample->is_key && elapsed > 0 && is_time)
    return CUT_HERE;
  return elapsed + sample->frame > cuts->longest ? CUT_FORCED : CUT_NOT;
}
