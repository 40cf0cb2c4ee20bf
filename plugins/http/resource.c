#include "http/resource.h"

#include "http/gzip.h"
#include "http/lazy.h"

#include <string.h>

const char *
mg_http_status_text(guint status)
{
  switch (status) {
  case 200: return "OK";
  case 204: return "No Content";
  case 206: return "Partial Content";
  case 304: return "Not Modified";
  case 400: return "Bad Request";
  case 403: return "Forbidden";
  case 404: return "Not Found";
  case 405: return "Method Not Allowed";
  case 408: return "Request Timeout";
  case 410: return "Gone";
  case 414: return "URI Too Long";
  case 416: return "Range Not Satisfiable";
  case 431: return "Request Header Fields Too Large";
  case 500: return "Internal Server Error";
  case 501: return "Not Implemented";
  case 503: return "Service Unavailable";
  case 505: return "HTTP Version Not Supported";
  default: return "Status";
  }
}

static void
write_cache(GString *head, const MgHttpContent *content)
{
  switch (content->cache) {
  case MG_HTTP_CACHE_NEVER: g_string_append(head, "Cache-Control: no-store\r\n"); break;
  case MG_HTTP_CACHE_SHORT:
    g_string_append_printf(head, "Cache-Control: max-age=%u\r\n", content->max_age_ms / 1000);
    break;
  case MG_HTTP_CACHE_IMMUTABLE:
    g_string_append(head, "Cache-Control: public, max-age=31536000, immutable\r\n");
    break;
  }
}

/* Date is for players that set their clock by it; the others are what scripts may see of an answer. */
static void
write_cors(GString *head, const char *cors)
{
  if (cors == NULL)
    return;
  g_string_append_printf(head,
                         "Access-Control-Allow-Origin: %s\r\n"
                         "Access-Control-Expose-Headers: Age, Content-Length, Content-Range, Date, "
                         "ETag\r\n"
                         "Timing-Allow-Origin: %s\r\n",
                         cors, cors);
}

static void
write_status_line(GString *head, guint status)
{
  g_string_append_printf(head, "HTTP/1.1 %u %s\r\n", status, mg_http_status_text(status));
}

static void
write_head(MgHttpResource *resource, const MgHttpContent *content, const char *cors)
{
  GString *head = g_string_sized_new(512);
  write_status_line(head, resource->status);
  if (!resource->is_growing && resource->status != 204)
    g_string_append_printf(head, "Content-Length: %" G_GUINT64_FORMAT "\r\n", resource->size);
  resource->entity = head->len;
  if (content->content_type != NULL)
    g_string_append_printf(head, "Content-Type: %s\r\n", content->content_type);
  if (resource->coding != NULL)
    g_string_append_printf(head, "Content-Encoding: %s\r\n", resource->coding);
  else if (!resource->is_growing && resource->status == 200)
    g_string_append(head, "Accept-Ranges: bytes\r\n");
  resource->common = head->len;
  write_cache(head, content);
  if (resource->etag != NULL)
    g_string_append_printf(head, "ETag: \"%s\"\r\n", resource->etag);
  if (resource->forms != NULL || resource->coding != NULL)
    g_string_append(head, "Vary: Accept-Encoding\r\n");
  write_cors(head, cors);
  resource->head_size = head->len;
  resource->head = g_string_free(head, FALSE);
  resource->lines = mg_http_lines_new(resource->head);
}

static guint
count_slices(const MgHttpContent *content)
{
  guint n = content->data != NULL ? 1 : 0;
  for (guint i = 0; content->data == NULL && i < content->n_buffers; i++)
    n += content->buffers[i]->n_slices;
  return n;
}

static void
add_slice(MgHttpResource *resource, MgData *data, gsize offset, gsize size)
{
  resource->slices[resource->n_slices++] = (MgSlice){ mg_data_ref(data), offset, size };
  resource->size += size;
}

static void
add_slices(MgHttpResource *resource, const MgHttpContent *content)
{
  if (content->data != NULL) {
    add_slice(resource, content->data, 0, content->data->size);
    return;
  }
  for (guint i = 0; i < content->n_buffers; i++) {
    const MgBuffer *buffer = content->buffers[i];
    for (guint k = 0; k < buffer->n_slices; k++)
      add_slice(resource, buffer->slices[k].data, buffer->slices[k].offset, buffer->slices[k].size);
  }
}

