#include "auth/service-private.h"

MgAuth *
auth_service_hold(MgAuth *auth)
{
  g_atomic_int_inc(&auth->ref_count);
  return auth;
}

void
auth_service_release(MgAuth *auth)
{
  if (!g_atomic_int_dec_and_test(&auth->ref_count))
    return;
  auth_hooks_free(auth->hooks);
  g_array_unref(auth->messages);
  g_mutex_clear(&auth->lock);
  g_free(auth);
}

MgAuth *
auth_service_new(const AuthServiceConfig *config)
{
  MgAuth *auth = g_new0(MgAuth, 1);
  auth->ref_count = 1;
  auth->hooks = auth_hooks_new();
  auth->wants_connect = auth_logins_are_required(config->logins);
  auth->messages = g_array_new(FALSE, FALSE, sizeof(AuthMessage));
  g_mutex_init(&auth->lock);
  auth_worker_start(auth_service_hold(auth), config);
  return auth;
}

void
auth_service_stop(MgAuth *auth)
{
  g_mutex_lock(&auth->lock);
  auth->is_stopping = TRUE;
  g_mutex_unlock(&auth->lock);
  auth_hooks_wake(auth->hooks);
  auth_service_release(auth);
}

/* Takes a reference to TICKET. FALSE: nobody is there to read it. */
static gboolean
enqueue(MgAuth *auth, MgAuthTicket *ticket, gboolean is_end)
{
  AuthMessage message = { ticket, is_end };
  g_mutex_lock(&auth->lock);
  gboolean is_sent = !auth->has_stopped;
  gboolean is_first = auth->messages->len == 0;
  if (is_sent)
    g_array_append_val(auth->messages, message);
  g_mutex_unlock(&auth->lock);
  if (!is_sent)
    auth_ticket_unref(ticket);
  else if (is_first)
    auth_hooks_wake(auth->hooks);
  return is_sent;
}

static gboolean
wants_connect(MgAuth *auth)
{
  return auth->wants_connect;
}

static MgAuthTicket *
ask(MgAuth *auth, const MgAuthRequest *request, const MgAuthEvents *events, gpointer data)
{
  static const MgAuthAnswer closed = { .verdict = MG_AUTH_DENIED,
                                       .reason = "The server is shutting down." };
  MgAuthTicket *ticket = auth_ticket_new(auth, request, events, data);
  if (!enqueue(auth, auth_ticket_ref(ticket), FALSE))
    auth_ticket_answer(ticket, &closed);
  return ticket;
}

static void
end(MgAuthTicket *ticket, const char *reason)
{
  auth_ticket_close(ticket, reason);
  enqueue(ticket->auth, ticket, TRUE);
}

const MgAuthInterface auth_interface = {
  .size = sizeof(MgAuthInterface),
  .hold = auth_service_hold,
  .release = auth_service_release,
  .wants_connect = wants_connect,
  .ask = ask,
  .move = auth_ticket_move,
  .count = auth_ticket_count,
  .end = end,
};
