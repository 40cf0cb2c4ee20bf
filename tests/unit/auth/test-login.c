/* RTMP's old logins, step by step, with a client that computes what encoders compute. */
#include "auth/login.h"

#include <string.h>

#define NOW_US   (G_GINT64_CONSTANT(1767225600) * G_USEC_PER_SEC)
#define NEED     "[ AccessManager.Reject ] : [ code=403 need auth; authmod=%s ] : "
#define PASSWORD "sekrit"

typedef struct {
  AuthLogins *logins;
  AuthKeys *keys;
  AuthLoginStep step;
  const char *app;
  char *salt, *challenge, *token; /* of the last challenge */
} Fixture;

static void
set_up(Fixture *f, gconstpointer data)
{
  AuthKey *key = auth_key_new();
  f->app = "live";
  f->logins = auth_logins_new();
  f->keys = auth_keys_new();
  auth_logins_require(f->logins, "live", GPOINTER_TO_INT(data));
  auth_key_set(key, "id", "one", NULL);
  auth_key_set(key, "app", "live", NULL);
  auth_key_set(key, "stream", "stage", NULL);
  auth_key_set(key, "password", PASSWORD, NULL);
  auth_hash_make(&key->hash, PASSWORD);
  g_assert_true(auth_keys_add(f->keys, key, NULL));
}

static void
tear_down(Fixture *f, gconstpointer data)
{
  auth_login_step_clear(&f->step);
  auth_logins_free(f->logins);
  auth_keys_free(f->keys);
  g_free(f->salt);
  g_free(f->challenge);
  g_free(f->token);
}

/* What a client hears that connects with QUERY, AFTER_S seconds later. */
static const char *
knock(Fixture *f, const char *query, gint64 after_s)
{
  MgAuthRequest request = { .action = MG_AUTH_CONNECT,
                            .app = f->app,
                            .query = query,
                            .peer = "192.0.2.7:5000",
                            .protocol = "rtmp" };
  AuthQuestion question;
  auth_question_init(&question, &request);
  auth_login_step_clear(&f->step);
  auth_logins_answer(f->logins, f->keys, &question, NOW_US + after_s * G_USEC_PER_SEC, &f->step);
  auth_question_clear(&question);
  return f->step.description;
}

static void
get_challenge(Fixture *f, const char *query)
{
  const char *parameters = strchr(knock(f, query, 0), '?') + 1;
  g_assert_cmpint(f->step.verdict, ==, MG_AUTH_LATER);
  g_free(f->salt);
  g_free(f->challenge);
  g_free(f->token);
  f->salt = auth_query_get(parameters, "salt");
  f->challenge = auth_query_get(parameters, "challenge");
  f->token = auth_query_get(parameters, f->salt ? "opaque" : "nonce");
  g_assert_nonnull(f->token);
}

static char *
md5_base64(const char *text)
{
  g_autofree char *hex = g_compute_checksum_for_string(G_CHECKSUM_MD5, text, -1);
  guint8 bytes[16];
  for (guint i = 0; i < 16; i++)
    bytes[i] =
        (guint8) (g_ascii_xdigit_value(hex[2 * i]) << 4 | g_ascii_xdigit_value(hex[2 * i + 1]));
  return g_base64_encode(bytes, sizeof bytes);
}

/* Returned-owned: the query of an Adobe client that has the challenge and PASSWORD. */
static char *
adobe_query(Fixture *f, const char *password)
{
  g_autofree char *salted = g_strconcat("stage", f->salt, password, NULL);
  g_autofree char *first = md5_base64(salted);
  g_autofree char *all = g_strconcat(first, f->token, "c0ffee", NULL);
  g_autofree char *response = md5_base64(all);
  return g_strdup_printf("authmod=adobe&user=stage&challenge=c0ffee&response=%s&opaque=%s",
                         response, f->token);
}

static char *
llnw_query(Fixture *f, const char *password)
{
  g_autofree char *who = g_strconcat("stage:live:", password, NULL);
  g_autofree char *ha1 = g_compute_checksum_for_string(G_CHECKSUM_MD5, who, -1);
  g_autofree char *ha2 =
      g_compute_checksum_for_string(G_CHECKSUM_MD5, "publish:/live/_definst_", -1);
  g_autofree char *all = g_strdup_printf("%s:%s:00000001:c0ffee:auth:%s", ha1, f->token, ha2);
  g_autofree char *response = g_compute_checksum_for_string(G_CHECKSUM_MD5, all, -1);
  return g_strdup_printf("authmod=llnw&user=stage&nonce=%s&cnonce=c0ffee&nc=00000001&response=%s",
                         f->token, response);
}

static char *
right_query(Fixture *f, const char *password)
{
  return f->salt != NULL ? adobe_query(f, password) : llnw_query(f, password);
}

static const char *
name_of(gconstpointer kind)
{
  return GPOINTER_TO_INT(kind) == AUTH_LOGIN_ADOBE ? "adobe" : "llnw";
}

