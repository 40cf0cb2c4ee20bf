/*
 * A client: one connection of a viewer, from the server's side, and the requests that come over it.
 *
 * Requests are answered in the order they came. The next one is not looked at before the answer to the
 * one before has been given and has mostly left. All of it happens on the connection's lane.
 */
#pragma once

#include "http/response.h"
#include "http/server.h"

typedef struct MgHttpClient MgHttpClient;

struct MgHttpClient {
  MgHttp *http;
  MgConnection *connection;
  MgHttpLane *lane;
  GList idle;             /* in the lane's list while is_idle */
  MgHttpRequest *request; /* being answered by a route: a reference */
  MgHttpRequest *spare;   /* to be used for the next one */
  guint8 *input;          /* received and not yet consumed */
  gsize input_size, input_room;
  MgHttpScan scan;
  MgTimer timer;        /* for the earliest of the deadlines */
  MgTime head_deadline; /* G_MAXINT64: does not apply now; all four */
  MgTime idle_deadline;
  MgTime wait_deadline;
  MgTime rate_deadline;
  guint64 rate_goal;       /* what the viewer must have taken when the window under way ends */
  gboolean is_idle : 1;    /* waits for a request */
  gboolean is_closing : 1; /* no further request is taken; closes when all is answered and sent */
  gboolean is_gone : 1;    /* being closed: only closed() is to come */
};

/* What the listener calls. */
extern const MgConnectionEvents mg_http_client_events;

/* Sends the answer, or the beginning of a growing one; returns what was planned. */
MgHttpAnswer mg_http_client_send(MgHttpClient *client, const MgHttpAsked *asked,
                                 const MgHttpResource *resource);

/* Sends more of a growing one. DATA is borrowed, a reference is taken. */
void mg_http_client_send_more(MgHttpClient *client, MgData *data, gboolean is_chunked);

/* Sends STATUS as an answer. */
void mg_http_client_send_error(MgHttpClient *client, const MgHttpAsked *asked, guint status);

/* After something was sent or has ended outside of received(): takes the next request, sets deadlines. */
void mg_http_client_resume(MgHttpClient *client);

/* Cuts the viewer off. */
void mg_http_client_abort(MgHttpClient *client, const char *reason);

/* A window of the sending rate has ended at NOW: cuts the viewer off, or begins the next one. */
void mg_http_client_check_rate(MgHttpClient *client, MgTime now);
