/*
 * Certificates and keys: read into an SSL_CTX, watched, and read again.
 *
 * The files are looked at from a strand, because reading them may block. They are read again once they
 * have looked different, and the same, twice in a row: whoever replaces them writes one after the other.
 */
#include "net/tls-context.h"

#include "loop/lane.h"
#include "util/log.h"

#include <mediagraph/lane.h>
#include <mediagraph/secret.h>

#include <fcntl.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOOK_EVERY MG_SECOND

/*
 * Forward secrecy and authenticated encryption, the one that costs least first. Of 1.3, which has nothing
 * else, and of 1.2. Peers without AES in hardware get ChaCha20.
 */
#define CIPHERS_13 "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256"
#define CIPHERS_12 "ECDHE+AESGCM+AES128:ECDHE+AESGCM:ECDHE+CHACHA20"

/* How a file looks from outside; all zero when there is none. */
typedef struct {
  dev_t device;
  ino_t number;
  off_t size;
  struct timespec modified, changed;
} Look;

typedef struct {
  Look certificate, key;
} Looks;

struct MgTlsContext {
  gint ref_count;
  char *certificate, *key;
  char *label; /* in the log; NULL: none */
  GMutex lock;
  SSL_CTX *ssl;     /* the one in use; under the lock */
  GByteArray *alpn; /* what is offered, as it is on the wire; NULL: nothing */
  MgLane *strand;
  MgTimer timer;     /* this and all below: on the strand */
  Looks tried, seen; /* when they were last read, and last looked at */
};

/* --- reading ----------------------------------------------------------------------------------- */

char *
mg_tls_explain(void)
{
  unsigned long code = ERR_peek_error();
  const char *reason =
      ERR_SYSTEM_ERROR(code) ? g_strerror(ERR_GET_REASON(code)) : ERR_reason_error_string(code);
  return g_strdup(reason != NULL ? reason : "it cannot be said why");
}

static gboolean
complain(GError **error, const char *what, const char *file)
{
  g_autofree char *why = mg_tls_explain();
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "%s in %s: %s", what, file, why);
  return FALSE;
}

/* Nobody is there to type one in. */
static int
refuse_passphrase(char *buffer, int size, int is_writing, void *data)
{
  return -1;
}

void
mg_tls_configure(SSL_CTX *ssl)
{
  SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(ssl, CIPHERS_12);
  SSL_CTX_set_ciphersuites(ssl, CIPHERS_13);
  SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                               SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                            SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(ssl, TRUE); /* fewer calls for what has been received anyway */
  SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_OFF); /* tickets do without */
  SSL_CTX_set_default_passwd_cb(ssl, refuse_passphrase);
}

static gboolean
read_pair(SSL_CTX *ssl, const char *certificate, const char *key, GError **error)
{
  if (SSL_CTX_use_certificate_chain_file(ssl, certificate) != 1)
    return complain(error, "no certificate that can be used is", certificate);
  if (SSL_CTX_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) == 1)
    return TRUE;
  if (ERR_GET_REASON(ERR_peek_last_error()) != X509_R_KEY_VALUES_MISMATCH)
    return complain(error, "no private key that can be used is", key);
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "the private key in %s is not that of %s", key,
              certificate);
  return FALSE;
}

/* It is used nevertheless: encoders that do not check go on. */
static void
warn_of_dates(SSL_CTX *ssl, const char *file, const char *label)
{
  const X509 *certificate = SSL_CTX_get0_certificate(ssl);
  if (X509_cmp_current_time(X509_get0_notAfter(certificate)) < 0)
    mg_log_as(label, MG_LOG_WARNING, "the certificate in %s has expired", file);
  else if (X509_cmp_current_time(X509_get0_notBefore(certificate)) > 0)
    mg_log_as(label, MG_LOG_WARNING, "the certificate in %s is not valid yet", file);
}

