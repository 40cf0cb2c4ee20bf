#include "clip.h"

#include <rtmp/flv.h>
#include <rtmp/message.h>

enum { N_TYPES = 32 };

/* One pass over the file. */
typedef struct {
  Clip *clip;
  gboolean has_begun[N_TYPES]; /* by tag type */
  guint32 first_ms[N_TYPES];
} Pass;

/* The tag's first part, if it is audio or video. */
static gboolean
read_part(const MgFlvTag *tag, MgFlvPart *part)
{
  MgFlvParts parts = tag->type == MG_RTMP_VIDEO ? mg_flv_video_parts(tag->data, tag->size)
                                                : mg_flv_audio_parts(tag->data, tag->size);
  return (tag->type == MG_RTMP_VIDEO || tag->type == MG_RTMP_AUDIO) &&
         mg_flv_parts_next(&parts, part, NULL);
}

static gboolean
is_header(const MgFlvTag *tag)
{
  MgFlvPart part;
  return tag->type == MG_RTMP_DATA || (read_part(tag, &part) && part.kind == MG_FLV_CONFIG);
}

static gboolean
is_frame(const MgFlvTag *tag)
{
  MgFlvPart part;
  return read_part(tag, &part) && part.kind == MG_FLV_FRAME;
}

static void
add(Pass *pass, const MgFlvTag *tag)
{
  Clip *clip = pass->clip;
  ClipTag t = { .type = tag->type, .data = tag->data, .size = tag->size };
  if (is_header(tag)) {
    g_array_append_val(clip->headers, t);
    return;
  }
  if (!is_frame(tag))
    return;
  if (!pass->has_begun[tag->type])
    pass->first_ms[tag->type] = tag->timestamp_ms;
  pass->has_begun[tag->type] = TRUE;
  t.at_ms = tag->timestamp_ms - pass->first_ms[tag->type];
  if (t.at_ms < clip->period_ms)
    g_array_append_val(clip->tags, t);
}

/* By time; of two at one time the video. */
static gint
compare(gconstpointer a, gconstpointer b)
{
  const ClipTag *one = a, *other = b;
  if (one->at_ms != other->at_ms)
    return one->at_ms < other->at_ms ? -1 : 1;
  return (gint) other->type - (gint) one->type;
}

static gboolean
begins_with_key(const Clip *clip)
{
  MgFlvPart part;
  if (clip->tags->len == 0)
    return FALSE;
  const ClipTag *first = &g_array_index(clip->tags, ClipTag, 0);
  MgFlvTag tag = { .type = first->type, .data = first->data, .size = first->size };
  return first->type == MG_RTMP_VIDEO && read_part(&tag, &part) && part.is_key;
}

Clip *
clip_load(const char *path, guint32 period_ms, GError **error)
{
  g_autoptr(Clip) clip = g_new0(Clip, 1);
  clip->period_ms = period_ms;
  clip->headers = g_array_new(FALSE, FALSE, sizeof(ClipTag));
  clip->tags = g_array_new(FALSE, FALSE, sizeof(ClipTag));
  gsize size;
  if (!g_file_get_contents(path, &clip->file, &size, error))
    return NULL;
  MgReader r = MG_READER((const guint8 *) clip->file, size);
  Pass pass = { .clip = clip };
  MgFlvTag tag;
  if (mg_flv_file_begin(&r))
    while (mg_flv_tag_read(&r, &tag))
      if (tag.type < N_TYPES)
        add(&pass, &tag);
  g_array_sort(clip->tags, compare);
  if (begins_with_key(clip))
    return g_steal_pointer(&clip);
  g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
              "%s is no FLV file that begins with a key frame of H.264", path);
  return NULL;
}

void
clip_free(Clip *clip)
{
  if (clip == NULL)
    return;
  g_array_unref(clip->headers);
  g_array_unref(clip->tags);
  g_free(clip->file);
  g_free(clip);
}

gsize
clip_bytes(const Clip *clip)
{
  gsize bytes = 0;
  for (guint i = 0; i < clip->tags->len; i++)
    bytes += g_array_index(clip->tags, ClipTag, i).size;
  return bytes;
}
