/*
 * An http service without a network: remembers what is put into folders, and in which order.
 *
 * Of the folders at one path the newest that has a name answers, as in the real one. Offer it before
 * each mg_harness_new(), free it after mg_harness_free(). One thread.
 */
#pragma once

#include <mediagraph/http.h>

/* Returned-owned. */
MgHttp *mg_fake_http_new(void);

/* Offers it to the next harness. */
void mg_fake_http_offer(MgHttp *http);

/* Fails the test when a folder was never freed or retired. */
void mg_fake_http_free(MgHttp *http);

/* Returned-owned: what is under PATH, with a NUL behind it; NULL: nothing. */
char *mg_fake_http_get(MgHttp *http, const char *path);

/* Borrowed: the same bytes, SIZE of them. */
const char *mg_fake_http_peek(MgHttp *http, const char *path, gsize *size);

/* "immutable", "short 2000" or "never", and the content type; NULL: nothing is there. Borrowed. */
const char *mg_fake_http_about(MgHttp *http, const char *path);

/* "promised", "growing" or "whole"; NULL: nothing is there. */
const char *mg_fake_http_state(MgHttp *http, const char *path);

/*
 * Returned-owned: what has happened since the last call, one line each: "put /live/test/a.m4s",
 * "remove …", "promise …", "begin …", "append …", "finish …", "free /live/test", "retire /live/test 60s".
 */
char *mg_fake_http_log(MgHttp *http);

/*
 * Requests, which routes answer, or folders where there is no route. Borrowed: as long as HTTP; what waits for
 * a promise is answered with it, or with 404 when it is withdrawn.
 */
MgHttpRequest *mg_fake_http_ask(MgHttp *http, const char *path, const char *query);

/* 0: it waits. */
guint mg_fake_http_status(const MgHttpRequest *request);

/* Borrowed: the body of the answer; NULL: it waits. */
const char *mg_fake_http_body(const MgHttpRequest *request);