/* It is used nevertheless: whoever may read it has done so. */
static void
warn_of_readers(const char *key, const char *label)
{
  int fd = open(key, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  const char *complaint = fd >= 0 ? mg_secret_file_complaint(fd) : NULL;
  if (complaint != NULL)
    mg_log_as(label, MG_LOG_WARNING, "the private key in %s: %s", key, complaint);
  if (fd >= 0)
    close(fd);
}

/* Returned-owned, or NULL and ERROR. */
static SSL_CTX *
load(const char *certificate, const char *key, const char *label, GError **error)
{
  ERR_clear_error();
  SSL_CTX *ssl = SSL_CTX_new(TLS_server_method());
  if (ssl == NULL) {
    complain(error, "no use can be made of the certificate", certificate);
    return NULL;
  }
  mg_tls_configure(ssl);
  if (read_pair(ssl, certificate, key, error)) {
    warn_of_dates(ssl, certificate, label);
    warn_of_readers(key, label);
    return ssl;
  }
  SSL_CTX_free(ssl);
  return NULL;
}

/* --- protocols --------------------------------------------------------------------------------- */

/* Ours that is most wanted and that the peer has named (RFC 7301 3.2). */
static int
choose_protocol(SSL *ssl, const guint8 **chosen, guint8 *size, const guint8 *theirs,
                guint theirs_size, void *data)
{
  const MgTlsContext *context = data;
  guint8 *found;
  int result = SSL_select_next_proto(&found, size, context->alpn->data, context->alpn->len, theirs,
                                     theirs_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

void
mg_tls_context_offer(MgTlsContext *context, const char *protocols)
{
  g_auto(GStrv) names = g_strsplit(protocols, " ", -1);
  context->alpn = g_byte_array_new();
  for (char **name = names; *name != NULL; name++) {
    guint8 size = (guint8) strlen(*name);
    g_byte_array_append(context->alpn, &size, 1);
    g_byte_array_append(context->alpn, (const guint8 *) *name, size);
  }
  SSL_CTX_set_alpn_select_cb(context->ssl, choose_protocol, context);
}

void
mg_tls_context_name(MgTlsContext *context, const char *label)
{
  context->label = g_strdup(label);
}

/* --- watching ---------------------------------------------------------------------------------- */

static Look
look_at(const char *file)
{
  struct stat s;
  if (stat(file, &s) != 0)
    return (Look){ 0 };
  return (Look){ s.st_dev, s.st_ino, s.st_size, s.st_mtim, s.st_ctim };
}

static Looks
look(const MgTlsContext *context)
{
  return (Looks){ look_at(context->certificate), look_at(context->key) };
}

static gboolean
is_same_time(struct timespec a, struct timespec b)
{
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

static gboolean
is_alike(const Look *a, const Look *b)
{
  return a->device == b->device && a->number == b->number && a->size == b->size &&
         is_same_time(a->modified, b->modified) && is_same_time(a->changed, b->changed);
}

static gboolean
are_alike(const Looks *a, const Looks *b)
{
  return is_alike(&a->certificate, &b->certificate) && is_alike(&a->key, &b->key);
}

static void
replace(MgTlsContext *context, SSL_CTX *ssl)
{
  mg_lock(&context->lock);
  SSL_CTX *old = context->ssl;
  context->ssl = ssl;
  mg_unlock(&context->lock);
  SSL_CTX_free(old);
}

static void
reload(MgTlsContext *context)
{
  g_autoptr(GError) error = NULL;
  SSL_CTX *ssl = load(context->certificate, context->key, context->label, &error);
  if (ssl == NULL) {
    mg_log_as(context->label, MG_LOG_WARNING, "the old certificate stays in use: %s",
              error->message);
    return;
  }
  if (context->alpn != NULL)
    SSL_CTX_set_alpn_select_cb(ssl, choose_protocol, context);
  replace(context, ssl);
  mg_log_as(context->label, MG_LOG_INFO, "new connections get the new certificate in %s",
            context->certificate);
}

static void
on_time(gpointer data)
{
  MgTlsContext *context = data;
  Looks now = look(context);
  gboolean is_settled = are_alike(&now, &context->seen);
  context->seen = now;
  if (is_settled && !are_alike(&now, &context->tried)) {
    context->tried = now;
    reload(context);
  }
  mg_timer_start_in(&context->timer, LOOK_EVERY);
}

static void
start_watching(gpointer data)
{
  MgTlsContext *context = data;
  mg_timer_start_in(&context->timer, LOOK_EVERY);
}

/* --- life -------------------------------------------------------------------------------------- */

MgTlsContext *
mg_tls_context_new(const char *certificate, const char *key, GError **error)
{
  MgTlsContext *context = g_new0(MgTlsContext, 1);
  context->ref_count = 1;
  context->certificate = g_strdup(certificate);
  context->key = g_strdup(key != NULL ? key : certificate);
  context->tried = context->seen = look(context);
  g_mutex_init(&context->lock);
  mg_timer_init(&context->timer, on_time, context);
  context->strand = mg_lane_new_strand("certificates");
  context->ssl = load(context->certificate, context->key, NULL, error);
  if (context->ssl == NULL) {
    mg_tls_context_unref(context);
    return NULL;
  }
  mg_lane_post(context->strand, start_watching, context);
  return context;
}

MgTlsContext *
mg_tls_context_ref(MgTlsContext *context)
{
  g_atomic_int_inc(&context->ref_count);
  return context;
}

/* On its strand, the last thing that is done with it there. */
static void
context_free(gpointer data)
{
  MgTlsContext *context = data;
  MgLane *strand = context->strand;
  mg_timer_stop(&context->timer);
  SSL_CTX_free(context->ssl);
  if (context->alpn != NULL)
    g_byte_array_unref(context->alpn);
  g_mutex_clear(&context->lock);
  g_free(context->label);
  g_free(context->certificate);
  g_free(context->key);
  g_free(context);
  mg_lane_unref(strand);
}

void
mg_tls_context_unref(MgTlsContext *context)
{
  if (context != NULL && g_atomic_int_dec_and_test(&context->ref_count))
    mg_lane_post(context->strand, context_free, context);
}

SSL *
mg_tls_context_make(MgTlsContext *context)
{
  mg_lock(&context->lock);
  SSL_CTX *current = context->ssl;
  SSL_CTX_up_ref(current);
  mg_unlock(&context->lock);
  SSL *ssl = SSL_new(current);
  SSL_CTX_free(current);
  if (ssl != NULL)
    SSL_set_accept_state(ssl);
  return ssl;
}
