/*
 * The transport that encrypts: TLS by OpenSSL, of those who listen and of those who call.
 *
 * What is received goes through the lane's scratch, as much of it as there is at once, and is decrypted
 * until nothing is left: so a connection holds no bytes of its own but those of a record that has not
 * come whole, and the kernel alone knows whether there is more to read. What is sent is gathered into
 * records as full as they can be. A record that the kernel does not take stays with OpenSSL, and its
 * bytes in the outbox, until it does.
 *
 * Of who listens, OpenSSL's objects are made with the first byte, so that a peer that only connects costs
 * nothing.
 */
#include "net/dial.h"
#include "net/tls-context.h"

#include <errno.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>

enum {
  RECORD = 16 << 10,                     /* the most bytes in one */
  ROOM = MG_NET_SCRATCH - RECORD - 1024, /* with what waits in OpenSSL no more than SCRATCH */
  TURN_BYTES = 256 << 10,                /* encrypted before others have their turn */
};

struct MgTls {
  SSL *ssl;
  const guint8 *in; /* received, not yet decrypted; lent to OpenSSL while it reads */
  gsize in_size;
  gboolean is_ready : 1;  /* the handshake is over */
  gboolean has_ended : 1; /* the peer's close_notify came */
  gboolean has_failed : 1;
};

/* --- between OpenSSL and the socket ------------------------------------------------------------ */

static int
bio_read(BIO *bio, char *bytes, int size)
{
  MgTls *tls = ((MgConnection *) BIO_get_data(bio))->tls;
  gsize n = MIN(tls->in_size, (gsize) size);
  BIO_clear_retry_flags(bio);
  if (n == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  memcpy(bytes, tls->in, n);
  tls->in += n;
  tls->in_size -= n;
  return (int) n;
}

static int
bio_write(BIO *bio, const char *bytes, int size)
{
  MgConnection *c = BIO_get_data(bio);
  gssize n = send(c->fd, bytes, (gsize) size, MSG_NOSIGNAL);
  BIO_clear_retry_flags(bio);
  if (n < 0 && (errno == EAGAIN || errno == EINTR))
    BIO_set_retry_write(bio);
  return (int) n;
}

static long
bio_control(BIO *bio, int command, long number, void *pointer)
{
  return command == BIO_CTRL_FLUSH;
}

static gpointer
make_method(gpointer unused)
{
  BIO_METHOD *method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "mediagraph");
  BIO_meth_set_read(method, bio_read);
  BIO_meth_set_write(method, bio_write);
  BIO_meth_set_ctrl(method, bio_control);
  return method;
}

/* Returned-owned, NULL: no memory. */
static BIO *
make_bio(MgConnection *c)
{
  static GOnce once = G_ONCE_INIT;
  BIO *bio = BIO_new(g_once(&once, make_method, NULL));
  if (bio == NULL)
    return NULL;
  BIO_set_data(bio, c);
  BIO_set_init(bio, 1);
  return bio;
}

/* --- states ------------------------------------------------------------------------------------ */

/*
 * OpenSSL's queue of errors must be empty before a call whose error is to be told. It is so nearly always,
 * and to see that costs little; to clear it frees two strings for each of its 16 places.
 */
static void
forget_errors(void)
{
  if (G_UNLIKELY(ERR_peek_error() != 0))
    ERR_clear_error();
}

/* SSL is taken; NULL: there was no memory. */
static gboolean
begin(MgConnection *c, SSL *ssl)
{
  MgTls *tls = g_new0(MgTls, 1);
  c->tls = tls;
  tls->ssl = ssl;
  BIO *bio = tls->ssl != NULL ? make_bio(c) : NULL;
  if (bio != NULL)
    SSL_set_bio(tls->ssl, bio, bio);
  return bio != NULL;
}

/* Returned-owned: what the server's certificate is refused for says more than that it is. */
static char *
explain(const SSL *ssl)
{
  if (ERR_GET_REASON(ERR_peek_error()) != SSL_R_CERTIFICATE_VERIFY_FAILED)
    return mg_tls_explain();
  return g_strdup_printf("the server's certificate is not accepted: %s",
                         X509_verify_cert_error_string(SSL_get_verify_result(ssl)));
}

