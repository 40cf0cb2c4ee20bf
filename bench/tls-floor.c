/*
 * tls-floor: what decrypting costs at least.
 *
 *   tls-floor [--brief] clip.flv
 *
 * A clip's tags are sealed as N encoders would send them by RTMPS, and opened again in the order in which
 * they would come, with nothing else done: no socket, no lane, no RTMP. In two ways: by TLS as OpenSSL
 * does it, from its memory BIO; and by the bare cipher. So what a server spends on RTMPS beyond RTMP can be
 * compared with what it has to. Keys are shared beforehand: handshakes are not what is measured.
 *
 * Encoders differ in the records they make of a tag: OBS one of each chunk of 4096 bytes, ffmpeg one of each
 * chunk's head, of a single byte mostly, and one of its body. A tag in one record is the least there can be.
 */
#include "rtmp-load/clip.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { PERIOD_MS = 2000, ROOM = 1 << 20, MOST_RECORD = 16 << 10, TAG_BYTES = 16, IV_BYTES = 12 };

typedef struct {
  const char *name;
  gsize head_bytes, record_bytes; /* in a record of its own; and the most in each behind it, */
  gsize mark_bytes;               /* with so much in another between two of them */
} Sender;

static const Sender senders[] = {
  { "tag", 0, MOST_RECORD, 0 },
  { "obs", 0, 4097, 0 },
  { "ffmpeg", 8, 4096, 1 },
};

typedef struct {
  const char *name, *suite;
  int version;
  const EVP_CIPHER *(*cipher)(void);
} Seal;

static const Seal seals[] = {
  { "1.3 AES-128-GCM", "TLS_AES_128_GCM_SHA256", TLS1_3_VERSION, EVP_aes_128_gcm },
  { "1.3 ChaCha20", "TLS_CHACHA20_POLY1305_SHA256", TLS1_3_VERSION, EVP_chacha20_poly1305 },
  { "1.2 AES-128-GCM", "PSK-AES128-GCM-SHA256", TLS1_2_VERSION, EVP_aes_128_gcm },
};

/* An encoder and its server. */
typedef struct {
  SSL *client, *server;
  EVP_CIPHER_CTX *bare; /* opens what is in no record of TLS */
  guint8 *text;         /* for it: a tag's records, each with its tag of authentication */
} Pair;

typedef struct {
  const Clip *clip;
  const Sender *sender;
  Pair *pairs;
  guint n;
  guint8 *room;
  EVP_CIPHER_CTX *sealing;
  guint64 n_records, n_bytes; /* opened by each of the two */
  gint64 tls_ns, bare_ns;
} Floor;

static gint64
cpu_ns(void)
{
  struct timespec t;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return t.tv_sec * G_GINT64_CONSTANT(1000000000) + t.tv_nsec;
}

static void
check(gboolean is_good, const char *what)
{
  if (!is_good)
    g_error("OpenSSL: cannot %s", what);
}

/* Of a tag of SIZE bytes of which DONE have been sent: the next record's. */
static gsize
record_size(const Sender *sender, gsize done, gsize size)
{
  if (done < sender->head_bytes)
    return MIN(sender->head_bytes - done, size - done);
  gsize round = sender->record_bytes + sender->mark_bytes;
  gsize at = (done - sender->head_bytes) % round;
  return MIN((at < sender->record_bytes ? sender->record_bytes : round) - at, size - done);
}

/* --- TLS ---------------------------------------------------------------------------------------- */

static unsigned int
give_key(guint8 *key)
{
  memset(key, 7, 16);
  return 16;
}

static unsigned int
client_key(SSL *ssl, const char *hint, char *name, unsigned int most_name, guint8 *key,
           unsigned int most)
{
  g_strlcpy(name, "bench", most_name);
  return give_key(key);
}

static unsigned int
server_key(SSL *ssl, const char *name, guint8 *key, unsigned int most)
{
  return give_key(key);
}

/* As the server's own contexts are. */
static SSL_CTX *
make_context(const Seal *seal)
{
  SSL_CTX *context = SSL_CTX_new(TLS_method());
  SSL_CTX_set_min_proto_version(context, seal->version);
  SSL_CTX_set_max_proto_version(context, seal->version);
  check(seal->version == TLS1_3_VERSION ? SSL_CTX_set_ciphersuites(context, seal->suite)
                                        : SSL_CTX_set_cipher_list(context, seal->suite),
        "use the suite");
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(context, TRUE);
  SSL_CTX_set_psk_client_callback(context, client_key);
  SSL_CTX_set_psk_server_callback(context, server_key);
  return context;
}

