#include "auth/login.h"

#include <string.h>

enum {
  SECRET_BYTES = 32,
  NONCE_CHARS = 24,
  TIME_CHARS = 8,
  TOKEN_CHARS = NONCE_CHARS + TIME_CHARS + NONCE_CHARS,
  DERIVED_CHARS = 16,
  MOST_USER_CHARS = 128,
  MOST_USED = 4096,
};

enum { VALID_S = 60 };

#define REJECT "[ AccessManager.Reject ] : [ "

static const char *const kind_names[] = { "adobe", "llnw" };

struct AuthLogins {
  guint8 secret[SECRET_BYTES];
  GHashTable *apps; /* name → AuthLoginKind + 1 */
  GHashTable *used; /* token → seconds of UTC when it expires, in a pointer */
};

AuthLogins *
auth_logins_new(void)
{
  AuthLogins *l = g_new0(AuthLogins, 1);
  auth_random(l->secret, sizeof l->secret);
  l->apps = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  l->used = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
  return l;
}

void
auth_logins_free(AuthLogins *l)
{
  g_hash_table_unref(l->apps);
  g_hash_table_unref(l->used);
  g_free(l);
}

void
auth_logins_require(AuthLogins *l, const char *app, AuthLoginKind kind)
{
  g_hash_table_insert(l->apps, g_strdup(app), GUINT_TO_POINTER(kind + 1));
}

gboolean
auth_logins_are_required(const AuthLogins *l)
{
  return g_hash_table_size(l->apps) > 0;
}

gboolean
auth_logins_are_required_in(const AuthLogins *l, const char *app)
{
  return g_hash_table_contains(l->apps, app);
}

/* --- tokens ------------------------------------------------------------------------------------- */

/* Returned-owned: the first CHARS of what only we can make of WORD and TEXT. */
static char *
derive(const AuthLogins *l, const char *word, const char *text, gsize chars)
{
  g_autofree char *whole = g_strdup_printf("%s:%s", word, text);
  g_autofree char *hex =
      g_compute_hmac_for_string(G_CHECKSUM_SHA256, l->secret, sizeof l->secret, whole, -1);
  return g_strndup(hex, chars);
}

/* Returned-owned: NONCE and time, in hexadecimal, and a signature of them and USER. */
static char *
sign(const AuthLogins *l, const char *nonce_and_time, const char *user)
{
  g_autofree char *text = g_strdup_printf("%s:%s", nonce_and_time, user);
  g_autofree char *signature = derive(l, "token", text, NONCE_CHARS);
  return g_strconcat(nonce_and_time, signature, NULL);
}

static char *
make_token(const AuthLogins *l, const char *user, gint64 utc_s)
{
  guint8 random[NONCE_CHARS / 2];
  GString *text = g_string_new(NULL);
  auth_random(random, sizeof random);
  for (guint i = 0; i < sizeof random; i++)
    g_string_append_printf(text, "%02x", random[i]);
  g_string_append_printf(text, "%08x", (guint) utc_s);
  char *token = sign(l, text->str, user);
  g_string_free(text, TRUE);
  return token;
}

static gboolean
is_fresh(const AuthLogins *l, const char *token, const char *user, gint64 utc_s)
{
  if (strlen(token) != TOKEN_CHARS)
    return FALSE;
  g_autofree char *start = g_strndup(token, NONCE_CHARS + TIME_CHARS);
  g_autofree char *ours = sign(l, start, user);
  guint64 made = g_ascii_strtoull(start + NONCE_CHARS, NULL, 16);
  gint64 age = utc_s - (gint64) made;
  return auth_equal(ours, token, TOKEN_CHARS) && age >= -1 && age <= VALID_S &&
         !g_hash_table_contains(l->used, token);
}

static gboolean
has_expired(gpointer token, gpointer expires, gpointer now)
{
  return GPOINTER_TO_SIZE(expires) < GPOINTER_TO_SIZE(now);
}

