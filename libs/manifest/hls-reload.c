#include "manifest/hls-reload.h"

#include <string.h>

/* --- the query --------------------------------------------------------------------------------- */

/* Returns what is behind NAME=, or NULL: PIECE is another parameter. */
static const char *
value_of(const char *piece, const char *name)
{
  gsize n = strlen(name);
  if (strncmp(piece, name, n) != 0 || (piece[n] != '=' && piece[n] != '\0'))
    return NULL;
  return piece[n] == '=' ? piece + n + 1 : piece + n;
}

static gboolean
read_once(const char *value, gboolean *has, guint64 *number)
{
  gboolean is_first = !*has;
  *has = TRUE;
  return is_first && g_ascii_string_to_unsigned(value, 10, 0, G_MAXUINT64, number, NULL);
}

static gboolean
read_piece(const char *piece, MgHlsDirectives *d, gboolean *has_skip)
{
  const char *value;
  if ((value = value_of(piece, "_HLS_msn")) != NULL)
    return read_once(value, &d->has_msn, &d->msn);
  if ((value = value_of(piece, "_HLS_part")) != NULL)
    return read_once(value, &d->has_part, &d->part);
  if ((value = value_of(piece, "_HLS_skip")) == NULL)
    return TRUE;
  gboolean is_first = !*has_skip;
  *has_skip = TRUE;
  d->wants_skip = g_str_equal(value, "YES") || g_str_equal(value, "v2");
  return is_first;
}

gboolean
mg_hls_directives_read(const char *query, MgHlsDirectives *directives)
{
  *directives = (MgHlsDirectives){ 0 };
  gboolean has_skip = FALSE;
  g_auto(GStrv) pieces = g_strsplit(query, "&", -1);
  for (guint i = 0; pieces[i] != NULL; i++)
    if (!read_piece(pieces[i], directives, &has_skip))
      return FALSE;
  return directives->has_msn || !directives->has_part;
}

/* --- the playlist ------------------------------------------------------------------------------ */

/* Segments ahead of the last listed one that may be asked for. */
enum { MOST_SEGMENTS_AHEAD = 2 };

/* The Advance Part Limit: three seconds of parts, three at least. */
static guint64
most_parts_ahead(guint32 part_target_ms)
{
  return MAX(3, (3000 + part_target_ms - 1) / part_target_ms);
}

void
mg_hls_directives_settle(MgHlsDirectives *d, const MgHlsProgress *p)
{
  gboolean is_last = p->next_msn > 0 && d->msn == p->next_msn - 1;
  if (!d->has_part || !is_last || d->part < p->n_last_parts)
    return;
  d->msn = p->next_msn;
  d->part = 0;
}

static gboolean
is_too_far(const MgHlsDirectives *d, const MgHlsProgress *p)
{
  guint64 n_there = d->msn == p->next_msn ? p->n_parts : 0;
  return d->part >= n_there + most_parts_ahead(p->part_target_ms);
}

static MgHlsReload
decide_part(MgHlsDirectives d, const MgHlsProgress *p)
{
  mg_hls_directives_settle(&d, p);
  if (d.msn < p->next_msn)
    return MG_HLS_RELOAD_NOW;
  if (is_too_far(&d, p))
    return MG_HLS_RELOAD_REFUSE;
  return d.msn == p->next_msn && d.part < p->n_parts ? MG_HLS_RELOAD_NOW : MG_HLS_RELOAD_WAIT;
}

MgHlsReload
mg_hls_reload_decide(const MgHlsDirectives *d, const MgHlsProgress *p)
{
  if (!d->has_msn || p->has_ended)
    return MG_HLS_RELOAD_NOW;
  if (d->msn >= p->next_msn && d->msn - p->next_msn >= MOST_SEGMENTS_AHEAD)
    return MG_HLS_RELOAD_REFUSE;
  if (d->has_part && p->part_target_ms > 0)
    return decide_part(*d, p);
  return d->msn < p->next_msn ? MG_HLS_RELOAD_NOW : MG_HLS_RELOAD_WAIT;
}
