/*
 * auth: decides who may publish what, by keys.
 *
 *   <auth keys-file="studio.keys">
 *     <key app="live" stream="stage" secret-file="stage.key"/>
 *   </auth>
 *   …
 *   <ingest-rtmp listen="0.0.0.0:1935" app="live"/>
 *
 * One element at the top of the file is asked by every listener; without it everybody may publish.
 * An encoder has to bring a key: as the name of its stream (OBS's "stream key"), or behind the
 * public name, as in "stage?key=…". The key says which app and which public name the stream has;
 * nobody but its publisher ever sees the key. Of keys only salted hashes are kept.
 *
 * keys-file: keys that `mediagraph key add` has made, a line each. It is read again when it
 *   changes: who publishes with a key that is no longer in it is sent away. It must be nobody
 *   else's to read or write.
 *
 * database: the same in a table of an SQLite database, which other programs may write, too.
 *
 * A <key> in the pipeline file has `app`, `stream`, and one of these:
 *   secret-file: a file whose first line is the key, open to its owner (and group) only;
 *   hash: what `mediagraph key add` has written for the key into a keys file.
 * Like those of a keys file it may have
 *   from, until: when it is valid, "2026-12-01" or "2026-12-01T18:30:00Z";
 *   addresses: networks of encoders, "192.0.2.0/24,2001:db8::/32";
 *   protocols: of rtmp, rtmps, rtmpe, rtmpt, rtmpts, rtmpte, srt; each covers itself alone; all when left out;
 *   on-duplicate: what a second publisher with the key does: "reject" turns it away, "replace" ends the first. Without
 *     it ("any") the pipeline decides, and for each stream by itself.
 *
 * webhook: a URL that is asked for every publisher (whose key is right, if there are keys) and
 *   player, told now and then how it is doing, and at its end. It may say no, rename the stream,
 *   and limit its time and bit rate. What is sent is signed with the secret in webhook-secret-file.
 *   See docs/nodes/auth.md.
 * webhook-timeout, webhook-on-error: how long it has, and what then: "deny" or "allow".
 * update-interval: how often it is told; it can end a publisher then.
 *
 * <login app="studio" type="adobe"/>: who connects to this app must log in as RTMP's old clients do, with the
 *   stream's public name for a user and its key for a password; its name is then no key any more.
 *   The key itself has to be kept for that: login="yes" on a <key>, --login with `mediagraph key
 *   add`.
 *
 * A wrong key is answered late, and later with each one more that comes from the same address.
 */
#include "auth/node.h"

#include "auth/file.h"
#include "auth/service.h"

#include <mediagraph/mediagraph.h>
#include <string.h>

typedef struct {
  char *app, *stream, *hash, *secret_file, *from, *until, *addresses, *protocols;
  gint on_duplicate; /* AuthDuplicate */
  gboolean login;
} KeyProps;

typedef struct {
  char *app;
  gint type; /* AuthLoginKind */
} LoginProps;

typedef struct {
  char *keys_file, *database;
  char *webhook, *webhook_secret_file;
  MgTime webhook_timeout, update_interval;
  gint webhook_on_error; /* OnError */
  KeyProps *keys;
  guint n_keys;
  LoginProps *logins;
  guint n_logins;

  MgAuth *auth;
} Self;

static const MgChoice duplicate_choices[] = {
  { "any", AUTH_DUPLICATE_ANY, "what its pipeline says, for each stream by itself" },
  { "replace", AUTH_DUPLICATE_REPLACE, "it ends the first one" },
  { "reject", AUTH_DUPLICATE_REJECT, "it is turned away" },
  { 0 },
};

