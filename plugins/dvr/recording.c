#include "recording.h"

#include "beneath.h"

#include <bytes/writer.h>
#include <cmaf/chunk.h>
#include <cmaf/init.h>
#include <mediagraph/file.h>
#include <timeline/ticks.h>

#include <errno.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

/* How many recordings may want one name. */
enum { MOST_SAME_NAMES = 1000 };

typedef struct {
  MgStream *stream;
  guint32 id;
  gint64 start; /* ticks */
} Track;

struct Recording {
  guint ref_count;
  char *name;
  int fd;
  gint64 size; /* bytes that are whole */
  MgTime start;
  guint32 sequence;
  GArray *tracks; /* of Track */
  GArray *pieces; /* of struct iovec: of the chunk being written */
};

/* --- the head ---------------------------------------------------------------------------------- */

/* What the stream knows better than its configuration. */
static void
fill_picture(const MgStreamInfo *info, MgCmafTrack *out)
{
  const MgMastering *m = &info->mastering;
  out->width = info->width;
  out->height = info->height;
  out->sar_width = info->sar.num;
  out->sar_height = info->sar.num ? info->sar.den : 0;
  out->colour = (MgCodecColour){ info->colour.primaries, info->colour.transfer, info->colour.matrix,
                                 info->colour.is_full_range };
  out->hdr.light = (MgCodecLight){ info->light.max_content, info->light.max_frame_average };
  out->hdr.mastering = (MgCodecMastering){
    .red = { m->red[0], m->red[1] },
    .green = { m->green[0], m->green[1] },
    .blue = { m->blue[0], m->blue[1] },
    .white = { m->white[0], m->white[1] },
    .max_luminance = m->max_luminance,
    .min_luminance = m->min_luminance,
  };
}

static void
describe(const Track *track, MgCmafTrack *out)
{
  const MgStreamInfo *info = mg_stream_info(track->stream);
  *out = (MgCmafTrack){
    .track_id = track->id,
    .timescale = info->timescale,
    .codec = info->codec,
    .config = info->config->bytes,
    .config_size = info->config->size,
    .bitrate = info->bitrate,
  };
  fill_picture(info, out);
  out->n_speakers = info->speakers.n;
  memcpy(out->speakers, info->speakers.position, info->speakers.n);
  if (info->language != NULL)
    g_strlcpy(out->language, info->language, sizeof out->language);
}

static gboolean
set_errno_error(const Recording *recording, const char *what, GError **error)
{
  g_set_error(error, MG_ERROR, MG_ERROR_FAILED, "cannot %s %s: %s", what, recording->name,
              g_strerror(errno));
  return FALSE;
}

static gboolean
write_head(Recording *recording, GError **error)
{
  MgCmafTrack tracks[MG_CMAF_MOST_TRACKS];
  for (guint i = 0; i < recording->tracks->len; i++)
    describe(&g_array_index(recording->tracks, Track, i), &tracks[i]);
  g_auto(MgWriter) head = MG_WRITER_INIT;
  if (!mg_cmaf_init_write(tracks, recording->tracks->len, &head, error))
    return FALSE;
  struct iovec iov = { head.data, head.size };
  if (!mg_file_write(recording->fd, &iov, 1, 0))
    return set_errno_error(recording, "write", error);
  recording->size = (gint64) head.size;
  return TRUE;
}

/* --- life -------------------------------------------------------------------------------------- */

static char *
numbered(const char *name, guint n)
{
  if (n == 1)
    return g_strdup(name);
  const char *dot = strrchr(name, '.');
  if (dot == NULL || strchr(dot, '/') != NULL)
    return g_strdup_printf("%s-%u", name, n);
  return g_strdup_printf("%.*s-%u%s", (int) (dot - name), name, n, dot);
}

static gboolean
create_file(Recording *recording, int root_fd, const char *name, GError **error)
{
  errno = EEXIST;
  for (guint n = 1; n <= MOST_SAME_NAMES && recording->fd < 0 && errno == EEXIST; n++) {
    g_free(recording->name);
    recording->name = numbered(name, n);
    recording->fd = beneath_create(root_fd, recording->name);
  }
  if (recording->fd < 0)
    return set_errno_error(recording, "create", error);
  flock(recording->fd, LOCK_SH);
  return TRUE;
}

