/*
 * The requests for one media playlist of low latency: answers those that the playlist answers, and lets the others
 * wait until it does (RFC 8216bis, 6.2.5.2).
 *
 * The playlist is rendered once, whole and as a delta update, and all who wait for it get the same bytes. They
 * wait for a name in a folder of its own, promised per part that somebody asks for: the http service
 * parks and wakes them, or tells them after three target durations that nothing has come. A request
 * without directives gets what the output has published under the playlist's name.
 *
 * Made, published to and freed on the node's lane; requests come on any.
 */
#pragma once

#include <manifest/hls-reload.h>
#include <mediagraph/http.h>

typedef struct Reload Reload;

/* All borrowed for as long as it lives, but for PATH and NAME, which are copied. */
typedef struct {
  const MgHttpInterface *http;
  gpointer impl;
  MgHttpFolder *published; /* where the playlist is as NAME, for those who ask without directives */
  const char *path;        /* of that folder */
  const char *name;        /* "video.m3u8" */
  const char *content_type; /* static */
} ReloadSetup;

/* The playlist, as it is now. Borrowed. */
typedef struct {
  MgHlsProgress progress;
  MgData *whole;
  MgData *delta;   /* NULL: there is none but the whole */
  guint target_ms; /* target duration */
} ReloadState;

/* Returned-owned. STATE is what it begins with. */
Reload *reload_new(const ReloadSetup *setup, const ReloadState *state);

/* The playlist has changed: answers who has waited for that. What it names is there. */
void reload_publish(Reload *reload, const ReloadState *state);

/* Who still waits is told to come again (503). NULL is fine. */
void reload_free(Reload *reload);
