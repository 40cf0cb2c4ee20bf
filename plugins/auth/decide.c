#include "auth/decide.h"

#include <string.h>

static char *
copy(const char *text)
{
  return g_strdup(text ? text : "");
}

void
auth_question_init(AuthQuestion *q, const MgAuthRequest *request)
{
  *q = (AuthQuestion){
    .action = request->action,
    .app = copy(request->app),
    .stream = copy(request->stream),
    .query = copy(request->query),
    .peer = copy(request->peer),
    .login = copy(request->login),
    .protocol = g_strconcat(request->protocol, request->is_tls ? "s" : "", NULL),
  };
  q->has_address = auth_address_parse_peer(q->peer, &q->address);
}

void
auth_question_clear(AuthQuestion *q)
{
  g_free(q->app);
  mg_secret_free(q->stream);
  mg_secret_free(q->query);
  g_free(q->peer);
  mg_secret_free(q->login);
  g_free(q->protocol);
  *q = (AuthQuestion){ 0 };
}

char *
auth_query_get(const char *query, const char *name)
{
  gsize length = strlen(name);
  for (const char *part = query; part != NULL; part = strchr(part, '&')) {
    part += *part == '&';
    if (strncmp(part, name, length) == 0 && part[length] == '=')
      return g_uri_unescape_segment(part + length + 1, strchrnul(part, '&'), NULL);
  }
  return NULL;
}

static AuthDecision
no(MgAuthVerdict verdict, const char *reason)
{
  return (AuthDecision){ verdict, reason, NULL };
}

/* The key that LOGIN stands for, if it is still there. */
static AuthKey *
find_by_login(const AuthKeys *keys, const char *login)
{
  for (guint i = 0; i < keys->all->len; i++) {
    AuthKey *key = g_ptr_array_index(keys->all, i);
    g_autofree char *hash = key->password ? auth_hash_write(&key->hash) : NULL;
    if (hash != NULL && strcmp(hash, login) == 0)
      return key;
  }
  return NULL;
}

/* The key that the question brings, and whether it names the stream besides. */
static AuthKey *
find(const AuthKeys *keys, const AuthQuestion *q, gboolean *names_stream)
{
  *names_stream = TRUE;
  if (*q->login != '\0')
    return find_by_login(keys, q->login);
  char *secret = auth_query_get(q->query, "key");
  *names_stream = secret != NULL;
  AuthKey *key = auth_keys_find(keys, q->app, secret ? secret : q->stream);
  mg_secret_free(secret);
  return key;
}

AuthDecision
auth_decide(const AuthKeys *keys, const AuthQuestion *q, gint64 now_utc_us)
{
  gboolean names_stream;
  AuthKey *key = find(keys, q, &names_stream);
  if (key == NULL)
    return no(MG_AUTH_BAD_KEY, "The stream key is wrong.");
  if (names_stream && strcmp(key->stream, q->stream) != 0)
    return no(MG_AUTH_BAD_KEY, "The stream key is wrong.");
  AuthUse use = { q->address, q->protocol, now_utc_us };
  const char *refusal = auth_key_refusal(key, &use);
  if (refusal != NULL)
    return no(MG_AUTH_DENIED, refusal);
  return (AuthDecision){ MG_AUTH_YES, NULL, key };
}