static void
add_tracks(Recording *recording, GPtrArray *streams)
{
  for (guint i = 0; i < MIN(streams->len, MG_CMAF_MOST_TRACKS); i++) {
    MgStream *stream = g_ptr_array_index(streams, i);
    guint32 timescale = mg_stream_info(stream)->timescale;
    Track track = { mg_stream_ref(stream), i + 1, mg_time_to_ticks(recording->start, timescale) };
    g_array_append_val(recording->tracks, track);
  }
}

static void
track_clear(gpointer data)
{
  mg_stream_unref(((Track *) data)->stream);
}

Recording *
recording_new(int root_fd, const char *name, GPtrArray *streams, MgTime start, GError **error)
{
  Recording *recording = g_new0(Recording, 1);
  recording->ref_count = 1;
  recording->fd = -1;
  recording->start = start;
  recording->pieces = g_array_new(FALSE, FALSE, sizeof(struct iovec));
  recording->tracks = g_array_new(FALSE, FALSE, sizeof(Track));
  g_array_set_clear_func(recording->tracks, track_clear);
  add_tracks(recording, streams);
  if (create_file(recording, root_fd, name, error) && write_head(recording, error))
    return recording;
  if (recording->fd >= 0)
    unlinkat(root_fd, recording->name, 0);
  recording_unref(recording);
  return NULL;
}

Recording *
recording_ref(Recording *recording)
{
  recording->ref_count++;
  return recording;
}

void
recording_unref(Recording *recording)
{
  if (recording == NULL || --recording->ref_count > 0)
    return;
  if (recording->fd >= 0)
    close(recording->fd);
  g_array_unref(recording->tracks);
  g_array_unref(recording->pieces);
  g_free(recording->name);
  g_free(recording);
}

/* --- chunks ------------------------------------------------------------------------------------ */

static const Track *
find_track(const Recording *recording, const MgStream *stream)
{
  for (guint i = 0; i < recording->tracks->len; i++) {
    const Track *track = &g_array_index(recording->tracks, Track, i);
    if (track->stream == stream)
      return track;
  }
  return NULL;
}

gboolean
recording_fits(const Recording *recording, const MgStream *stream)
{
  return find_track(recording, stream) != NULL;
}

static gsize
add_piece(GArray *pieces, guint8 *bytes, gsize size)
{
  struct iovec piece = { bytes, size };
  g_array_append_val(pieces, piece);
  return size;
}

/*
 * Writes HEADER and the payload of CHUNK behind its own header. A styp is for segments that travel alone;
 * in a file the fragment begins with its moof.
 */
static gboolean
append(Recording *recording, guint8 *header, const MgCmafPlaces *places, const MgBuffer *chunk)
{
  GArray *pieces = recording->pieces;
  gsize skip = places->header_size;
  g_array_set_size(pieces, 0);
  gsize size = add_piece(pieces, header + places->moof_at, places->header_size - places->moof_at);
  for (guint i = 0; i < chunk->n_slices; i++, skip = 0) {
    const MgSlice *s = &chunk->slices[i];
    size += add_piece(pieces, s->data->bytes + s->offset + skip, s->size - skip);
  }
  if (!mg_file_write(recording->fd, (struct iovec *) (gpointer) pieces->data, pieces->len,
                     recording->size))
    return FALSE;
  recording->size += (gint64) size;
  return TRUE;
}

gboolean
recording_write(Recording *recording, const MgBuffer *chunk, GError **error)
{
  const Track *track = find_track(recording, chunk->stream);
  const guint8 *begin = mg_slice_bytes(&chunk->slices[0]);
  MgCmafPlaces places;
  if (!mg_cmaf_chunk_find(begin, chunk->slices[0].size, &places, error))
    return FALSE;
  g_autofree guint8 *header = g_memdup2(begin, places.header_size);
  /* Unsigned composition offsets, as players of files expect them. */
  const MgChunk *info = chunk->chunk;
  gint64 decode_time = MAX(info->start - info->reorder - track->start, 0);
  mg_cmaf_chunk_shift(header, &places, (gint32) info->reorder);
  mg_cmaf_chunk_renumber(header, &places, recording->sequence, track->id, (guint64) decode_time);
  if (!append(recording, header, &places, chunk)) {
    set_errno_error(recording, "write", error);
    G_GNUC_UNUSED int failed = ftruncate(recording->fd, recording->size);
    return FALSE;
  }
  recording->sequence++;
  return TRUE;
}

const char *
recording_name(const Recording *recording)
{
  return recording->name;
}

MgTime
recording_start(const Recording *recording)
{
  return recording->start;
}
