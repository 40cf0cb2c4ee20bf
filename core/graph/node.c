#include "graph/node.h"

#include "graph/graph.h"
#include "graph/session.h"
#include "graph/watchdog.h"
#include "host/props.h"
#include "host/services.h"

#include <mediagraph/inputs.h>
#include <mediagraph/service.h>

/* A failed node is opened again after 100 ms, then twice that, up to 30 s; each ± 25 %. */
#define FIRST_RETRY (100 * MG_MILLISECOND)
#define LAST_RETRY  (30 * MG_SECOND)

static void retry(gpointer data);
static void close_unused(gpointer service);

MgNode *
mg_node_new(const MgNodeSpec *spec, MgGraph *graph, MgSession *session, MgLane *lane)
{
  MgNode *node = g_new0(MgNode, 1);
  node->class = spec->class;
  node->spec = spec;
  node->graph = graph;
  node->session = session;
  node->lane = mg_lane_ref(lane);
  node->n_holds = 1;
  node->label =
      session ? g_strdup_printf("%s/%s", mg_session_label(session), spec->id) : g_strdup(spec->id);
  node->outputs = g_ptr_array_new_with_free_func((GDestroyNotify) mg_port_free);
  node->in_edges = g_ptr_array_new_with_free_func((GDestroyNotify) mg_edge_free);
  node->out_edges = g_ptr_array_new();
  mg_counters_init(&node->counters);
  mg_timer_init(&node->retry, retry, node);
  mg_timer_init(&node->tidy, mg_ports_end_stale, node);
  mg_watchdog_add(node);
  return node;
}

void
mg_node_free(MgNode *node)
{
  if (node == NULL)
    return;
  g_assert(node->self == NULL);
  mg_watchdog_remove(node);
  g_ptr_array_unref(node->outputs);
  g_ptr_array_unref(node->in_edges);
  g_ptr_array_unref(node->out_edges);
  mg_counters_clear(&node->counters);
  g_clear_error(&node->failure);
  mg_lane_unref(node->lane);
  g_free(node->label);
  g_free(node);
}

/* --- open and close -------------------------------------------------------------------------- */

/* A service that has failed is not opened again under those who use it, see close_unused(). */
static void
leave_services(MgNode *node)
{
  const GPtrArray *services = node->graph->services;
  mg_offers_leave(node->graph->offers, node);
  for (guint i = 0; services != NULL && i < services->len; i++) {
    MgNode *service = g_ptr_array_index(services, i);
    if (g_atomic_int_get(&service->is_condemned))
      mg_lane_post(service->lane, close_unused, service);
  }
}

/* What it told others goes with it. */
static void
discard_self(MgNode *node)
{
  leave_services(node);
  if (node->class->role == MG_ROLE_SERVICE || node->class->role == MG_ROLE_LISTENER)
    mg_offers_remove(node->graph->offers, node);
  mg_graph_remove_urls(node->graph, node);
  mg_props_clear(node->class, node->self);
  g_clear_pointer(&node->self, g_free);
}

gboolean
mg_node_open_once(MgNode *node, GError **error)
{
  MgVariables variables = { 0 };
  if (node->session != NULL)
    mg_session_variables(node->session, &variables);
  node->self = g_malloc0(MAX(node->class->instance_size, 1));
  if (!mg_props_fill(node->class, node->spec->element, node->session ? &variables : NULL,
                     node->self, error)) {
    discard_self(node);
    return FALSE;
  }
  gpointer previous = mg_node_enter(node);
  gboolean ok = node->class->open == NULL || node->class->open(node, error);
  mg_node_leave(node, previous);
  if (!ok)
    discard_self(node);
  else
    node->state = MG_NODE_OPEN;
  node->opened = mg_now();
  node->is_drained = FALSE;
  return ok;
}

static void
close_self(MgNode *node)
{
  if (node->class->close != NULL) {
    gpointer previous = mg_node_enter(node);
    node->class->close(node);
    mg_node_leave(node, previous);
  }
  for (guint i = 0; i < node->in_edges->len; i++)
    mg_edge_stop_flow(g_ptr_array_index(node->in_edges, i));
  if (node->is_full)
    mg_node_set_taking(node, TRUE);
  discard_self(node);
}

