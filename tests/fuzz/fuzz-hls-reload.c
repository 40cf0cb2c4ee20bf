/* Any query of a media playlist, against one that is under way: it is never answered twice differently. */
#include "manifest/hls-reload.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

/* Once answered, it stays answered however the playlist goes on; nobody waits beyond the limits. */
static void
check_progress(const MgHlsDirectives *directives)
{
  MgHlsProgress p = { 1000, 0, 4, 500, FALSE };
  MgHlsReload last = mg_hls_reload_decide(directives, &p);
  guint n_waits = 0; /* whoever is refused may ask again later */
  for (guint i = 0; i < 40; i++) {
    p.n_parts++;
    if (p.n_parts == 4)
      p = (MgHlsProgress){ p.next_msn + 1, 0, 4, 500, FALSE };
    MgHlsReload now = mg_hls_reload_decide(directives, &p);
    g_assert_true(last != MG_HLS_RELOAD_NOW || now == MG_HLS_RELOAD_NOW);
    g_assert_true(last != MG_HLS_RELOAD_WAIT || now != MG_HLS_RELOAD_REFUSE);
    n_waits += last == MG_HLS_RELOAD_WAIT;
    g_assert_cmpuint(n_waits, <=, 16);
    last = now;
  }
  p.has_ended = TRUE;
  g_assert_cmpint(mg_hls_reload_decide(directives, &p), ==, MG_HLS_RELOAD_NOW);
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  g_autofree char *query = g_strndup((const char *) data, size);
  MgHlsDirectives directives;
  if (mg_hls_directives_read(query, &directives))
    check_progress(&directives);
  return 0;
}
