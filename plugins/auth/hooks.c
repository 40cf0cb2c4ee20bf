#include "auth/hooks.h"

#include <curl/curl.h>

/* More than these wait for each other. */
enum { MOST_CONNECTIONS = 64 };

typedef struct {
  CURL *easy;
  struct curl_slist *headers;
  GString *body;
  gboolean is_too_large;
  void (*done)(gpointer data, const AuthPosted *posted);
  gpointer data;
} Transfer;

struct AuthHooks {
  CURLM *multi;
  GHashTable *transfers; /* of Transfer *, owned */
};

static void
transfer_free(gpointer data)
{
  Transfer *t = data;
  curl_easy_cleanup(t->easy);
  curl_slist_free_all(t->headers);
  g_string_free(t->body, TRUE);
  g_free(t);
}

AuthHooks *
auth_hooks_new(void)
{
  static gsize is_initialised;
  if (g_once_init_enter(&is_initialised)) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
    g_once_init_leave(&is_initialised, 1);
  }
  AuthHooks *h = g_new0(AuthHooks, 1);
  h->multi = curl_multi_init();
  if (h->multi == NULL)
    g_error("libcurl cannot be used");
  curl_multi_setopt(h->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS, (long) MOST_CONNECTIONS);
  h->transfers = g_hash_table_new_full(NULL, NULL, transfer_free, NULL);
  return h;
}

void
auth_hooks_free(AuthHooks *h)
{
  g_assert(auth_hooks_n(h) == 0);
  g_hash_table_unref(h->transfers);
  curl_multi_cleanup(h->multi);
  g_free(h);
}

guint
auth_hooks_n(const AuthHooks *h)
{
  return g_hash_table_size(h->transfers);
}

/* --- a request ---------------------------------------------------------------------------------- */

static size_t
take_body(char *bytes, size_t size, size_t n, void *data)
{
  Transfer *t = data;
  t->is_too_large = t->body->len + size * n > AUTH_HOOK_BYTES;
  if (t->is_too_large)
    return CURL_WRITEFUNC_ERROR;
  g_string_append_len(t->body, bytes, (gssize) (size * n));
  return size * n;
}

static void
set_up(Transfer *t, const AuthPost *post)
{
  g_autofree char *signature = g_strdup_printf("Mediagraph-Signature: %s", post->signature);
  t->headers = curl_slist_append(t->headers, "Content-Type: application/json");
  t->headers = curl_slist_append(t->headers, "Expect:");
  t->headers = curl_slist_append(t->headers, signature);
  curl_easy_setopt(t->easy, CURLOPT_URL, post->url);
  curl_easy_setopt(t->easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(t->easy, CURLOPT_COPYPOSTFIELDS, post->body);
  curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
  curl_easy_setopt(t->easy, CURLOPT_USERAGENT, "mediagraph");
  curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long) (post->deadline / MG_MILLISECOND));
  curl_easy_setopt(t->easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(t->easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(t->easy, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
  curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
}

void
auth_hooks_post(AuthHooks *h, const AuthPost *post,
                void (*done)(gpointer data, const AuthPosted *posted), gpointer data)
{
  Transfer *t = g_new0(Transfer, 1);
  t->easy = curl_easy_init();
  if (t->easy == NULL)
    g_error("libcurl cannot be used");
  t->body = g_string_new(NULL);
  t->done = done;
  t->data = data;
  set_up(t, post);
  g_hash_table_add(h->transfers, t);
  curl_multi_add_handle(h->multi, t->easy);
}

/* --- its end ------------------------------------------------------------------------------------ */

static void
finish(AuthHooks *h, Transfer *t, const char *failure)
{
  long status = 0;
  curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
  AuthPosted posted = { failure, (guint) status, t->body->str, t->body->len };
  curl_multi_remove_handle(h->multi, t->easy);
  g_hash_table_steal(h->transfers, t);
  t->done(t->data, &posted);
  transfer_free(t);
}

static void
finish_some(AuthHooks *h)
{
  int n_left;
  for (CURLMsg *message; (message = curl_multi_info_read(h->multi, &n_left)) != NULL;) {
    char *data = NULL;
    CURLcode code = message->data.result;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &data);
    Transfer *t = (gpointer) data;
    finish(h, t,
           t->is_too_large    ? "the answer is too large"
           : code != CURLE_OK ? curl_easy_strerror(code)
                              : NULL);
  }
}

void
auth_hooks_give_up(AuthHooks *h)
{
  g_autoptr(GList) all = g_hash_table_get_keys(h->transfers);
  for (GList *link = all; link != NULL; link = link->next)
    finish(h, link->data, "there was no time left");
}

void
auth_hooks_wait(AuthHooks *h, guint timeout_ms)
{
  int n_running;
  curl_multi_poll(h->multi, NULL, 0, (int) timeout_ms, NULL);
  curl_multi_perform(h->multi, &n_running);
  finish_some(h);
}

void
auth_hooks_wake(AuthHooks *h)
{
  curl_multi_wakeup(h->multi);
}
