#include "window/shelf.h"

#include "window/claims.h"
#include "window/files.h"

#include <string.h>

struct MgShelf {
  const MgHttpInterface *http;
  gpointer impl;
  MgHttpFolder *folder;
  MgClaim *claim;
  MgFiles *files; /* NULL: none */
  char *path;
};

MgShelf *
mg_shelf_new(MgNode *node, const MgWindowOptions *options, GError **error)
{
  gpointer impl;
  const MgHttpInterface *http = mg_service_find(node, MG_HTTP_SERVICE, &impl, error);
  if (http == NULL)
    return NULL;
  MgClaim *claim = mg_claim_new(node, impl, options->path, options->name, error);
  if (claim == NULL)
    return NULL;
  MgFiles *files = options->dir ? mg_files_new(node, options->dir, error) : NULL;
  if (options->dir != NULL && files == NULL) {
    mg_claim_free(claim);
    return NULL;
  }
  MgShelf *shelf = g_new0(MgShelf, 1);
  shelf->http = http;
  shelf->impl = impl;
  shelf->folder = http->folder_new(impl, options->path);
  shelf->claim = claim;
  shelf->files = files;
  shelf->path = g_strdup(options->path);
  return shelf;
}

void
mg_shelf_free(MgShelf *shelf, MgTime after)
{
  shelf->http->folder_retire(shelf->folder, after);
  mg_claim_free(shelf->claim);
  mg_files_free(shelf->files);
  g_free(shelf->path);
  g_free(shelf);
}

static const char *
content_type(const MgStream *stream)
{
  return mg_stream_info(stream)->media == MG_MEDIA_AUDIO ? "audio/mp4" : "video/mp4";
}

/* Without a body. */
static MgHttpContent
media_content(const MgStream *stream, const char *name)
{
  return (MgHttpContent){
    .size = sizeof(MgHttpContent),
    .content_type = content_type(stream),
    .cache = MG_HTTP_CACHE_IMMUTABLE,
    .etag = name,
  };
}

static void
put_file(MgShelf *shelf, const MgSegment *segment, const char *name)
{
  if (shelf->files != NULL)
    mg_files_put_buffers(shelf->files, name, segment->chunks);
}

void
mg_shelf_put_segment(MgShelf *shelf, const MgSegment *segment, const char *name)
{
  MgHttpContent content = media_content(segment->stream, name);
  content.buffers = (MgBuffer *const *) segment->chunks->pdata;
  content.n_buffers = segment->chunks->len;
  shelf->http->folder_put(shelf->folder, name, &content);
  put_file(shelf, segment, name);
}

void
mg_shelf_put_part(MgShelf *shelf, const char *name, MgBuffer *chunk)
{
  MgHttpContent content = media_content(chunk->stream, name);
  content.buffers = &chunk;
  content.n_buffers = 1;
  shelf->http->folder_put(shelf->folder, name, &content);
}

void
mg_shelf_begin_segment(MgShelf *shelf, const MgSegment *segment, const char *name)
{
  const MgHttpContent content = media_content(segment->stream, name);
  shelf->http->folder_begin(shelf->folder, name, &content);
}

void
mg_shelf_append(MgShelf *shelf, const char *name, MgBuffer *chunk)
{
  shelf->http->folder_append(shelf->folder, name, chunk);
}

void
mg_shelf_finish_segment(MgShelf *shelf, const MgSegment *segment, const char *name)
{
  shelf->http->folder_finish(shelf->folder, name);
  put_file(shelf, segment, name);
}

void
mg_shelf_promise(MgShelf *shelf, const char *name, MgTime wait)
{
  shelf->http->folder_promise(shelf->folder, name, wait);
}

void
mg_shelf_withdraw(MgShelf *shelf, const char *name)
{
  shelf->http->folder_remove(shelf->folder, name);
}

void
mg_shelf_put_init(MgShelf *shelf, const char *name, MgStream *stream)
{
  MgData *init = mg_stream_info(stream)->init;
  MgHttpContent content = media_content(stream, name);
  content.data = init;
  shelf->http->folder_put(shelf->folder, name, &content);
  if (shelf->files != NULL)
    mg_files_put_data(shelf->files, name, init);
}

void
mg_shelf_put_manifest(MgShelf *shelf, const char *name, const char *type, guint max_age_ms,
                      const char *text, gsize size)
{
  g_autoptr(MgData) data = mg_data_new_copy(text, size);
  if (data == NULL)
    return;
  g_autofree char *etag = g_compute_checksum_for_data(G_CHECKSUM_MD5, data->bytes, size);
  const MgHttpContent content = {
    .size = sizeof content,
    .content_type = type,
    .cache = MG_HTTP_CACHE_SHORT,
    .max_age_ms = max_age_ms,
    .etag = etag,
    .data = data,
  };
  shelf->http->folder_put(shelf->folder, name, &content);
  if (shelf->files != NULL)
    mg_files_put_data(shelf->files, name, data);
}

void
mg_shelf_remove(MgShelf *shelf, const char *name)
{
  shelf->http->folder_remove(shelf->folder, name);
  if (shelf->files != NULL)
    mg_files_remove(shelf->files, name);
}

const MgHttpInterface *
mg_shelf_http(MgShelf *shelf, gpointer *impl)
{
  *impl = shelf->impl;
  return shelf->http;
}

MgHttpFolder *
mg_shelf_folder(MgShelf *shelf)
{
  return shelf->folder;
}

char *
mg_shelf_url(MgShelf *shelf, const char *name)
{
  return g_strdup_printf("%s%s/%s", shelf->http->base_url(shelf->impl), shelf->path, name);
}
