/*
 * From messages to streams and packets. What comes out is noted in text, a line each:
 *
 *   video+ H.264 1280x720 30 fps       a new track
 *   video= H.264 640x360 25 fps        new parameters
 *   video 40 120 K 9                   dts, pts (ms), flags (Key, Discontinuity, disposable), bytes
 */
#pragma once

#include "ingest-rtmp/media.h"

#include <bytes/writer.h>

enum { MEDIA_MOST_PORTS = 32 };

typedef struct {
  Media *media;
  MgTime now;
  MgTime arrival; /* of the last packet */
  GString *said;
  char *names[MEDIA_MOST_PORTS];
  guint n_ports;
  MgStream *last_stream; /* declared */
  MgBuffer *last;        /* pushed; a reference */
} Fixture;

void fixture_init(Fixture *f, MgTime base);

/* Asserts that nothing of it is left behind. */
void fixture_clear(Fixture *f);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Fixture, fixture_clear)

/* What has been noted since the last time. */
void assert_said(Fixture *f, const char *expected);

/* Of the last stream, of the last packet. */
void assert_config(Fixture *f, gconstpointer bytes, gsize size);
void assert_payload(Fixture *f, gconstpointer bytes, gsize size);

/* A message; each comes a millisecond after the one before. */
void take(Fixture *f, guint8 type, guint32 timestamp, const MgWriter *body);
void take_bytes(Fixture *f, guint8 type, guint32 timestamp, gconstpointer bytes, gsize size);

guint64 dropped(Fixture *f);
guint64 unknown(Fixture *f);
