/*
 * Any bytes as requests of RTMPT, read whole and in pieces that the first byte decides: both must come to the
 * same requests and the same bodies.
 */
#include "rtmp/rtmpt.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

static void
note(GChecksum *seen, MgRtmptEvent event, const MgRtmptRequest *request)
{
  const guint32 head[] = { (guint32) event, (guint32) request->command, request->sequence,
                           (guint32) request->is_keep_alive };
  g_checksum_update(seen, (const guint8 *) head, sizeof head);
  g_checksum_update(seen, (const guint8 *) request->id, -1);
}

/* Returned-owned: a checksum of what was read. */
static char *
read_in(const guint8 *data, gsize size, gsize piece)
{
  MgRtmptReader r = MG_RTMPT_READER_INIT;
  g_autoptr(GChecksum) seen = g_checksum_new(G_CHECKSUM_MD5);
  MgRtmptEvent event = MG_RTMPT_MORE;
  for (gsize at = 0; at < size && event != MG_RTMPT_FAILED; at += piece) {
    MgReader in = MG_READER(data + at, MIN(piece, size - at));
    do {
      g_autoptr(GError) error = NULL;
      const guint8 *bytes = NULL;
      gsize n = 0;
      event = mg_rtmpt_next(&r, &in, &bytes, &n, &error);
      g_assert((event == MG_RTMPT_FAILED) == (error != NULL));
      if (event == MG_RTMPT_BODY)
        g_checksum_update(seen, bytes, (gssize) n);
      else if (event != MG_RTMPT_MORE)
        note(seen, event, &r.request);
    } while (event != MG_RTMPT_MORE && event != MG_RTMPT_FAILED);
  }
  mg_rtmpt_reader_clear(&r);
  return g_strdup(g_checksum_get_string(seen));
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  if (size < 1)
    return 0;
  g_autofree char *whole = read_in(data + 1, size - 1, size);
  g_autofree char *in_pieces = read_in(data + 1, size - 1, 1 + data[0] % 64);
  g_assert(g_str_equal(whole, in_pieces));
  return 0;
}
