#include "doubles/call.h"

#include "doubles/wait.h"

typedef struct {
  MgLaneFunc func;
  gpointer data;
  gint is_done;
} Call;

static void
run(gpointer data)
{
  Call *call = data;
  call->func(call->data);
  g_atomic_int_set(&call->is_done, TRUE);
}

void
mg_call_on(MgLane *lane, MgLaneFunc func, gpointer data)
{
  Call call = { func, data, FALSE };
  mg_lane_post(lane, run, &call);
  mg_wait_until(g_atomic_int_get(&call.is_done));
}
