/*
 * Services: one node offers an interface to all others.
 *
 * A service element stands at the top of the pipeline file and is opened before every pipeline. In its
 * open() it offers an interface: a table of functions from an SDK header, and the object they work on. A listener may
 * offer something, too, to nodes of sessions of its own plugin: those are opened later.
 * A node names what it needs in its class (`needs`) and finds it in its own open(). What a function may
 * be called from is the interface's business; http.h is an example.
 */
#pragma once

#include <mediagraph/node.h>

G_BEGIN_DECLS

/*
 * Offers TABLE and IMPL as NAME until the node is closed. Borrowed; they outlive every user: a service that
 * fails is closed, and opened again, when all nodes that have found it are closed. Until then it stays as it
 * is, and the log says so.
 */
MG_API gboolean mg_service_offer(MgNode *node, const char *name, gconstpointer table, gpointer impl,
                                 GError **error);

/*
 * Finds the table offered as NAME and sets *IMPL; borrowed, valid as long as NODE is open. NULL and ERROR
 * when there is none; the message names the element to add. Any lane.
 */
MG_API gconstpointer mg_service_find(MgNode *node, const char *name, gpointer *impl,
                                     GError **error);

G_END_DECLS