/* When there are too many, which takes as many right passwords within a minute, all are too old. */
static void
use_up(AuthLogins *l, const char *token, gint64 utc_s)
{
  if (g_hash_table_size(l->used) >= MOST_USED)
    g_hash_table_foreach_remove(l->used, has_expired, GSIZE_TO_POINTER((gsize) utc_s));
  if (g_hash_table_size(l->used) >= MOST_USED)
    auth_random(l->secret, sizeof l->secret);
  g_hash_table_insert(l->used, g_strdup(token), GSIZE_TO_POINTER((gsize) utc_s + VALID_S + 2));
}

/* --- proofs ------------------------------------------------------------------------------------- */

/* What a client that wants to log in has sent. All owned; NULL: left out. */
typedef struct {
  char *user, *response, *challenge, *token, *count;
} Claim;

static void
claim_read(Claim *claim, const char *query, AuthLoginKind kind)
{
  gboolean is_adobe = kind == AUTH_LOGIN_ADOBE;
  claim->user = auth_query_get(query, "user");
  claim->response = auth_query_get(query, "response");
  claim->challenge = auth_query_get(query, is_adobe ? "challenge" : "cnonce");
  claim->token = auth_query_get(query, is_adobe ? "opaque" : "nonce");
  claim->count = auth_query_get(query, "nc");
}

static void
claim_clear(Claim *claim)
{
  g_free(claim->user);
  g_free(claim->response);
  g_free(claim->challenge);
  g_free(claim->token);
  g_free(claim->count);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Claim, claim_clear)

/* Returned-owned: base64 of the MD5 of A, B and C. */
static char *
md5_base64(const char *a, const char *b, const char *c)
{
  guint8 digest[16];
  gsize size = sizeof digest;
  g_autoptr(GChecksum) md5 = g_checksum_new(G_CHECKSUM_MD5);
  g_checksum_update(md5, (const guchar *) a, -1);
  g_checksum_update(md5, (const guchar *) b, -1);
  g_checksum_update(md5, (const guchar *) c, -1);
  g_checksum_get_digest(md5, digest, &size);
  return g_base64_encode(digest, size);
}

static char *
salt_of(const AuthLogins *l, const char *token)
{
  return derive(l, "salt", token, DERIVED_CHARS);
}

/* Returned-owned. */
static char *
adobe_response(const AuthLogins *l, const Claim *claim, const char *password)
{
  g_autofree char *salt = salt_of(l, claim->token);
  g_autofree char *first = md5_base64(claim->user, salt, password);
  return md5_base64(first, claim->token, claim->challenge);
}

/* Returned-owned: HTTP's digest (RFC 2617), with "live" for the realm whatever the app is. */
static char *
llnw_response(const Claim *claim, const char *app, const char *password)
{
  g_autofree char *who = g_strdup_printf("%s:live:%s", claim->user, password);
  g_autofree char *what = g_strdup_printf("publish:/%s/_definst_", app);
  g_autofree char *ha1 = g_compute_checksum_for_string(G_CHECKSUM_MD5, who, -1);
  g_autofree char *ha2 = g_compute_checksum_for_string(G_CHECKSUM_MD5, what, -1);
  g_autofree char *all = g_strdup_printf("%s:%s:%s:%s:auth:%s", ha1, claim->token,
                                         claim->count ? claim->count : "", claim->challenge, ha2);
  mg_secret_free(g_steal_pointer(&who));
  return g_compute_checksum_for_string(G_CHECKSUM_MD5, all, -1);
}

static gboolean
proves(const AuthLogins *l, AuthLoginKind kind, const char *app, const Claim *claim,
       const char *password)
{
  g_autofree char *ours = kind == AUTH_LOGIN_ADOBE ? adobe_response(l, claim, password)
                                                   : llnw_response(claim, app, password);
  return strlen(ours) == strlen(claim->response) && auth_equal(ours, claim->response, strlen(ours));
}

