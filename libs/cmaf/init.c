/* Box after box in the order of ISO/IEC 23000-19 table 4; the names are those of ISO/IEC 14496-12. */
#include "cmaf/init.h"

#include "cmaf/entry.h"

#include <string.h>

G_DEFINE_QUARK(mg - cmaf - error - quark, mg_cmaf_error)

/* A track whose configuration has been understood. */
typedef struct {
  MgCmafTrack track; /* nothing left at 0 that the configuration says */
  const MgCmafEntry *entry;
  const char *brand; /* of the media profile, or NULL */
  MgWriter sample_entry;
} Prepared;

static void
refuse_codec(const MgCmafTrack *track, GError **error)
{
  char name[5] = { 0 };
  for (guint i = 0; i < 4; i++) {
    char c = (char) (track->codec >> (24 - 8 * i));
    name[i] = g_ascii_isprint(c) ? c : '?';
  }
  g_set_error(error, MG_CMAF_ERROR, MG_CMAF_ERROR_UNSUPPORTED,
              "codec '%s' has no place in fragmented MP4", name);
}

static gboolean
prepare(Prepared *p, const MgCmafTrack *track, GError **error)
{
  g_assert(track->track_id != 0 && track->timescale != 0);
  p->track = *track;
  p->entry = mg_cmaf_entry_find(track->codec);
  if (p->entry == NULL) {
    refuse_codec(track, error);
    return FALSE;
  }
  return p->entry->write(&p->track, &p->sample_entry, &p->brand, error);
}

static void
write_brand(MgWriter *w, const char *brand)
{
  mg_writer_be32(w, mg_box_type(brand));
}

static void
write_ftyp(MgWriter *w, const Prepared *tracks, gsize n)
{
  gsize ftyp = mg_box_begin(w, "ftyp");
  write_brand(w, "iso6");
  mg_writer_be32(w, 0); /* minor_version */
  write_brand(w, "iso6");
  if (n == 1) {
    write_brand(w, "cmfc");
    write_brand(w, "cmf2");
    if (tracks[0].brand != NULL)
      write_brand(w, tracks[0].brand);
  } else {
    write_brand(w, "mp41");
  }
  mg_box_end(w, ftyp);
}

static void
write_matrix(MgWriter *w)
{
  static const guint32 unity[] = { 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000 };
  for (guint i = 0; i < G_N_ELEMENTS(unity); i++)
    mg_writer_be32(w, unity[i]);
}

static void
write_mvhd(MgWriter *w, const Prepared *tracks, gsize n)
{
  guint32 highest_id = 0;
  for (gsize i = 0; i < n; i++)
    highest_id = MAX(highest_id, tracks[i].track.track_id);
  gsize mvhd = mg_full_box_begin(w, "mvhd", 0, 0);
  mg_writer_zeros(w, 8); /* creation and modification time */
  mg_writer_be32(w, tracks[0].track.timescale);
  mg_writer_be32(w, 0); /* duration */
  mg_writer_be32(w, 0x00010000);
  mg_writer_be16(w, 0x0100);
  mg_writer_zeros(w, 10);
  write_matrix(w);
  mg_writer_zeros(w, 24);
  mg_writer_be32(w, highest_id == G_MAXUINT32 ? G_MAXUINT32 : highest_id + 1);
  mg_box_end(w, mvhd);
}

/* A width as shown, in 16.16: the sample aspect ratio stretches it. */
static guint32
shown_width(const MgCmafTrack *track)
{
  guint64 width = (guint64) track->width << 16;
  if (track->sar_width == 0 || track->sar_height == 0 || track->sar_width > 65535)
    return (guint32) width;
  guint64 shown = (width * track->sar_width + track->sar_height / 2) / track->sar_height;
  return shown == 0 || shown > G_MAXUINT32 ? (guint32) width : (guint32) shown;
}

static void
write_tkhd(MgWriter *w, const Prepared *p)
{
  enum { ENABLED = 1, IN_MOVIE = 2, IN_PREVIEW = 4 };
  gsize tkhd = mg_full_box_begin(w, "tkhd", 0, ENABLED | IN_MOVIE | IN_PREVIEW);
  mg_writer_zeros(w, 8);
  mg_writer_be32(w, p->track.track_id);
  mg_writer_zeros(w, 4 + 4 + 8); /* duration among them */
  mg_writer_zeros(w, 4);         /* layer, alternate_group */
  mg_writer_be16(w, p->entry->is_video ? 0 : 0x0100);
  mg_writer_be16(w, 0);
  write_matrix(w);
  mg_writer_be32(w, p->entry->is_video ? shown_width(&p->track) : 0);
  mg_writer_be32(w, p->entry->is_video ? p->track.height << 16 : 0);
  mg_box_end(w, tkhd);
}

