/*
 * Any bytes as a handshake, in pieces whose length the first byte says: the server answers once, and
 * takes exactly what is its own; so do one that agrees on RTMPE, and the client.
 */
#include "rtmp/handshake.h"

int LLVMFuzzerTestOneInput(const guint8 *data, gsize size);

enum { BLOCK = MG_RTMP_HANDSHAKE_BYTES };

static void
run(MgRtmpHandshake *h, MgReader all, gsize piece, gsize whole_answer)
{
  g_auto(MgWriter) out = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  MgRtmpHandshakeState state = MG_RTMP_HANDSHAKE_MORE;
  gsize taken = 0;
  while (state == MG_RTMP_HANDSHAKE_MORE && mg_reader_left(&all) > 0) {
    MgReader in = mg_reader_sub(&all, MIN(piece, mg_reader_left(&all)));
    state = mg_rtmp_handshake_feed(h, &in, &out, &error);
    taken += in.pos;
    g_assert(state != MG_RTMP_HANDSHAKE_MORE || mg_reader_left(&in) == 0);
  }
  g_assert((state == MG_RTMP_HANDSHAKE_FAILED) == (error != NULL));
  g_assert(out.size == (taken >= 1 + BLOCK && error == NULL ? whole_answer : 0));
  g_assert((state == MG_RTMP_HANDSHAKE_DONE) == (taken == 1 + 2 * BLOCK));
}

int
LLVMFuzzerTestOneInput(const guint8 *data, gsize size)
{
  static const guint8 random[BLOCK], secret[32] = { 1 };
  g_auto(MgWriter) hello = MG_WRITER_INIT;
  MgReader all = MG_READER(data, size);
  gsize piece = 1 + (gsize) mg_reader_u8(&all) * 8;
  g_autoptr(MgRtmpHandshake) server = mg_rtmp_handshake_new_server(random);
  g_autoptr(MgRtmpHandshake) encrypting = mg_rtmp_handshake_new_server(random);
  g_autoptr(MgRtmpHandshake) client = mg_rtmp_handshake_new_client(random, &hello);
  run(server, all, piece, 1 + 2 * BLOCK);
  mg_rtmp_handshake_allow_encryption(encrypting, secret);
  run(encrypting, all, piece, 1 + 2 * BLOCK);
  run(client, all, piece, BLOCK);
  return 0;
}
