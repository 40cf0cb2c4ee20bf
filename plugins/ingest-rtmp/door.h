/*
 * The door: what happens to a connection until its first byte has said what it is. RTMP goes on to a client,
 * HTTP to a post.
 */
#pragma once

#include "ingest.h"

typedef struct Door Door;

typedef struct Post Post;

/* Borrowed: the post of a connection's pointer, which is its door. */
Post *door_post(gpointer door);

/* The listener's data is the Ingest. */
extern const MgConnectionEvents door_events;