static const MgProp key_props[] = {
  MG_PROP_NAME(KeyProps, app, NULL, MG_PROP_REQUIRED, "app of the stream"),
  MG_PROP_NAME(KeyProps, stream, NULL, MG_PROP_REQUIRED, "public name of the stream"),
  MG_PROP_STRING(KeyProps, hash, NULL, MG_PROP_SECRET, "salted hash of the key"),
  MG_PROP_STRING(KeyProps, secret_file, NULL, MG_PROP_READ_FILE | MG_PROP_PRIVATE_FILE,
                 "file whose first line is the key"),
  MG_PROP_STRING(KeyProps, from, NULL, 0, "not valid before, as 2026-12-01T18:30:00Z"),
  MG_PROP_STRING(KeyProps, until, NULL, 0, "not valid from then on"),
  MG_PROP_STRING(KeyProps, addresses, NULL, 0, "networks it may be used from; default: all"),
  MG_PROP_STRING(KeyProps, protocols, NULL, 0,
                 "of rtmp, rtmps, rtmpe, rtmpt, rtmpts, rtmpte, srt; default: all"),
  MG_PROP_ENUM(KeyProps, on_duplicate, "any", duplicate_choices, 0,
               "what a second publisher with the key does"),
  MG_PROP_BOOL(KeyProps, login, "no", 0, "keep the key itself, as the password of a login"),
  { 0 },
};

static const MgChoice login_types[] = {
  { "adobe", AUTH_LOGIN_ADOBE, "what OBS, FFmpeg and most others have" },
  { "llnw", AUTH_LOGIN_LLNW, "digest" },
  { 0 },
};

static const MgProp login_props[] = {
  MG_PROP_NAME(LoginProps, app, NULL, MG_PROP_REQUIRED, "app in which encoders must log in"),
  MG_PROP_ENUM(LoginProps, type, "adobe", login_types, 0, "how"),
  { 0 },
};

static const MgChildKind children[] = {
  MG_CHILD(Self, "key", keys, n_keys, KeyProps, key_props, 0, 1000, "a key and its stream"),
  MG_CHILD(Self, "login", logins, n_logins, LoginProps, login_props, 0, 100,
           "an app with RTMP's old logins"),
  { 0 },
};

typedef enum { ON_ERROR_DENY, ON_ERROR_ALLOW } OnError;

static const MgChoice on_error_choices[] = {
  { "deny", ON_ERROR_DENY, "nobody is let in who was not in already" },
  { "allow", ON_ERROR_ALLOW, "keys decide alone; without keys everybody is let in" },
  { 0 },
};

static const MgProp props[] = {
  MG_PROP_STRING(Self, keys_file, NULL,
                 MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE | MG_PROP_PRIVATE_FILE,
                 "file of keys, read again when it changes"),
  MG_PROP_STRING(Self, database, NULL, MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE,
                 "the same in an SQLite database"),
  MG_PROP_STRING(Self, webhook, NULL, MG_PROP_SECRET, "URL that is asked, too"),
  MG_PROP_STRING(Self, webhook_secret_file, NULL,
                 MG_PROP_NOT_EMPTY | MG_PROP_READ_FILE | MG_PROP_PRIVATE_FILE,
                 "file whose first line signs what is sent"),
  MG_PROP_TIME(Self, webhook_timeout, "3s", "100ms", "10s", 0, "until the webhook has answered"),
  MG_PROP_ENUM(Self, webhook_on_error, "deny", on_error_choices, 0, "when it does not answer"),
  MG_PROP_TIME(Self, update_interval, "30s", "0s", "1h", 0, "between updates; 0s: none"),
  { 0 },
};

/* --- keys of the pipeline file ------------------------------------------------------------------ */

typedef struct {
  const char *field, *value; /* NULL: not given */
} Field;

enum { N_FIELDS = 6 };

/* What the table cannot judge; the hash is a secret, and goes apart. */
static void
list_fields(const KeyProps *p, Field fields[static N_FIELDS])
{
  const Field all[N_FIELDS] = {
    { "app", p->app },     { "stream", p->stream },       { "from", p->from },
    { "until", p->until }, { "addresses", p->addresses }, { "protocols", p->protocols },
  };
  memcpy(fields, all, sizeof all);
}

