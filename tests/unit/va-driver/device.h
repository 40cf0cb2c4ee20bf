/*
 * A display on the driver, for one test: the environment is set, /dev/null opened, and at the end the driver's
 * log is there to be asked. One at a time.
 */
#pragma once

#include <glib.h>
#include <va/va.h>

typedef struct {
  char *folder, *log_path; /* owned */
  int fd;
  VADisplay display;
} Device;

/* MODEL and FAULTS as the driver's variables; NULL: none. Nothing is opened yet. */
void device_prepare(Device *device, const char *model, const char *faults);

/* Prepares, and opens through libva's own DRM code. */
void device_open(Device *device, const char *model, const char *faults);

/* Terminates what device_open() has opened. */
void device_terminate(Device *device);

/* Returned-owned: the log so far. */
char *device_log(const Device *device);

/* How many lines of the log begin with TEXT. */
guint device_count(const Device *device, const char *text);

/* Removes the log. */
void device_remove(Device *device);

/* Removes it, and fails the test when a display has leaked. */
void device_clear(Device *device);
