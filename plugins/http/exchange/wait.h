/*
 * Requests for a resource that is not all there (promise.h): they wait until it is, read what there is of it
 * as it comes, and are let go when it does not come. On the request's lane.
 */
#pragma once

#include "http/exchange/request.h"
#include "http/promise.h"

/* The exchange gets PROMISE as its answer. All are borrowed. */
void mg_http_wait_for(MgHttpExchange *x, MgHttpPromise *promise, const MgHttpAsked *asked);

/* The same for a request of a route, which nobody else will answer. PROMISE is held by the caller. */
void mg_http_wait_join(MgHttpRequest *request, MgHttpPromise *promise);

/* Its viewer has gone. */
void mg_http_wait_leave(MgHttpRequest *request);

/* It has waited for too long. */
void mg_http_wait_expire(MgHttpRequest *request);

/* More can be seen of PROMISE: goes through the requests of the lane with that index, which runs. */
void mg_http_wait_look(MgHttpPromise *promise, guint lane);