static void
shake_hands(Pair *pair, SSL_CTX *context)
{
  BIO *there = BIO_new(BIO_s_mem()), *back = BIO_new(BIO_s_mem());
  pair->client = SSL_new(context);
  pair->server = SSL_new(context);
  BIO_up_ref(there);
  BIO_up_ref(back);
  SSL_set_bio(pair->client, back, there);
  SSL_set_bio(pair->server, there, back);
  SSL_set_connect_state(pair->client);
  SSL_set_accept_state(pair->server);
  guint8 byte;
  for (guint i = 0; i < 4; i++) {
    SSL_read(pair->client, &byte, 1);
    SSL_read(pair->server, &byte, 1);
  }
  check(SSL_is_init_finished(pair->client) && SSL_is_init_finished(pair->server), "shake hands");
}

static void
seal_tls(Floor *f, Pair *pair, const ClipTag *tag)
{
  for (gsize done = 0, size; done < tag->size; done += size) {
    size = record_size(f->sender, done, tag->size);
    check(SSL_write(pair->client, tag->data + done, (int) size) == (int) size, "write");
  }
}

static void
open_tls(Floor *f, Pair *pair, const ClipTag *tag)
{
  for (gsize done = 0; done < tag->size;) {
    int n = SSL_read(pair->server, f->room + done, (int) (ROOM - done));
    check(n > 0, "read");
    done += (gsize) n;
  }
}

/* --- the bare cipher ---------------------------------------------------------------------------- */

static const guint8 secret[32];

static EVP_CIPHER_CTX *
make_bare(const Seal *seal, gboolean is_sealing)
{
  EVP_CIPHER_CTX *bare = EVP_CIPHER_CTX_new();
  check(EVP_CipherInit_ex(bare, seal->cipher(), NULL, secret, NULL, is_sealing), "use a cipher");
  return bare;
}

/* One record's SIZE bytes from IN to OUT; the header of a record is what is not encrypted. */
static void
apply(EVP_CIPHER_CTX *bare, const guint8 *in, guint8 *out, gsize size)
{
  static const guint8 head[5], iv[IV_BYTES];
  int n;
  check(EVP_CipherInit_ex(bare, NULL, NULL, NULL, iv, -1) &&
            EVP_CipherUpdate(bare, NULL, &n, head, sizeof head) &&
            EVP_CipherUpdate(bare, out, &n, in, (int) size),
        "apply a cipher");
}

static void
seal_bare(Floor *f, Pair *pair, const ClipTag *tag)
{
  guint8 *out = pair->text;
  int n;
  for (gsize done = 0, size; done < tag->size; done += size) {
    size = record_size(f->sender, done, tag->size);
    apply(f->sealing, tag->data + done, out, size);
    check(EVP_CipherFinal_ex(f->sealing, out + size, &n) &&
              EVP_CIPHER_CTX_ctrl(f->sealing, EVP_CTRL_AEAD_GET_TAG, TAG_BYTES, out + size),
          "seal");
    out += size + TAG_BYTES;
  }
}

static void
open_bare(Floor *f, Pair *pair, const ClipTag *tag)
{
  guint8 *in = pair->text;
  int n;
  for (gsize done = 0, size; done < tag->size; done += size) {
    size = record_size(f->sender, done, tag->size);
    apply(pair->bare, in, f->room + done, size);
    check(EVP_CIPHER_CTX_ctrl(pair->bare, EVP_CTRL_AEAD_SET_TAG, TAG_BYTES, in + size) &&
              EVP_CipherFinal_ex(pair->bare, f->room + done, &n),
          "open");
    in += size + TAG_BYTES;
    f->n_records++;
  }
}

/* --- all of it ---------------------------------------------------------------------------------- */

typedef void (*Step)(Floor *f, Pair *pair, const ClipTag *tag);

/* For each pair. Returns the CPU time. */
static gint64
step(Floor *f, Step what, const ClipTag *tag)
{
  gint64 begun = cpu_ns();
  for (guint i = 0; i < f->n; i++)
    what(f, &f->pairs[i], tag);
  return cpu_ns() - begun;
}