static void
announce_inputs(MgNode *node)
{
  for (guint i = 0; i < node->in_edges->len && node->state == MG_NODE_OPEN; i++)
    mg_edge_announce_all(g_ptr_array_index(node->in_edges, i));
}

static void
open_now(gpointer data)
{
  MgNode *node = data;
  if (node->is_source_place || node->state == MG_NODE_CLOSED)
    return;
  GError *error = NULL;
  if (!mg_node_open_once(node, &error)) {
    mg_node_failed(node, error);
    return;
  }
  announce_inputs(node);
}

void
mg_node_start(MgNode *node)
{
  if (node->lane == mg_lane_current())
    open_now(node);
  else
    mg_lane_post(node->lane, open_now, node);
}

gboolean
mg_node_reopen(MgNode *node, GError **error)
{
  mg_timer_stop(&node->retry);
  g_clear_error(&node->failure);
  if (node->state == MG_NODE_OPEN)
    close_self(node);
  mg_ports_stale(node);
  node->state = MG_NODE_NEW;
  if (!mg_node_open_once(node, error)) {
    node->state = MG_NODE_WAITING;
    return FALSE;
  }
  announce_inputs(node);
  return TRUE;
}

/* --- failure --------------------------------------------------------------------------------- */

static void
retry(gpointer data)
{
  MgNode *node = data;
  if (node->session == NULL && !mg_node_graph_is_running(node))
    return; /* a listener would accept in a server that shuts down */
  node->state = MG_NODE_NEW;
  open_now(node);
  if (node->state == MG_NODE_OPEN)
    mg_info(node, "works again");
}

static void
close_failed(MgNode *node)
{
  if (mg_now() - node->opened > LAST_RETRY)
    node->n_failures = 0;
  close_self(node);
}

static void
retry_later(MgNode *node, const GError *error)
{
  MgTime delay = mg_back_off(++node->n_failures, FIRST_RETRY, LAST_RETRY);
  if (error != NULL && (node->n_failures == 1 || delay > 5 * MG_SECOND))
    mg_error(node, "%s; trying again", error->message);
  mg_ports_stale(node);
  node->state = MG_NODE_WAITING;
  mg_timer_start_in(&node->retry, delay);
}

/* Whoever has left may have been the last who used it. */
static void
close_unused(gpointer data)
{
  MgNode *service = data;
  if (service->state != MG_NODE_OPEN || !g_atomic_int_get(&service->is_condemned) ||
      !mg_offers_withdraw(service->graph->offers, service))
    return;
  g_atomic_int_set(&service->is_condemned, FALSE);
  close_failed(service);
  retry_later(service, NULL);
}

/*
 * TRUE: NODE is a service that others have found, and what they have outlives them. The mark comes first,
 * so that whoever leaves meanwhile sees it.
 */
static gboolean
stays_for_users(MgNode *node, const GError *error)
{
  if (node->class->role != MG_ROLE_SERVICE || node->state != MG_NODE_OPEN)
    return FALSE;
  gboolean is_news = g_atomic_int_compare_and_exchange(&node->is_condemned, FALSE, TRUE);
  if (mg_offers_withdraw(node->graph->offers, node)) {
    g_atomic_int_set(&node->is_condemned, FALSE);
    return FALSE;
  }
  if (is_news)
    mg_error(node, "%s; it is opened again when nobody uses it", error->message);
  return TRUE;
}

void
mg_node_failed(MgNode *node, GError *error)
{
  g_autoptr(GError) mine =
      error ? error : g_error_new_literal(MG_ERROR, MG_ERROR_FAILED, "failed without a reason");
  mg_counter_add(mg_counter(node, "failures", "how often it failed"), 1);
  if (stays_for_users(node, mine))
    return;
  if (node->state == MG_NODE_OPEN)
    close_failed(node);
  if (node->session == NULL || node->spec->on_error != MG_ON_ERROR_STOP_SESSION) {
    retry_later(node, mine);
    return;
  }
  mg_ports_stale(node);
  node->state = MG_NODE_WAITING;
  mg_error(node, "%s", mine->message);
  mg_session_stop(node->session, "a node failed");
}

static void
handle_failure(gpointer data)
{
  MgNode *node = data;
  if (node->failure != NULL && node->state == MG_NODE_OPEN)
    mg_node_failed(node, g_steal_pointer(&node->failure));
  g_clear_error(&node->failure);
}

