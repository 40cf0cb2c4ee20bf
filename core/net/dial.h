/*
 * How an outgoing connection comes about: names, addresses, attempts. Belongs to its connection until that
 * is connected or closed.
 */
#pragma once

#include "net/private.h"

typedef struct MgDial MgDial;

/* NULL is fine. On its lane. */
void mg_dial_free(MgDial *dial);