/* Whether the tag has only the characters of RFC 5646, and an end. */
static gboolean
is_language_tag(const char language[MG_CMAF_LANGUAGE_ROOM])
{
  gsize n = strspn(language, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");
  return n > 0 && language[n] == '\0';
}

/* Three letters packed into 15 bits; "und" when the primary subtag is none of ISO 639-2/T. */
static guint16
packed_language(const char *language)
{
  gsize letters = strspn(language, "abcdefghijklmnopqrstuvwxyz");
  const char *code = letters == 3 ? language : "und";
  return (guint16) ((code[0] - 0x60) << 10 | (code[1] - 0x60) << 5 | (code[2] - 0x60));
}

static void
write_languages(MgWriter *w, const MgCmafTrack *track)
{
  g_autofree char *tag = g_strndup(track->language, MG_CMAF_LANGUAGE_ROOM - 1);
  const char *language = is_language_tag(tag) ? tag : "und";
  gsize mdhd = mg_full_box_begin(w, "mdhd", 0, 0);
  mg_writer_zeros(w, 8);
  mg_writer_be32(w, track->timescale);
  mg_writer_be32(w, 0); /* duration */
  mg_writer_be16(w, packed_language(language));
  mg_writer_be16(w, 0);
  mg_box_end(w, mdhd);
  if (strlen(language) == 3)
    return;
  gsize elng = mg_full_box_begin(w, "elng", 0, 0);
  mg_writer_text(w, language);
  mg_writer_u8(w, 0);
  mg_box_end(w, elng);
}

static void
write_hdlr(MgWriter *w, const Prepared *p)
{
  gsize hdlr = mg_full_box_begin(w, "hdlr", 0, 0);
  mg_writer_be32(w, 0);
  mg_writer_text(w, p->entry->is_video ? "vide" : "soun");
  mg_writer_zeros(w, 12);
  mg_writer_u8(w, 0); /* an empty name */
  mg_box_end(w, hdlr);
}

static void
write_media_header(MgWriter *w, const Prepared *p)
{
  gsize header;
  if (p->entry->is_video) {
    header = mg_full_box_begin(w, "vmhd", 0, 1);
    mg_writer_zeros(w, 8);
  } else {
    header = mg_full_box_begin(w, "smhd", 0, 0);
    mg_writer_zeros(w, 4);
  }
  mg_box_end(w, header);
}

static void
write_dinf(MgWriter *w)
{
  gsize dinf = mg_box_begin(w, "dinf");
  gsize dref = mg_full_box_begin(w, "dref", 0, 0);
  mg_writer_be32(w, 1);
  mg_box_end(w, mg_full_box_begin(w, "url ", 0, 1)); /* in this file */
  mg_box_end(w, dref);
  mg_box_end(w, dinf);
}

/* A table of no entries. */
static void
write_empty_table(MgWriter *w, const char *type, gsize n_zeros)
{
  gsize table = mg_full_box_begin(w, type, 0, 0);
  mg_writer_zeros(w, n_zeros);
  mg_box_end(w, table);
}

static void
write_stbl(MgWriter *w, const Prepared *p)
{
  gsize stbl = mg_box_begin(w, "stbl");
  gsize stsd = mg_full_box_begin(w, "stsd", 0, 0);
  mg_writer_be32(w, 1);
  mg_writer_bytes(w, p->sample_entry.data, p->sample_entry.size);
  mg_box_end(w, stsd);
  write_empty_table(w, "stts", 4);
  write_empty_table(w, "stsc", 4);
  write_empty_table(w, "stsz", 8);
  write_empty_table(w, "stco", 4);
  mg_box_end(w, stbl);
}

static void
write_trak(MgWriter *w, const Prepared *p)
{
  gsize trak = mg_box_begin(w, "trak");
  write_tkhd(w, p);
  gsize mdia = mg_box_begin(w, "mdia");
  write_languages(w, &p->track);
  write_hdlr(w, p);
  gsize minf = mg_box_begin(w, "minf");
  write_media_header(w, p);
  write_dinf(w);
  write_stbl(w, p);
  mg_box_end(w, minf);
  mg_box_end(w, mdia);
  mg_box_end(w, trak);
}

static void
write_trex(MgWriter *w, const Prepared *p)
{
  gsize trex = mg_full_box_begin(w, "trex", 0, 0);
  mg_writer_be32(w, p->track.track_id);
  mg_writer_be32(w, 1);   /* default_sample_description_index */
  mg_writer_zeros(w, 12); /* duration, size, flags: every chunk says its own */
  mg_box_end(w, trex);
}

static void
write_moov(MgWriter *w, const Prepared *tracks, gsize n)
{
  gsize moov = mg_box_begin(w, "moov");
  write_mvhd(w, tracks, n);
  for (gsize i = 0; i < n; i++)
    write_trak(w, &tracks[i]);
  gsize mvex = mg_box_begin(w, "mvex");
  for (gsize i = 0; i < n; i++)
    write_trex(w, &tracks[i]);
  mg_box_end(w, mvex);
  mg_box_end(w, moov);
}

gboolean
mg_cmaf_init_write(const MgCmafTrack *tracks, gsize n, MgWriter *out, GError **error)
{
  g_assert(n >= 1 && n <= MG_CMAF_MOST_TRACKS);
  Prepared prepared[MG_CMAF_MOST_TRACKS] = { 0 };
  gboolean ok = TRUE;
  for (gsize i = 0; i < n && ok; i++)
    ok = prepare(&prepared[i], &tracks[i], error);
  if (ok) {
    write_ftyp(out, prepared, n);
    write_moov(out, prepared, n);
  }
  for (gsize i = 0; i < n; i++)
    mg_writer_clear(&prepared[i].sample_entry);
  return ok;
}
