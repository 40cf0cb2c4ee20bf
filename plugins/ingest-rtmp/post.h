/*
 * A connection that speaks HTTP: takes requests of RTMPT, and hands them to the tunnels they are for.
 *
 * A tunnel lives on a lane; the connection goes there before its request is handled. Requests are answered
 * in their order, each as soon as its body has been taken. A request may take half a minute, and so may
 * the pause behind it.
 */
#pragma once

#include "tunnel.h"

/* Returned-owned. CONNECTION is borrowed until post_free(), which is called when it has closed. */
Post *post_new(Ingest *ingest, MgConnection *connection);

/* NULL is fine. */
void post_free(Post *post);

/* All that was written has left. */
void post_drained(Post *post);

void post_receive(Post *post, const guint8 *bytes, gsize size);

/* tunnel.c: goes on with what has waited. Not from within a call that post.c has made. */
void post_resume(Post *post);

/* tunnel.c: goes to LANE with its tunnel, whose tunnel_arrived() is called there. */
void post_move(Post *post, MgLane *lane);

/* tunnel.c: the tunnel it serves is gone. */
void post_forget_tunnel(Post *post);
