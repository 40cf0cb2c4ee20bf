/*
 * The http service: the one HTTP server of a process, used by whoever has something to serve.
 *
 * Two ways to answer. *Folders* hold resources: immutable bytes under a name, put and removed by their
 * owner on any lane; the server answers GET, HEAD, ranges and conditional requests from them without
 * calling anybody. Several owners may have folders at one path; the newest that has the name answers.
 * *Routes* call a function per request, on the request's I/O lane; it answers at once, or parks the
 * request and answers later from any lane. A route for exactly the path comes first, then folders,
 * then the route for what is below the longest path.
 *
 * A folder can have names whose bytes are not all there. A *promised* one will come: requests for it wait, at
 * the cost of a parked one, and are all answered the moment it is put or begun; 404 when it is removed
 * instead, 503 when that takes too long. A *growing* one has begun: requests get what is there, and what
 * is appended when it comes (HTTP/1.1: chunked); once it is finished it is a resource like others. Where
 * another folder at the path has the name in full, that answers.
 *
 * A request that was parked belongs to whoever parked it until they answer it, exactly once, whatever
 * happens to the viewer meanwhile: an answer to a request that was cancelled is thrown away. So with
 * a list of waiters under a lock: `cancelled` takes the request off the list, and if it was still on it,
 * answers it with NULL; otherwise another thread has it and is about to answer.
 *
 * Order of publishing, always: segments, then the playlist that names them.
 */
#pragma once

#include <mediagraph/buffer.h>
#include <mediagraph/service.h>

G_BEGIN_DECLS

typedef struct MgHttp MgHttp;               /* the service */
typedef struct MgHttpFolder MgHttpFolder;   /* resources of one owner at one path */
typedef struct MgHttpRequest MgHttpRequest; /* one request that waits for its answer */
typedef struct MgHttpRoute MgHttpRoute;

typedef enum {
  MG_HTTP_CACHE_NEVER,     /* no-store: answers that are about this moment */
  MG_HTTP_CACHE_SHORT,     /* a live playlist: max-age of `max_age_ms`, rounded down to seconds */
  MG_HTTP_CACHE_IMMUTABLE, /* a segment, an init segment: these bytes for ever */
} MgHttpCache;

/* What is served. Body parts are buffers and slices, written without a copy. */
typedef struct {
  gsize size;               /* sizeof (MgHttpContent) */
  guint status;             /* 0: 200 */
  const char *content_type; /* borrowed, static */
  MgHttpCache cache;
  guint max_age_ms;
  const char *etag;         /* without quotes, visible ASCII; NULL: none. Copied. */
  MgData *data;             /* the body, or NULL: borrowed, a reference is taken */
  MgBuffer *const *buffers; /* or these: borrowed, references are taken */
  guint n_buffers;
} MgHttpContent;

typedef void (*MgHttpHandler)(MgHttpRequest *request, gpointer data);