/* The peer's word for why it does not trust the server is worth more than OpenSSL's number for it. */
static gboolean
is_about_certificate(unsigned long code)
{
  switch (ERR_GET_REASON(code)) {
  case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
  case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
  case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
  case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
  case SSL_R_TLSV1_ALERT_UNKNOWN_CA: return TRUE;
  default: return FALSE;
  }
}

/* ERROR is SSL_get_error()'s: the connection cannot go on. */
static void
fail(MgConnection *c, int error)
{
  g_autofree char *why =
      error == SSL_ERROR_SYSCALL ? g_strdup(g_strerror(errno)) : explain(c->tls->ssl);
  gboolean is_distrust = error == SSL_ERROR_SSL && is_about_certificate(ERR_peek_error());
  g_autofree char *reason =
      error == SSL_ERROR_WANT_WRITE
          ? g_strdup("TLS: the peer takes no answer")
          : g_strdup_printf("TLS: %s%s",
                            is_distrust ? "the peer does not accept the certificate: " : "", why);
  c->tls->has_failed = TRUE;
  mg_conn_set_closed(c, reason);
}

static void
note_ready(MgConnection *c)
{
  if (c->tls->is_ready || !SSL_is_init_finished(c->tls->ssl))
    return;
  c->tls->is_ready = TRUE;
  c->is_shaking = FALSE;
  if (c->outbox.n > 0)
    mg_conn_mark(c);
  if (c->dial != NULL)
    mg_dial_succeed(c->dial);
}

/* --- receiving --------------------------------------------------------------------------------- */

/* Decrypts all of what is IN. Returns how many bytes that made. */
static gsize
decrypt(MgConnection *c, guint8 *bytes, gsize size)
{
  MgTls *tls = c->tls;
  gsize total = 0;
  int n;
  forget_errors();
  do {
    n = SSL_read(tls->ssl, bytes + total, (int) (size - total));
    total += (gsize) MAX(n, 0);
  } while (n > 0 && (tls->in_size > 0 || SSL_has_pending(tls->ssl)));
  int error = SSL_get_error(tls->ssl, n);
  note_ready(c);
  if (error == SSL_ERROR_ZERO_RETURN)
    tls->has_ended = TRUE;
  else if (error != SSL_ERROR_NONE && error != SSL_ERROR_WANT_READ)
    fail(c, error);
  return total;
}

/* SEALED, which is not BYTES, has been received. Results are those of the transport's receive. */
static gssize
take(MgConnection *c, const guint8 *sealed, gsize sealed_size, guint8 *bytes, gsize size)
{
  MgTls *tls = c->tls;
  tls->in = sealed;
  tls->in_size = sealed_size;
  gsize n = decrypt(c, bytes, size);
  tls->in = NULL;
  tls->in_size = 0;
  c->said_goodbye = tls->has_ended;
  if (n > 0 || tls->has_ended)
    return (gssize) n;
  errno = tls->has_failed ? EPROTO : EAGAIN;
  return -1;
}

static gssize
receive(MgConnection *c, gpointer bytes, gsize size)
{
  guint8 *sealed = mg_net_sealed(c->net);
  gssize n = recv(c->fd, sealed, ROOM, 0);
  if (n <= 0)
    return n;
  if (c->tls == NULL && !begin(c, mg_tls_context_make(c->listener->options.tls))) {
    errno = ENOMEM;
    return -1;
  }
  return take(c, sealed, (gsize) n, bytes, size);
}

/* --- sending ----------------------------------------------------------------------------------- */

/* Where in a list of vectors one is. */
typedef struct {
  const struct iovec *vectors;
  guint n;
  gsize done; /* of the first */
} Place;

static void
advance(Place *place, gsize size)
{
  place->done += size;
  while (place->n > 0 && place->done >= place->vectors->iov_len) {
    place->done -= place->vectors->iov_len;
    place->vectors++;
    place->n--;
  }
}

