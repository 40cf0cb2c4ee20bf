#include "pause.h"

#define FIRST_WAIT   (2 * MG_SECOND)
#define LONGEST_WAIT (60 * MG_SECOND)

/* What works for so long works. */
#define LASTING (5 * MG_SECOND)

gboolean
pause_begin(Pause *pause, MgTime now)
{
  gboolean is_news = !pause->is_known;
  pause->retry_at = now + pause->wait;
  pause->wait = CLAMP(2 * pause->wait, FIRST_WAIT, LONGEST_WAIT);
  pause->is_known = pause->is_paused = TRUE;
  return is_news;
}

gboolean
pause_lets_write(const Pause *pause, MgTime now, guint64 room, guint64 wanted)
{
  return !pause->is_paused || (now >= pause->retry_at && room >= wanted);
}

void
pause_note_write(Pause *pause, MgTime now)
{
  if (pause->is_paused)
    pause->resumed_at = now;
  pause->is_paused = FALSE;
}

gboolean
pause_note_segment(Pause *pause, MgTime now)
{
  if (!pause->is_known || pause->is_paused || now - pause->resumed_at < LASTING)
    return FALSE;
  *pause = (Pause){ 0 };
  return TRUE;
}