/* Borrowed: the key whose password it is; NULL: none. */
static const AuthKey *
find(const AuthLogins *l, AuthLoginKind kind, const AuthKeys *keys, const char *app,
     const Claim *claim)
{
  for (guint i = 0; i < keys->all->len; i++) {
    const AuthKey *key = g_ptr_array_index(keys->all, i);
    if (key->password != NULL && strcmp(key->app, app) == 0 &&
        strcmp(key->stream, claim->user) == 0 && proves(l, kind, app, claim, key->password))
      return key;
  }
  return NULL;
}

/* --- steps -------------------------------------------------------------------------------------- */

static void
ask_to_log_in(AuthLoginStep *step, AuthLoginKind kind)
{
  step->verdict = MG_AUTH_LATER;
  step->description =
      g_strdup_printf(REJECT "code=403 need auth; authmod=%s ] : ", kind_names[kind]);
}

static void
challenge(const AuthLogins *l, AuthLoginStep *step, AuthLoginKind kind, const char *user,
          gint64 utc_s)
{
  g_autofree char *token = make_token(l, user, utc_s);
  g_autofree char *salt = salt_of(l, token);
  g_autofree char *ours = derive(l, "challenge", token, DERIVED_CHARS);
  step->verdict = MG_AUTH_LATER;
  if (kind == AUTH_LOGIN_ADOBE)
    step->description = g_strdup_printf(
        REJECT "authmod=adobe ] : ?reason=needauth&user=%s&salt=%s&challenge=%s&opaque=%s", user,
        salt, ours, token);
  else
    step->description =
        g_strdup_printf(REJECT "authmod=llnw ] : ?reason=needauth&user=%s&nonce=%s", user, token);
}

static void
fail(AuthLoginStep *step, AuthLoginKind kind)
{
  step->verdict = MG_AUTH_BAD_KEY;
  step->description = g_strdup_printf(REJECT "authmod=%s ] : ?reason=authfailed", kind_names[kind]);
}

static void
verify(AuthLogins *l, AuthLoginStep *step, AuthLoginKind kind, const AuthKeys *keys,
       const char *app, const Claim *claim, gint64 utc_s)
{
  gboolean is_whole = claim->challenge != NULL && claim->token != NULL &&
                      is_fresh(l, claim->token, claim->user, utc_s);
  const AuthKey *key = is_whole ? find(l, kind, keys, app, claim) : NULL;
  if (key == NULL) {
    fail(step, kind);
    return;
  }
  use_up(l, claim->token, utc_s);
  step->verdict = MG_AUTH_YES;
  step->login = auth_hash_write(&key->hash);
}

/* Its name is put into the challenge. */
static gboolean
is_user(const char *user)
{
  return user != NULL && strlen(user) <= MOST_USER_CHARS && auth_name_is_valid(user);
}

void
auth_logins_answer(AuthLogins *l, const AuthKeys *keys, const AuthQuestion *q, gint64 utc_us,
                   AuthLoginStep *step)
{
  guint kind_plus_one = GPOINTER_TO_UINT(g_hash_table_lookup(l->apps, q->app));
  g_auto(Claim) claim = { 0 };
  *step = (AuthLoginStep){ .verdict = MG_AUTH_YES };
  if (kind_plus_one == 0)
    return;
  AuthLoginKind kind = kind_plus_one - 1;
  g_autofree char *wanted = auth_query_get(q->query, "authmod");
  claim_read(&claim, q->query, kind);
  if (wanted == NULL || strcmp(wanted, kind_names[kind]) != 0)
    ask_to_log_in(step, kind);
  else if (!is_user(claim.user))
    fail(step, kind);
  else if (claim.response == NULL)
    challenge(l, step, kind, claim.user, utc_us / G_USEC_PER_SEC);
  else
    verify(l, step, kind, keys, q->app, &claim, utc_us / G_USEC_PER_SEC);
}

void
auth_login_step_clear(AuthLoginStep *step)
{
  g_free(step->description);
  g_free(step->login);
}