static gboolean
is_tag(const char *etag)
{
  for (; *etag != '\0'; etag++)
    if (*etag <= ' ' || *etag >= 0x7f || *etag == '"')
      return FALSE;
  return TRUE;
}

/* Without a head. */
static MgHttpResource *
resource_alloc(const MgHttpContent *content)
{
  g_assert(content->etag == NULL || is_tag(content->etag));
  MgHttpResource *resource =
      g_malloc0(sizeof(MgHttpResource) + count_slices(content) * sizeof(MgSlice));
  resource->ref_count = 1;
  resource->status = content->status != 0 ? content->status : 200;
  resource->etag = g_strdup(content->etag);
  add_slices(resource, content);
  return resource;
}

MgHttpResource *
mg_http_resource_new(const MgHttpContent *content, const char *cors)
{
  MgHttpResource *resource = resource_alloc(content);
  resource->forms = mg_http_forms_new(content, resource->size, cors);
  write_head(resource, content, cors);
  return resource;
}

MgHttpResource *
mg_http_resource_new_once(const MgHttpContent *content, const char *cors)
{
  MgHttpResource *resource = resource_alloc(content);
  write_head(resource, content, cors);
  return resource;
}

MgHttpResource *
mg_http_resource_new_coded(const MgHttpContent *content, const char *coding, const char *cors)
{
  MgHttpResource *resource = resource_alloc(content);
  resource->coding = coding;
  write_head(resource, content, cors);
  return resource;
}

MgHttpResource *
mg_http_resource_new_growing(const MgHttpContent *content, const char *cors)
{
  MgHttpResource *resource = resource_alloc(content);
  resource->is_growing = TRUE;
  write_head(resource, content, cors);
  return resource;
}

/* Puts more fields at the end of the head. */
static void
append_fields(MgHttpResource *resource, const char *fields)
{
  char *head = g_strconcat(resource->head, fields, NULL);
  g_free(resource->head);
  resource->head = head;
  resource->head_size = strlen(head);
  mg_http_lines_unref(resource->lines);
  resource->lines = mg_http_lines_new(head);
}

MgHttpResource *
mg_http_resource_new_error(guint status, const char *cors)
{
  g_autofree char *text = g_strdup_printf("%u %s\n", status, mg_http_status_text(status));
  g_autoptr(MgData) data = mg_data_new_copy(text, strlen(text));
  MgHttpResource *resource =
      mg_http_resource_new(&(MgHttpContent){ .size = sizeof(MgHttpContent),
                                             .status = status,
                                             .content_type = "text/plain; charset=utf-8",
                                             .cache = MG_HTTP_CACHE_NEVER,
                                             .data = data },
                           cors);
  if (status == 405)
    append_fields(resource, "Allow: GET, HEAD, OPTIONS\r\n");
  return resource;
}

/* The fields named are those a player sends on its own: ranges, conditions, CMCD (CTA-5004). */
MgHttpResource *
mg_http_resource_new_options(const char *cors)
{
  MgHttpResource *resource = mg_http_resource_new(&(MgHttpContent){ .size = sizeof(MgHttpContent),
                                                                    .status = 204,
                                                                    .cache = MG_HTTP_CACHE_NEVER },
                                                  cors);
  append_fields(resource, "Allow: GET, HEAD, OPTIONS\r\n");
  if (cors != NULL)
    append_fields(resource, "Access-Control-Allow-Methods: GET, HEAD, OPTIONS\r\n"
                            "Access-Control-Allow-Headers: Authorization, CMCD-Object, "
                            "CMCD-Request, CMCD-Session, CMCD-Status, If-None-Match, If-Range, "
                            "Range\r\n"
                            "Access-Control-Max-Age: 86400\r\n");
  return resource;
}

MgHttpResource *
mg_http_resource_ref(MgHttpResource *resource)
{
  g_atomic_int_inc(&resource->ref_count);
  return resource;
}

void
mg_http_resource_unref(MgHttpResource *resource)
{
  if (resource == NULL || !g_atomic_int_dec_and_test(&resource->ref_count))
    return;
  for (guint i = 0; i < resource->n_slices; i++)
    mg_data_unref(resource->slices[i].data);
  mg_http_forms_free(resource->forms);
  mg_http_lazy_free(resource->lazy);
  g_free(resource->etag);
  mg_http_lines_unref(resource->lines);
  g_free(resource->head);
  g_free(resource);
}
