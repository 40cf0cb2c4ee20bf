/*
 * Inputs: for filters that are told apart what they take from.
 *
 * An input is a node named by `from`, whatever its tracks; of several words with one id the first counts. As
 * a rule inputs are one thing to a node: a second publisher who comes through another listener replaces the
 * first. Where the class has input_paused() they stand in for each other: each input has a publisher of its
 * own, all in one session, with tracks that may have the same ids. The session lingers when the last has left.
 */
#pragma once

#include <mediagraph/node.h>

G_BEGIN_DECLS

/* How many there are, from 1 on. Any thread. */
MG_API guint mg_node_n_inputs(MgNode *node);

/* The id of the node that input INDEX takes from. Borrowed. Any thread. */
MG_API const char *mg_node_input_id(MgNode *node, guint index);

/* The input that the input port IN belongs to. On its lane. */
MG_API guint mg_port_input(MgPort *in);

/* Tells consumers that nothing comes for a while: what input_paused() was told goes on. On its lane. */
MG_API void mg_node_pause(MgNode *node);

/*
 * How many inputs the checked node has; 0 where that is not known yet, as in <defaults>. From check() only.
 */
MG_API guint mg_check_n_inputs(MgCheck *check);

G_END_DECLS