/* What AuthKey says begins with the field's name. */
static const char *
reason_of(const GError *error, const char *field)
{
  gsize n = strlen(field) + 1;
  return strlen(error->message) > n ? error->message + n : error->message;
}

static void
check_fields(const KeyProps *p, guint index, MgCheck *check)
{
  g_autoptr(AuthKey) key = auth_key_new();
  Field fields[N_FIELDS];
  list_fields(p, fields);
  for (guint i = 0; i < N_FIELDS; i++) {
    const Field *f = &fields[i];
    g_autoptr(GError) error = NULL;
    if (f->value != NULL && !auth_key_set(key, f->field, f->value, &error))
      mg_check_refuse_child(check, "key", index, f->field, "\"%s\" %s", f->value,
                            reason_of(error, f->field));
  }
  if (!auth_key_is_ever_valid(key))
    mg_check_refuse_child(check, "key", index, "until", "\"%s\" is not after `from`", p->until);
}

static void
check_secret(const KeyProps *p, guint index, MgCheck *check)
{
  g_autoptr(AuthKey) key = auth_key_new();
  g_autoptr(GError) error = NULL;
  if ((p->hash == NULL) == (p->secret_file == NULL))
    mg_check_refuse_child(check, "key", index, "hash", "a key needs either this or secret-file");
  if (p->login && p->hash != NULL)
    mg_check_refuse_child(check, "key", index, "login",
                          "it needs a secret-file; a hash is not enough for it");
  if (p->hash != NULL && !auth_key_set(key, "hash", p->hash, &error))
    mg_check_refuse_child(check, "key", index, "hash", "it %s", reason_of(error, "hash"));
}

/* check_secret() has seen to it that there is one. */
static gboolean
set_secret(AuthKey *key, const KeyProps *p, GError **error)
{
  if (p->hash != NULL)
    return auth_key_set(key, "hash", p->hash, error);
  char *secret = mg_secret_read(p->secret_file, error);
  if (secret != NULL)
    auth_hash_make(&key->hash, secret);
  gboolean is_right = secret != NULL && (!p->login || auth_key_set(key, "password", secret, error));
  mg_secret_free(secret);
  return is_right;
}

/* Returned-owned; NULL and ERROR. */
static AuthKey *
make_key(const KeyProps *p, GError **error)
{
  g_autoptr(AuthKey) key = auth_key_new();
  Field fields[N_FIELDS];
  gboolean is_right = TRUE;
  list_fields(p, fields);
  for (guint i = 0; i < N_FIELDS && is_right; i++)
    is_right =
        fields[i].value == NULL || auth_key_set(key, fields[i].field, fields[i].value, error);
  key->on_duplicate = (AuthDuplicate) p->on_duplicate;
  if (is_right && set_secret(key, p, error) && auth_key_check(key, error))
    return g_steal_pointer(&key);
  g_prefix_error(error, "key of %s/%s: ", p->app, p->stream);
  return NULL;
}

/* Returned-owned: of AuthKey *. */
static GPtrArray *
make_keys(const Self *self, GError **error)
{
  g_autoptr(GPtrArray) keys = g_ptr_array_new_with_free_func((GDestroyNotify) auth_key_unref);
  for (guint i = 0; i < self->n_keys; i++) {
    AuthKey *key = make_key(&self->keys[i], error);
    if (key == NULL)
      return NULL;
    g_ptr_array_add(keys, key);
  }
  return g_steal_pointer(&keys);
}

/* --- life --------------------------------------------------------------------------------------- */

static gboolean
has_web_address(const Self *self)
{
  return g_str_has_prefix(self->webhook, "http://") || g_str_has_prefix(self->webhook, "https://");
}

