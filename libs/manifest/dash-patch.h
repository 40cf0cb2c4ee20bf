/*
 * MPD patches: what has changed from one MPD to the next (ISO/IEC 23009-1 clause 5.15).
 *
 * An MPD that was written is kept as an edition; two editions give a patch, of additions, removals and replacements
 * by XPath (RFC 5261). Elements are told apart by @id, an S by @t, a descriptor by its scheme; what has none of
 * these is the only one of its name. For timelines, that works with those which are patchable
 * (dash.h). Equal editions give equal bytes. Any thread, one at a time per edition.
 */
#pragma once

#include "bytes/writer.h"

typedef struct MgDashEdition MgDashEdition;

/*
 * Returned-owned: the MPD in TEXT, of SIZE bytes, as mg_dash_mpd_write() has written it. NULL: it is no XML,
 * or its root has no id or no publishTime.
 */
MgDashEdition *mg_dash_edition_new(const char *text, gsize size);

/* NULL is fine. */
void mg_dash_edition_free(MgDashEdition *edition);

/*
 * Appends the patch that makes TO of FROM. FALSE, and nothing is written: there is none, as the MPDs have
 * different ids.
 */
gboolean mg_dash_patch_write(const MgDashEdition *from, const MgDashEdition *to, MgWriter *w);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(MgDashEdition, mg_dash_edition_free)
