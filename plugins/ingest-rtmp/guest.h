/*
 * Guests: who holds a connection open and has not published or played yet. Anybody can be one, so they may only be
 * so many, and one more crowds out who has been one the longest: an encoder is a guest for a second or so,
 * and thus always gets in, which it would not if newcomers were turned away.
 *
 * A client, and a post, has a Guest from its beginning to its end, and says when it waits and when no
 * longer. All guests of a node wait in its Ingest. A Guest belongs to its owner's lane, and moves with it.
 */
#pragma once

#include "ingest.h"

typedef struct Guest Guest;

/* Returned-owned; it does not wait yet. CROWD_OUT(DATA) comes from its lane's loop, at most once: end it. */
Guest *guest_new(Ingest *ingest, MgLaneFunc crowd_out, gpointer data);

/* CROWD_OUT will not be called any more. NULL is fine. */
void guest_free(Guest *guest);

/* It waits from now on, if it does not already. */
void guest_wait(Guest *guest);

/* It does no longer: it has done what it came for, or ends. */
void guest_settle(Guest *guest);

/* FUNC(DATA) is called when the node drains; NULL: no longer. While it is not on its way to another lane. */
void guest_on_drain(Guest *guest, MgLaneFunc func);

/* Calls those of all guests of a node, each on its lane. Returns how many. Any thread. */
guint guests_drain(Ingest *ingest);

/* It leaves for another lane; it has come there. */
void guest_depart(Guest *guest);
void guest_arrive(Guest *guest);
