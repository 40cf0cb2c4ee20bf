/*
 * Sample entries, one file per codec; private to this folder.
 *
 * A codec is an MgCmafEntry in entry-NAME.c and a line in entry.c's table.
 */
#pragma once

#include <cmaf/init.h>
#include <codec/codec.h>

typedef struct {
  guint32 codec;
  gboolean is_video;

  /*
   * Takes what TRACK left at 0 from its configuration, appends the sample entry to OUT, and sets BRAND
   * to the CMAF media profile's brand, or NULL. On failure OUT may hold a part.
   */
  gboolean (*write)(MgCmafTrack *track, MgWriter *out, const char **brand, GError **error);

  /* Fills TRACK from the sample entry's body; TRACK's config is borrowed from it. FALSE if broken. */
  gboolean (*read)(MgReader *body, MgCmafTrack *track);
} MgCmafEntry;

extern const MgCmafEntry mg_cmaf_entry_h264;
extern const MgCmafEntry mg_cmaf_entry_aac;

/* NULL for a codec that is not in the table. */
const MgCmafEntry *mg_cmaf_entry_find(guint32 codec);

/* The head of a video sample entry (ISO/IEC 14496-12 clause 12.1.3); returns where the box begins. */
gsize mg_cmaf_visual_begin(MgWriter *out, const char *type, const MgCmafTrack *track);

/* The optional boxes at its end: colour, sample aspect ratio, bit rate. */
void mg_cmaf_visual_optional(MgWriter *out, const MgCmafTrack *track, const MgCodecColour *colour);

/* Reads both back, optional boxes first, and leaves BODY at the first box. FALSE if broken. */
gboolean mg_cmaf_visual_read(MgReader *body, MgCmafTrack *track);

/* The same for the head of an audio sample entry (clause 12.2.3). */
gsize mg_cmaf_audio_begin(MgWriter *out, const char *type, const MgCmafTrack *track);
gboolean mg_cmaf_audio_read(MgReader *body, MgCmafTrack *track);
