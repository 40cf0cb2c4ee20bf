#include "asker.h"

#include <mediagraph/lane.h>

static void
answered(gpointer data, const MgAuthAnswer *answer)
{
  Asker *a = data;
  g_assert_false(a->is_answered);
  g_assert_nonnull(a->ticket);
  a->is_answered = TRUE;
  a->verdict = answer->verdict;
  a->app = g_strdup(answer->app);
  a->stream = g_strdup(answer->stream);
  a->reason = g_strdup(answer->reason);
  a->login = g_strdup(answer->login);
}

static void
revoked(gpointer data, const char *reason)
{
  Asker *a = data;
  g_assert_true(a->is_answered);
  g_assert_nonnull(a->ticket);
  a->n_revoked++;
  g_free(a->revocation);
  a->revocation = g_strdup(reason);
}

static const MgAuthEvents events = { sizeof events, answered, revoked };

Asker *
asker_new_of(MgHarness *harness, const MgAuthInterface *table, MgAuth *service,
             MgAuthRequest request)
{
  Asker *a = g_new0(Asker, 1);
  a->harness = harness;
  a->table = table;
  request.size = sizeof request;
  request.app = request.app ? request.app : "live";
  request.peer = request.peer ? request.peer : "192.0.2.7:50000";
  request.protocol = request.protocol ? request.protocol : "rtmp";
  a->ticket = table->ask(service, &request, &events, a);
  return a;
}

Asker *
asker_new_full(MgHarness *harness, MgAuthRequest request)
{
  gpointer service;
  const MgAuthInterface *table =
      mg_service_find(mg_harness_node(harness), MG_AUTH_SERVICE, &service, NULL);
  g_assert_nonnull(table);
  return asker_new_of(harness, table, service, request);
}

Asker *
asker_new(MgHarness *harness, const char *stream, const char *query)
{
  return asker_new_full(harness, (MgAuthRequest){ .stream = stream, .query = query });
}

void
asker_end(Asker *a, const char *reason)
{
  if (a->ticket != NULL)
    a->table->end(g_steal_pointer(&a->ticket), reason);
}

void
asker_free(Asker *a)
{
  asker_end(a, "the test is over");
  g_free(a->app);
  g_free(a->stream);
  g_free(a->reason);
  g_free(a->login);
  g_free(a->revocation);
  g_free(a);
}

void
asker_wait_more(Asker *a, gint64 end, const char *place)
{
  if (g_get_monotonic_time() > end)
    g_error("%s: not within ten seconds", place);
  g_usleep(500);
  mg_harness_run(a->harness);
}

void
asker_wait_answer(Asker *a)
{
  asker_wait(a, a->is_answered);
}

void
asker_wait_revocation(Asker *a)
{
  asker_wait(a, a->n_revoked > 0);
}