/* A record's worth of bytes from PLACE on, which stays: borrowed, gathered in ROOM if need be. */
static const guint8 *
gather(Place place, guint8 *room, gsize *size)
{
  const guint8 *first = (const guint8 *) place.vectors->iov_base + place.done;
  gsize left = place.vectors->iov_len - place.done;
  *size = MIN(left, RECORD);
  if (*size == RECORD || place.n == 1)
    return first;
  for (*size = 0; *size < RECORD && place.n > 0;) {
    left = MIN(place.vectors->iov_len - place.done, RECORD - *size);
    memcpy(room + *size, (const guint8 *) place.vectors->iov_base + place.done, left);
    *size += left;
    advance(&place, left);
  }
  return room;
}

static gssize
send_vectors(MgConnection *c, struct iovec *vectors, guint n)
{
  Place place = { vectors, n, 0 };
  gsize total = 0, size;
  int sent = 1;
  forget_errors();
  while (place.n > 0 && total < TURN_BYTES) {
    const guint8 *bytes = gather(place, mg_net_sealed(c->net), &size);
    sent = SSL_write(c->tls->ssl, bytes, (int) size);
    if (sent <= 0)
      break;
    total += (gsize) sent;
    advance(&place, (gsize) sent);
  }
  int error = sent <= 0 ? SSL_get_error(c->tls->ssl, sent) : SSL_ERROR_NONE;
  if (total > 0 || error == SSL_ERROR_NONE)
    return (gssize) total;
  if (error != SSL_ERROR_WANT_WRITE)
    fail(c, error);
  errno = error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
  return -1;
}

/* Says that nothing more comes. FALSE: the kernel takes nothing for now. */
static gboolean
say_goodbye(MgTls *tls)
{
  if (tls == NULL || !tls->is_ready || tls->has_failed)
    return TRUE;
  forget_errors();
  int result = SSL_shutdown(tls->ssl);
  return result >= 0 || SSL_get_error(tls->ssl, result) != SSL_ERROR_WANT_WRITE;
}

static gboolean
finish(MgConnection *c)
{
  if (!say_goodbye(c->tls))
    return FALSE;
  shutdown(c->fd, SHUT_WR);
  return TRUE;
}

/* What was cut short must look cut short: without close_notify. */
static void
clear(MgConnection *c)
{
  MgTls *tls = g_steal_pointer(&c->tls);
  if (tls == NULL)
    return;
  if (c->outbox.n == 0 && tls->ssl != NULL && !(SSL_get_shutdown(tls->ssl) & SSL_SENT_SHUTDOWN))
    say_goodbye(tls);
  SSL_free(tls->ssl);
  g_free(tls);
}

static const char *
how_ended(const MgConnection *c)
{
  if (c->said_goodbye || c->tls == NULL)
    return "closed by peer";
  return c->tls->is_ready ? "closed by peer, without TLS's close_notify"
                          : "closed by peer during the TLS handshake";
}

static gboolean
speaks(const MgConnection *c, const char *protocol)
{
  const guint8 *name = NULL;
  guint size = 0;
  if (c->tls != NULL)
    SSL_get0_alpn_selected(c->tls->ssl, &name, &size);
  return size == strlen(protocol) && memcmp(name, protocol, size) == 0;
}

/* --- calling ------------------------------------------------------------------------------------ */

void
mg_tls_call(MgConnection *c, MgTlsTrust *trust, const char *host)
{
  c->transport = &mg_transport_tls;
  c->is_shaking = TRUE;
  if (!begin(c, mg_tls_trust_make(trust, host))) {
    mg_conn_set_closed(c, "TLS: out of memory");
    return;
  }
  forget_errors();
  int result = SSL_do_handshake(c->tls->ssl);
  int error = SSL_get_error(c->tls->ssl, result);
  if (error != SSL_ERROR_WANT_READ)
    fail(c, error);
}

const MgTransport mg_transport_tls = {
  .receive = receive,
  .send = send_vectors,
  .finish = finish,
  .how_ended = how_ended,
  .speaks = speaks,
  .clear = clear,
};