typedef struct {
  gsize size; /* sizeof (MgHttpInterface) */

  /* Folders. PATH is absolute and has no slash at its end ("/live/studio"). Any thread. */
  MgHttpFolder *(*folder_new)(MgHttp *http, const char *path);
  /* Removes the folder and all that is in it. Requests being answered keep their bytes. */
  void (*folder_free)(MgHttpFolder *folder);
  /* Adds or replaces NAME ("video/17.m4s"). CONTENT is borrowed. */
  void (*folder_put)(MgHttpFolder *folder, const char *name, const MgHttpContent *content);
  void (*folder_remove)(MgHttpFolder *folder, const char *name);
  /* Frees the folder later: after AFTER nanoseconds, or when the service closes. */
  void (*folder_retire)(MgHttpFolder *folder, MgTime after);

  /*
   * Routes. HANDLER is called for PATH exactly, or for everything below it when PATH ends with a slash,
   * on any I/O lane, several at once. Of two at one path the older one is called. When route_free()
   * returns, neither HANDLER nor a `cancelled` of its requests runs or will run; answer what is still
   * parked afterwards. Call it without a lock that they take, and not from within them.
   */
  MgHttpRoute *(*route_new)(MgHttp *http, const char *path, MgHttpHandler handler, gpointer data);
  void (*route_free)(MgHttpRoute *route);

  /* The request: valid until it is answered. All are borrowed. */
  const char *(*request_path)(MgHttpRequest *request);  /* decoded, clean: no "..", no "//" */
  const char *(*request_query)(MgHttpRequest *request); /* raw, or "" */
  const char *(*request_peer)(MgHttpRequest *request);
  /*
   * Keeps the request for a later answer; without one by DEADLINE the server answers 503. CANCELLED
   * (may be NULL) is called on the request's lane when the viewer goes away or the deadline passes;
   * never once the request is answered. From the handler.
   */
  void (*park)(MgHttpRequest *request, MgTime deadline, MgHttpHandler cancelled, gpointer data);
  /*
   * Answers, with CONTENT (borrowed), or with what FOLDER holds under NAME now (404 if nothing), which
   * is cheaper for many requests; if NAME is promised there, when it comes. The request is gone. CONTENT may
   * be NULL for a cancelled request. From the handler, or after park: any thread.
   */
  void (*respond)(MgHttpRequest *request, const MgHttpContent *content);
  void (*respond_with)(MgHttpRequest *request, MgHttpFolder *folder, const char *name);
  /*
   * Answers with bytes that are still being made: starts with what CONTENT holds, goes on with DATA
   * (borrowed, a reference is taken), ends. In HTTP/1.1 the body is chunked; in 1.0 it ends with the
   * connection. The request is gone with respond_end(). A viewer who falls far behind is cut off. From
   * the handler, or after park: any thread, one at a time.
   */
  void (*respond_start)(MgHttpRequest *request, const MgHttpContent *content);
  void (*respond_write)(MgHttpRequest *request, MgData *data);
  void (*respond_end)(MgHttpRequest *request);

  /* "http://host:8080" for announcing URLs. Borrowed. */
  const char *(*base_url)(MgHttp *http);

  /*
   * Calls EACH with every folder's path and resource's name, but not those of retired folders. Both are
   * borrowed; no lock is held.
   */
  void (*each_resource)(MgHttp *http,
                        void (*each)(const char *path, const char *name, gpointer data),
                        gpointer data);

  /*
   * Promises NAME: it will be put or begun, or removed. A request waits for it as long as WAIT. Nothing
   * happens when the folder has NAME. Any thread.
   */
  void (*folder_promise)(MgHttpFolder *folder, const char *name, MgTime wait);

  /*
   * A growing resource, in place of what NAME was: CONTENT (borrowed) describes it, and each BUFFER
   * (borrowed, a reference is taken) goes on with it until it is finished. Removed or put before that, its
   * viewers are cut off, so that nobody takes the beginning for the whole; so are they when nothing comes
   * for the WAIT of its promise, or half a minute. Any thread, one at a time.
   */
  void (*folder_begin)(MgHttpFolder *folder, const char *name, const MgHttpContent *content);
  void (*folder_append)(MgHttpFolder *folder, const char *name, MgBuffer *buffer);
  void (*folder_finish)(MgHttpFolder *folder, const char *name);

  /*
   * Adds or replaces NAME, whose bytes are made when somebody first asks for them, and kept from then on: another
   * form of what is there already, which perhaps nobody wants. CONTENT (borrowed) has no body. MAKE(DATA) is
   * called on an I/O lane, on two at once perhaps, and takes some milliseconds at most; it returns the
   * bytes (returned-owned), or NULL: 500. DESTROY(DATA) (may be NULL) is called when NAME has gone, on
   * any thread.
   */
  void (*folder_put_lazy)(MgHttpFolder *folder, const char *name, const MgHttpContent *content,
                          MgData *(*make)(gpointer data), gpointer data, GDestroyNotify destroy);
} MgHttpInterface;

#define MG_HTTP_SERVICE "http"

G_END_DECLS
