#include "rtmp/handshake.h"

#include "rtmp/digest.h"
#include "rtmp/error.h"

#include <string.h>

enum { VERSION = 3 };

typedef enum {
  READ_VERSION, /* C0 or S0 */
  READ_FIRST,   /* C1 or S1 */
  READ_SECOND,  /* C2 or S2, whatever it holds */
  OVER,
} Stage;

struct MgRtmpHandshake {
  gboolean is_server;
  Stage stage;
  gsize have; /* bytes of the block that is being read */
  guint8 random[MG_RTMP_HANDSHAKE_BYTES];
  guint8 first[MG_RTMP_HANDSHAKE_BYTES]; /* C1 or S1 */
};

static MgRtmpHandshake *
handshake_new(gboolean is_server, const guint8 *random)
{
  MgRtmpHandshake *h = g_new0(MgRtmpHandshake, 1);
  h->is_server = is_server;
  memcpy(h->random, random, sizeof h->random);
  return h;
}

MgRtmpHandshake *
mg_rtmp_handshake_new_server(const guint8 random[MG_RTMP_HANDSHAKE_BYTES])
{
  return handshake_new(TRUE, random);
}

/* C1 and S1 of the simple handshake: a time of 0, four zeros, randomness. */
static void
write_simple(MgRtmpHandshake *h, MgWriter *out)
{
  mg_writer_zeros(out, 8);
  mg_writer_bytes(out, h->random + 8, sizeof h->random - 8);
}

MgRtmpHandshake *
mg_rtmp_handshake_new_client(const guint8 random[MG_RTMP_HANDSHAKE_BYTES], MgWriter *out)
{
  MgRtmpHandshake *h = handshake_new(FALSE, random);
  mg_writer_u8(out, VERSION);
  write_simple(h, out);
  return h;
}

void
mg_rtmp_handshake_free(MgRtmpHandshake *h)
{
  g_free(h);
}

/* What a peer that begins with this byte wants, for the operator. */
static const char *
other_protocol(guint8 first)
{
  switch (first) {
  case 6:
  case 8:
  case 9: return "RTMPE, which is not supported: use RTMPS";
  case 0x16: return "TLS, for which there is no certificate here: use rtmp:// in the encoder";
  case 'C':
  case 'D':
  case 'G':
  case 'H':
  case 'O':
  case 'P': return "HTTP: a browser, or RTMPT, which is not supported";
  default: return "no version of RTMP";
  }
}

static gboolean
check_version(guint8 version, GError **error)
{
  if (version == VERSION)
    return TRUE;
  g_set_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_NOT_RTMP,
              "the connection begins with byte 0x%02x, which looks like %s", version,
              other_protocol(version));
  return FALSE;
}

/* S1 and S2 with digests; a version other than 0 tells the client to look for them. */
static void
write_signed(MgRtmpHandshake *h, MgRtmpScheme scheme, const guint8 *c1_digest, MgWriter *out)
{
  gsize s1 = out->size;
  mg_writer_be32(out, 0);
  mg_writer_be32(out, 0x04050001);
  mg_writer_bytes(out, h->random + 8, sizeof h->random - 8);
  mg_rtmp_digest_sign_s1(out->data + s1, scheme);
  gsize s2 = out->size;
  mg_writer_bytes(out, h->random, sizeof h->random);
  mg_rtmp_digest_sign_s2(out->data + s2, c1_digest);
}

static void
answer_c1(MgRtmpHandshake *h, MgWriter *out)
{
  MgReader c1 = MG_READER(h->first, sizeof h->first);
  MgRtmpScheme scheme;
  const guint8 *digest;
  mg_reader_skip(&c1, 4);
  gboolean may_be_signed = mg_reader_be32(&c1) != 0;
  mg_writer_u8(out, VERSION);
  if (may_be_signed && mg_rtmp_digest_find(h->first, &scheme, &digest)) {
    write_signed(h, scheme, digest, out);
    return;
  }
  write_simple(h, out);
  mg_writer_bytes(out, h->first, sizeof h->first);
}

static void
answer_first(MgRtmpHandshake *h, MgWriter *out)
{
  if (h->is_server)
    answer_c1(h, out);
  else
    mg_writer_bytes(out, h->first, sizeof h->first);
}

/* Moves bytes of a block, kept in INTO unless that is NULL; TRUE when the block is complete. */
static gboolean
read_block(MgRtmpHandshake *h, MgReader *in, guint8 *into)
{
  gsize n = MIN(mg_reader_left(in), MG_RTMP_HANDSHAKE_BYTES - h->have);
  const guint8 *bytes = mg_reader_take(in, n);
  if (into != NULL && n > 0)
    memcpy(into + h->have, bytes, n);
  h->have += n;
  if (h->have < MG_RTMP_HANDSHAKE_BYTES)
    return FALSE;
  h->have = 0;
  return TRUE;
}

MgRtmpHandshakeState
mg_rtmp_handshake_feed(MgRtmpHandshake *h, MgReader *in, MgWriter *out, GError **error)
{
  if (h->stage == READ_VERSION && mg_reader_left(in) > 0) {
    if (!check_version(mg_reader_u8(in), error))
      return MG_RTMP_HANDSHAKE_FAILED;
    h->stage = READ_FIRST;
  }
  if (h->stage == READ_FIRST && read_block(h, in, h->first)) {
    answer_first(h, out);
    h->stage = READ_SECOND;
  }
  if (h->stage == READ_SECOND && read_block(h, in, NULL))
    h->stage = OVER;
  return h->stage == OVER ? MG_RTMP_HANDSHAKE_DONE : MG_RTMP_HANDSHAKE_MORE;
}