void
mg_node_fail(MgNode *node, GError *error)
{
  g_assert(node->lane == mg_lane_current());
  if (node->failure != NULL) {
    g_error_free(error);
    return;
  }
  node->failure = error;
  mg_lane_post(node->lane, handle_failure, node);
}

void
mg_node_set_taking(MgNode *node, gboolean is_taking)
{
  g_assert(node->lane == mg_lane_current() && node->class->has_mailbox);
  node->is_full = !is_taking;
  for (guint i = 0; is_taking && i < node->in_edges->len; i++)
    mg_edge_call(g_ptr_array_index(node->in_edges, i));
}

/* --- the end --------------------------------------------------------------------------------- */

void
mg_node_call_drain(MgNode *node)
{
  if (node->state != MG_NODE_OPEN || node->is_drained || node->class->drain == NULL)
    return;
  node->is_drained = TRUE;
  gpointer previous = mg_node_enter(node);
  node->class->drain(node);
  mg_node_leave(node, previous);
}

MgTime
mg_node_call_notice(MgNode *node)
{
  if (node->state != MG_NODE_OPEN || node->class->notice == NULL)
    return 0;
  gpointer previous = mg_node_enter(node);
  MgTime notice = node->class->notice(node);
  mg_node_leave(node, previous);
  return notice;
}

static void
tell_closed(gpointer data)
{
  MgNode *node = data;
  if (node->closed != NULL)
    node->closed(node, node->closed_data);
}

static void
close_for_good(MgNode *node)
{
  mg_timer_stop(&node->retry);
  mg_timer_stop(&node->tidy);
  if (node->state == MG_NODE_OPEN)
    close_self(node);
  node->state = MG_NODE_CLOSED;
  mg_node_release(node);
}

void
mg_node_hold(MgNode *node)
{
  g_atomic_int_inc(&node->n_holds);
}

/* By post: whoever called us may still be looping over what the owner is about to free. */
void
mg_node_release(MgNode *node)
{
  if (g_atomic_int_dec_and_test(&node->n_holds))
    mg_lane_post(node->lane, tell_closed, node);
}

void
mg_node_finish(MgNode *node)
{
  if (node->state == MG_NODE_CLOSED)
    return;
  mg_node_call_drain(node);
  mg_ports_finish(node);
  close_for_good(node);
}

void
mg_source_pause(MgNode *node)
{
  g_assert(node->lane == mg_lane_current() && node->class->role == MG_ROLE_SOURCE);
  mg_ports_stale(node);
  mg_node_pause(node);
}

static void
source_ended(gpointer data)
{
  MgNode *node = data;
  mg_session_source_ended(node->session, node);
  mg_node_release(node);
}

/* Held until its session has heard of it: the session could end meanwhile for another reason. */
void
mg_source_end(MgNode *node)
{
  g_assert(node->lane == mg_lane_current() && node->class->role == MG_ROLE_SOURCE);
  mg_node_hold(node);
  mg_lane_post(node->session->lane, source_ended, node);
}

/* --- what plugins ask ------------------------------------------------------------------------ */

gpointer
mg_node_self(MgNode *node)
{
  return node->self;
}

const char *
mg_node_id(MgNode *node)
{
  return node->spec->id;
}

MgSession *
mg_node_session(MgNode *node)
{
  return node->session;
}

MgLane *
mg_node_lane(MgNode *node)
{
  return node->lane;
}

gboolean
mg_node_graph_is_running(MgNode *node)
{
  return g_atomic_int_get(&node->graph->is_running);
}

const char *
mg_node_label(MgNode *node)
{
  return node->label;
}

MgCounter *
mg_counter(MgNode *node, const char *name, const char *help)
{
  return mg_counters_get(&node->counters, name, help);
}

gboolean
mg_service_offer(MgNode *node, const char *name, gconstpointer table, gpointer impl, GError **error)
{
  return mg_offers_add(node->graph->offers, name, table, impl, node, error);
}

gconstpointer
mg_service_find(MgNode *node, const char *name, gpointer *impl, GError **error)
{
  return mg_offers_find(node->graph->offers, name, node, impl, error);
}

void
mg_node_announce(MgNode *node, MgUrlKind kind, const char *url)
{
  mg_graph_add_url(node->graph, node, kind, url);
}
