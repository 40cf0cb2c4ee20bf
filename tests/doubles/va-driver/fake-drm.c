/*
 * The three functions of libdrm that libva asks about a device. A program that links this file, with -rdynamic,
 * may open any file as a render node: /dev/null, whose kernel driver is then "mgtest".
 */
#include <glib.h>
#include <gmodule.h>

/* As in xf86drm.h, whose package is not needed for this. */
typedef struct {
  int major, minor, patch;
  int name_length;
  char *name;
  int date_length;
  char *date;
  int text_length;
  char *text;
} DrmVersion;

enum { RENDER_NODE = 2 };

G_MODULE_EXPORT int drmGetNodeTypeFromFd(int fd);
G_MODULE_EXPORT DrmVersion *drmGetVersion(int fd);
G_MODULE_EXPORT void drmFreeVersion(DrmVersion *version);

int
drmGetNodeTypeFromFd(int fd)
{
  return fd < 0 ? -1 : RENDER_NODE;
}

DrmVersion *
drmGetVersion(int fd)
{
  DrmVersion *version = g_new0(DrmVersion, 1);
  version->name = g_strdup("mgtest");
  version->name_length = (int) strlen(version->name);
  return version;
}

void
drmFreeVersion(DrmVersion *version)
{
  if (version == NULL)
    return;
  g_free(version->name);
  g_free(version);
}
