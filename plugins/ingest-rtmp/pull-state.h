/* What pull.c and pull-media.c share: a node that plays a stream from another server. On its lane. */
#pragma once

#include "cast.h"
#include "ingest.h"
#include "media.h"

#include <mediagraph/tls.h>
#include <rtmp/caller.h>
#include <rtmp/url.h>

typedef struct Call Call;

typedef struct {
  gint mode; /* properties */
  char *url, *key_file, *tls_ca, *play_as;
  gboolean tls_verify;
  MgTime timeout, media_timeout, input_timeout, retry;

  MgNode *node;
  MgRtmpUrl target;
  MgTlsTrust *trust;   /* NULL: rtmp:// */
  Call *call;          /* NULL: there is none */
  MgTimer again;       /* runs then */
  MgTimer silence;     /* while there is a call: until it is over without media */
  guint n_failures;    /* in a row */
  gboolean has_said;   /* that it does not work */
  gboolean is_playing; /* the server has agreed to this call; media may come much later */

  Ingest *players; /* who may play it from there; a reference; NULL: nobody may */
  char **played;   /* app and stream of `play_as`; owned */
  Cast *cast;      /* while there is media */
  Media *media;    /* of this call; NULL: nothing of it has come */
  MediaStats counted;
  MgTime begun;     /* when the first audio or video of this call came; 0: it has not */
  MgTime seen;      /* media, or the end of it, was last seen then; 0: never */
  MgTime media_end; /* where the timeline has come to */
  MediaCounters counters;
  MgCounter *starts;
} Pull;
/* AUDIO, VIDEO or DATA of the call has come; its block is taken. */
void pull_take(Pull *pull, MgRtmpCallerEvent *event);

/* Adds what has come since the last time to the counters. There is media. */
void pull_count(Pull *pull);

/* What came by this call was all: the session waits for more. Without media nothing happens. */
void pull_end_media(Pull *pull);

/* The same of a session that ends, where there is media. */
void pull_drop_media(Pull *pull);