static void
check_props(gconstpointer data, MgCheck *check)
{
  const Self *self = data;
  gboolean has_hook = self->webhook != NULL;
  if (self->n_keys == 0 && self->keys_file == NULL && self->database == NULL && !has_hook)
    mg_check_refuse(check, "keys_file",
                    "without a <key>, a keys-file, a database or a webhook nobody could publish");
  if (has_hook && !has_web_address(self))
    mg_check_refuse(check, "webhook", "it is no http:// or https:// URL");
  if (has_hook && self->webhook_secret_file == NULL)
    mg_check_refuse(check, "webhook_secret_file", "it is needed to sign what the webhook gets");
  for (guint i = 0; i < self->n_keys; i++) {
    check_fields(&self->keys[i], i, check);
    check_secret(&self->keys[i], i, check);
  }
}

/* Returned-owned. */
static AuthSource *
make_source(const Self *self, GError **error)
{
  g_autoptr(GPtrArray) fixed = make_keys(self, error);
  return fixed ? auth_source_new(fixed, self->keys_file, self->database) : NULL;
}

/* *SECRET is returned-owned; wipe it. */
static gboolean
make_webhook(const Self *self, AuthWebhook *webhook, char **secret, GError **error)
{
  if (self->webhook != NULL)
    *secret = mg_secret_read(self->webhook_secret_file, error);
  *webhook = (AuthWebhook){
    .url = self->webhook,
    .secret = *secret,
    .deadline = self->webhook_timeout,
    .update_interval = self->update_interval,
    .allows_on_failure = self->webhook_on_error == ON_ERROR_ALLOW,
  };
  return self->webhook == NULL || *secret != NULL;
}

static AuthCounters
make_counters(MgNode *node)
{
  return (AuthCounters){
    .allowed = mg_counter(node, "allowed", "questions answered with yes"),
    .denied = mg_counter(node, "denied", "questions answered with no"),
    .revoked = mg_counter(node, "revoked", "publishers that were sent away"),
    .hook_failures = mg_counter(node, "webhook-failures", "requests it did not answer properly"),
  };
}

/* Returned-owned. */
static AuthLogins *
make_logins(const Self *self)
{
  AuthLogins *logins = auth_logins_new();
  for (guint i = 0; i < self->n_logins; i++)
    auth_logins_require(logins, self->logins[i].app, (AuthLoginKind) self->logins[i].type);
  return logins;
}

/* Takes SOURCE. */
static gboolean
start(MgNode *node, AuthSource *source, const AuthWebhook *webhook, GError **error)
{
  Self *self = mg_node_self(node);
  AuthKeys *keys = auth_source_load(source, error);
  if (keys == NULL) {
    auth_source_free(source);
    return FALSE;
  }
  mg_info(node, "%u keys", keys->all->len);
  AuthServiceConfig config = {
    node, source, keys, make_logins(self), *webhook, make_counters(node)
  };
  self->auth = auth_service_new(&config);
  if (mg_service_offer(node, MG_AUTH_SERVICE, &auth_interface, self->auth, error))
    return TRUE;
  auth_service_stop(self->auth);
  return FALSE;
}

static gboolean
open_node(MgNode *node, GError **error)
{
  AuthWebhook webhook;
  char *secret = NULL;
  const Self *self = mg_node_self(node);
  if (!make_webhook(self, &webhook, &secret, error))
    return FALSE;
  AuthSource *source = make_source(self, error);
  gboolean is_open = source != NULL && start(node, source, &webhook, error);
  mg_secret_free(secret);
  return is_open;
}

static void
close_node(MgNode *node)
{
  Self *self = mg_node_self(node);
  auth_service_stop(self->auth);
}

const MgNodeClass auth_class = {
  .size = sizeof(MgNodeClass),
  .name = "auth",
  .help = "decides who may publish what, by keys",
  .instance_size = sizeof(Self),
  .props = props,
  .children = children,
  .role = MG_ROLE_SERVICE,
  .run = MG_RUN_INLINE,
  .open = open_node,
  .close = close_node,
  .check = check_props,
};
