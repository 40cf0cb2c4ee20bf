#include "auth/hooks.h"

#include <curl/curl.h>

struct AuthHooks {
  CURLM *multi;
};

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
  return h;
}

void
auth_hooks_free(AuthHooks *h)
{
  curl_multi_cleanup(h->multi);
  g_free(h);
}

void
auth_hooks_wait(AuthHooks *h, guint timeout_ms)
{
  int n_running;
  curl_multi_poll(h->multi, NULL, 0, (int) timeout_ms, NULL);
  curl_multi_perform(h->multi, &n_running);
}

void
auth_hooks_wake(AuthHooks *h)
{
  curl_multi_wakeup(h->multi);
}
