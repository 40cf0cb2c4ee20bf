/* What the lanes' side (service.c) and the thread's (worker.c) share. */
#pragma once

#include "auth/service.h"
#include "auth/ticket.h"

typedef struct {
  MgAuthTicket *ticket; /* a reference */
  gboolean is_end;      /* its asker has closed it; else: it asks */
} AuthMessage;

struct MgAuth {
  gint ref_count;
  gboolean wants_connect;
  AuthHooks *hooks; /* the thread's, but for waking it */

  GMutex lock;      /* guards what follows */
  GArray *messages; /* of AuthMessage */
  gboolean is_stopping, has_stopped;
};

/* The thread: runs until the service has been stopped. Takes the config and a reference to AUTH. */
void auth_worker_start(MgAuth *auth, const AuthServiceConfig *config);