/* Returned-owned: the query that asks for a challenge. */
static char *
first_query(gconstpointer kind)
{
  return g_strdup_printf("authmod=%s&user=stage", name_of(kind));
}

static void
check_failed(Fixture *f, const char *query, gint64 after_s)
{
  g_assert_nonnull(strstr(knock(f, query, after_s), " ] : ?reason=authfailed"));
  g_assert_cmpint(f->step.verdict, ==, MG_AUTH_BAD_KEY);
  g_assert_null(f->step.login);
}

/* --- tests -------------------------------------------------------------------------------------- */

static void
test_logs_in(Fixture *f, gconstpointer kind)
{
  g_autofree char *need = g_strdup_printf(NEED, name_of(kind));
  g_autofree char *first = first_query(kind);
  g_autofree char *hash = auth_hash_write(&((AuthKey *) g_ptr_array_index(f->keys->all, 0))->hash);
  g_assert_cmpstr(knock(f, "", 0), ==, need);
  g_assert_cmpint(f->step.verdict, ==, MG_AUTH_LATER);
  get_challenge(f, first);
  g_autofree char *last = right_query(f, PASSWORD);
  g_assert_null(knock(f, last, 59));
  g_assert_cmpint(f->step.verdict, ==, MG_AUTH_YES);
  g_assert_cmpstr(f->step.login, ==, hash);
}

static void
test_refuses(Fixture *f, gconstpointer kind)
{
  g_autofree char *first = first_query(kind);
  get_challenge(f, first);
  g_autofree char *right = right_query(f, PASSWORD), *wrong = right_query(f, "secret");
  check_failed(f, wrong, 0);
  check_failed(f, right, 61);
  check_failed(f, right, -2);
  g_free(f->token);
  f->token = g_strnfill(56, 'a');
  g_autofree char *made_up = right_query(f, PASSWORD);
  check_failed(f, made_up, 0);
  g_autofree char *no_user = g_strdup_printf("authmod=%s&user=a%%26b", name_of(kind));
  check_failed(f, no_user, 0);
  g_assert_null(knock(f, right, 0));
  check_failed(f, right, 1);
}

static void
test_challenges_are_new(Fixture *f, gconstpointer kind)
{
  g_autofree char *first = first_query(kind);
  get_challenge(f, first);
  g_autofree char *token = g_strdup(f->token), *salt = g_strdup(f->salt);
  get_challenge(f, first);
  g_assert_cmpstr(f->token, !=, token);
  if (salt != NULL)
    g_assert_cmpstr(f->salt, !=, salt);
}

static void
test_other_apps_need_none(Fixture *f, gconstpointer kind)
{
  f->app = "film";
  g_assert_null(knock(f, "", 0));
  g_assert_cmpint(f->step.verdict, ==, MG_AUTH_YES);
  g_assert_null(f->step.login);
}

/* A login is good for its own stream only, and as long as its key. */
static void
test_what_a_login_publishes(Fixture *f, gconstpointer kind)
{
  const AuthKey *key = g_ptr_array_index(f->keys->all, 0);
  g_autofree char *login = auth_hash_write(&key->hash);
  const struct {
    const char *stream, *login;
    MgAuthVerdict verdict;
  } all[] = { { "stage", login, MG_AUTH_YES },
              { "other", login, MG_AUTH_BAD_KEY },
              { PASSWORD, login, MG_AUTH_BAD_KEY },
              { "stage", "hmac-sha256:00:00", MG_AUTH_BAD_KEY },
              { "stage", "", MG_AUTH_BAD_KEY } };
  for (guint i = 0; i < G_N_ELEMENTS(all); i++) {
    MgAuthRequest request = { .app = "live",
                              .stream = all[i].stream,
                              .peer = "192.0.2.7:5000",
                              .protocol = "rtmp",
                              .login = all[i].login };
    AuthQuestion question;
    auth_question_init(&question, &request);
    AuthDecision decision = auth_decide(f->keys, &question, NOW_US);
    g_assert_cmpint(decision.verdict, ==, all[i].verdict);
    auth_question_clear(&question);
  }
}

#define ADD(name, test)                                                                            \
  g_test_add("/auth/login/adobe/" name, Fixture, GINT_TO_POINTER(AUTH_LOGIN_ADOBE), set_up, test,  \
             tear_down);                                                                           \
  g_test_add("/auth/login/llnw/" name, Fixture, GINT_TO_POINTER(AUTH_LOGIN_LLNW), set_up, test,    \
             tear_down)

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("logs-in", test_logs_in);
  ADD("refuses", test_refuses);
  ADD("challenges-are-new", test_challenges_are_new);
  ADD("other-apps-need-none", test_other_apps_need_none);
  ADD("what-a-login-publishes", test_what_a_login_publishes);
  return g_test_run();
}
