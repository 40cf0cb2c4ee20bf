/*
 * Who asks the auth service of a harness, and notes what it is told.
 */
#pragma once

#include <mediagraph/auth.h>
#include <mediagraph/harness.h>

typedef struct {
  MgHarness *harness;
  const MgAuthInterface *table;
  MgAuthTicket *ticket; /* NULL: it has ended */
  gboolean is_answered;
  MgAuthVerdict verdict;
  char *app, *stream, *reason, *login; /* of the answer; owned */
  guint n_revoked;
  char *revocation; /* owned */
} Asker;

/* Asks to publish live/STREAM?QUERY from 192.0.2.7. */
Asker *asker_new(MgHarness *harness, const char *stream, const char *query);

/* Asks REQUEST, of which only what differs from that needs to be set. */
Asker *asker_new_full(MgHarness *harness, MgAuthRequest request);

/* The same of a SERVICE that is not the node's any more. */
Asker *asker_new_of(MgHarness *harness, const MgAuthInterface *table, MgAuth *service,
                    MgAuthRequest request);

/* Ends its ticket, if it has not ended. */
void asker_free(Asker *asker);
void asker_end(Asker *asker, const char *reason);

/* Runs the harness, without moving its clock, until the answer is there, or the revocation. */
void asker_wait_answer(Asker *asker);
void asker_wait_revocation(Asker *asker);

/* The same for any condition; fails the test after ten seconds. */
#define asker_wait(asker, condition)                                                               \
  for (gint64 wait_end = g_get_monotonic_time() + 10 * G_USEC_PER_SEC; !(condition);)              \
  asker_wait_more(asker, wait_end, G_STRLOC)
void asker_wait_more(Asker *asker, gint64 end, const char *place);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Asker, asker_free)
