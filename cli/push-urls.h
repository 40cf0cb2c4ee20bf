/* Where encoders push to, as far as a pipeline file and the tables of the plugins say. */
#pragma once

#include "graph/spec.h"

/* Borrowed: the value of attribute NAME; NULL: it has none. */
const char *element_attribute(const MgElement *element, const char *name);

/* All borrowed. */
typedef struct {
  const char *host;      /* in the URLs; NULL: the one listened on, or this machine's name */
  const char *app, *key; /* what is published, and with what */
  const char *protocols; /* "rtmp,rtmps": all that the key may be used by; NULL: any */
} PushUrls;

/*
 * Prints what goes into encoders: for each listener of SPEC that they can push to; without SPEC (NULL) for each kind of
 * them. Of several schemes the one in TLS. FALSE: nothing that is listened on takes such a key.
 */
gboolean push_urls_print(const MgGraphSpec *spec, const PushUrls *urls);

/* Returned-owned: "live, guests" when SPEC has listeners, and all are for other apps than APP; else NULL. */
char *push_urls_other_apps(const MgGraphSpec *spec, const char *app);
