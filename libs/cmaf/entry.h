/*
 * Sample entries, one file per codec; private to this folder.
 *
 * A codec is an MgCmafEntry in entry-NAME.c and a word in entry.c's table.
 */
#pragma once

#include <cmaf/init.h>
#include <codec/any.h>

/* The box in a sample entry that holds the configuration. */
typedef struct {
  const char *type;
  gboolean is_full; /* version and flags come first */
  guint8 version;
} MgCmafConfigBox;

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

extern const MgCmafEntry mg_cmaf_entry_h264, mg_cmaf_entry_hevc, mg_cmaf_entry_vvc;
extern const MgCmafEntry mg_cmaf_entry_av1, mg_cmaf_entry_vp8, mg_cmaf_entry_vp9;
extern const MgCmafEntry mg_cmaf_entry_aac, mg_cmaf_entry_mp3;
extern const MgCmafEntry mg_cmaf_entry_opus, mg_cmaf_entry_flac;
extern const MgCmafEntry mg_cmaf_entry_ac3, mg_cmaf_entry_eac3;

/* NULL for a codec that is not in the table. */
const MgCmafEntry *mg_cmaf_entry_find(guint32 codec);

/*
 * A whole video sample entry of TYPE whose configuration is in a box of type CONFIG (ISO/IEC 14496-12
 * clause 12.1.3): size, shape, colour and HDR from TRACK, or else from its configuration.
 */
gboolean mg_cmaf_visual_write(MgCmafTrack *track, const char *type, const MgCmafConfigBox *config,
                              MgWriter *out, GError **error);

/* Reads it back; the configuration is borrowed from BODY. FALSE if broken. */
gboolean mg_cmaf_visual_read(MgReader *body, const MgCmafConfigBox *config, MgCmafTrack *track);

/* Takes rate and channels from the configuration where TRACK has none. */
gboolean mg_cmaf_audio_fill(MgCmafTrack *track, MgAnyFacts *facts, GError **error);

/* The head of an audio sample entry (clause 12.2.3); returns where the box begins. */
gsize mg_cmaf_audio_begin(MgWriter *out, const char *type, const MgCmafTrack *track,
                          guint sample_bits);
/* Its end, at the box that begins at ENTRY: where the channels belong, if that is said (clause 12.2.4). */
void mg_cmaf_audio_end(MgWriter *out, gsize entry, const MgCmafTrack *track);

gboolean mg_cmaf_audio_read(MgReader *body, MgCmafTrack *track);

/* Borrows the configuration in the box of this kind. FALSE when there is none. */
gboolean mg_cmaf_config_read(const MgReader *body, const MgCmafConfigBox *config,
                             MgCmafTrack *track);
