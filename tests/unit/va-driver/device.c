/* Opening the driver as a program would, and reading its log. */
#include "device.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <unistd.h>
#include <va/va_drm.h>

static void
set_or_unset(const char *name, const char *value)
{
  if (value == NULL)
    g_unsetenv(name);
  else
    g_setenv(name, value, TRUE);
}

void
device_prepare(Device *device, const char *model, const char *faults)
{
  *device = (Device){ .fd = -1 };
  device->folder = g_dir_make_tmp("mg-va-XXXXXX", NULL);
  g_assert_nonnull(device->folder);
  device->log_path = g_build_filename(device->folder, "log", NULL);
  g_setenv("LIBVA_DRIVERS_PATH", VA_DRIVER_PATH, TRUE);
  g_setenv("LIBVA_MESSAGING_LEVEL", "0", TRUE);
  set_or_unset("MG_VA_LOG", device->log_path);
  set_or_unset("MG_VA_MODEL", model);
  set_or_unset("MG_VA_FAULTS", faults);
}

void
device_open(Device *device, const char *model, const char *faults)
{
  int major, minor;
  device_prepare(device, model, faults);
  device->fd = open("/dev/null", O_RDWR | O_CLOEXEC);
  device->display = vaGetDisplayDRM(device->fd);
  g_assert_nonnull(device->display);
  g_assert_cmpint(vaInitialize(device->display, &major, &minor), ==, VA_STATUS_SUCCESS);
}

void
device_terminate(Device *device)
{
  g_assert_cmpint(vaTerminate(device->display), ==, VA_STATUS_SUCCESS);
  close(device->fd);
}

char *
device_log(const Device *device)
{
  char *text = NULL;
  g_assert_true(g_file_get_contents(device->log_path, &text, NULL, NULL));
  return text;
}

guint
device_count(const Device *device, const char *text)
{
  g_autofree char *log = device_log(device);
  g_auto(GStrv) lines = g_strsplit(log, "\n", -1);
  guint n = 0;
  for (char **line = lines; *line != NULL; line++)
    n += g_str_has_prefix(*line, text);
  return n;
}

void
device_remove(Device *device)
{
  g_unlink(device->log_path);
  g_rmdir(device->folder);
  g_free(device->log_path);
  g_free(device->folder);
}

void
device_clear(Device *device)
{
  g_assert_cmpuint(device_count(device, "leaked"), ==, 0);
  device_remove(device);
}