static void
measure(Floor *f)
{
  for (guint i = 0; i < f->clip->tags->len; i++) {
    const ClipTag *tag = &g_array_index(f->clip->tags, ClipTag, i);
    step(f, seal_tls, tag);
    f->tls_ns += step(f, open_tls, tag);
    step(f, seal_bare, tag);
    f->bare_ns += step(f, open_bare, tag);
    f->n_bytes += tag->size * f->n;
  }
}

static void
run(Floor *f, const Seal *seal)
{
  SSL_CTX *context = make_context(seal);
  f->pairs = g_new0(Pair, f->n);
  f->sealing = make_bare(seal, TRUE);
  for (guint i = 0; i < f->n; i++) {
    shake_hands(&f->pairs[i], context);
    f->pairs[i].bare = make_bare(seal, FALSE);
    f->pairs[i].text = g_malloc(ROOM);
  }
  measure(f);
  for (guint i = 0; i < f->n; i++) {
    SSL_free(f->pairs[i].client);
    SSL_free(f->pairs[i].server);
    EVP_CIPHER_CTX_free(f->pairs[i].bare);
    g_free(f->pairs[i].text);
  }
  EVP_CIPHER_CTX_free(f->sealing);
  g_free(f->pairs);
  SSL_CTX_free(context);
}

static void
report(const Floor *f, const Seal *seal)
{
  double stream_s = f->clip->period_ms / 1000.0 * f->n;
  g_print("%-17s%-8s%10.0f%10.0f%12.3f%12.3f%12.0f%12.0f\n", seal->name, f->sender->name,
          (double) f->n_records / stream_s, (double) f->n_bytes / (double) f->n_records,
          (double) f->tls_ns / 1e6 / stream_s, (double) f->bare_ns / 1e6 / stream_s,
          (double) f->tls_ns / (double) f->n_records, (double) f->bare_ns / (double) f->n_records);
}

static void
print_heads(void)
{
  g_print("%-17s%-8s%10s%10s%12s%12s%12s%12s\n", "", "", "records", "bytes", "CPU-ms per",
          "stream-s", "ns per", "record");
  g_print("%-17s%-8s%10s%10s%12s%12s%12s%12s\n", "TLS", "sender", "per s", "in one", "OpenSSL",
          "bare", "OpenSSL", "bare");
}

/* What our servers and most encoders agree upon, sent as OBS does: the two figures, CPU-ms per stream-second. */
static void
run_brief(Floor *f)
{
  f->sender = &senders[1];
  run(f, &seals[0]);
  double stream_ns = f->clip->period_ms * 1e3 * f->n;
  g_print("[%.4f, %.4f]\n", (double) f->tls_ns / stream_ns, (double) f->bare_ns / stream_ns);
}

static void
run_all(const Floor *blank)
{
  print_heads();
  for (guint s = 0; s < G_N_ELEMENTS(seals); s++)
    for (guint i = 0; i < G_N_ELEMENTS(senders); i++) {
      Floor f = *blank;
      f.sender = &senders[i];
      run(&f, &seals[s]);
      report(&f, &seals[s]);
    }
}

int
main(int argc, char **argv)
{
  int streams = 100;
  gboolean is_brief = FALSE;
  GOptionEntry entries[] = {
    { "streams", 'n', 0, G_OPTION_ARG_INT, &streams, "how many in turn (100)", "N" },
    { "brief", 'b', 0, G_OPTION_ARG_NONE, &is_brief, "one case; its figures as JSON", NULL },
    { 0 },
  };
  g_autoptr(GOptionContext) options = g_option_context_new("CLIP - what decrypting it costs");
  g_autoptr(GError) error = NULL;
  g_option_context_add_main_entries(options, entries, NULL);
  g_autoptr(Clip) clip = NULL;
  if (!g_option_context_parse(options, &argc, &argv, &error) || argc != 2 || streams < 1 ||
      (clip = clip_load(argv[1], PERIOD_MS, &error)) == NULL) {
    g_printerr("tls-floor: %s\n", error != NULL ? error->message : "see --help");
    return 2;
  }
  g_autofree guint8 *room = g_malloc(ROOM);
  Floor floor = { .clip = clip, .n = (guint) streams, .room = room };
  if (is_brief)
    run_brief(&floor);
  else
    run_all(&floor);
  return 0;
}
