/*
 * One key, and the rules it comes with: which stream it publishes, when, from where and how.
 *
 * Made from fields of text, which are the same in the pipeline file, a keys file and a database:
 *
 *   id         by which it is listed and revoked; made with the key. None in the pipeline file
 *   app stream the public names; required
 *   hash       of the key (secret.h); required
 *   from until "2026-12-01" or "2026-12-01T18:30:00Z"
 *   addresses  "192.0.2.0/24,2001:db8::/32": peers it may be used by; all when left out
 *   protocols  "rtmps,srt": how it may be used; each word is one, and covers no other; all when left out
 *   on-duplicate  "replace" or "reject": what a second publisher with the key does, whatever the stream is called
 *   password   the key itself, for RTMP's old logins, which cannot be checked with a hash
 *   note       for people
 *
 * A key is immutable and counted. Errors are MG_ERROR_INVALID and never quote a hash or a password.
 */
#pragma once

#include "auth/net.h"
#include "auth/secret.h"

#include <mediagraph/types.h>

typedef enum {
  AUTH_DUPLICATE_ANY, /* the pipeline decides, for each stream by itself */
  AUTH_DUPLICATE_REPLACE,
  AUTH_DUPLICATE_REJECT,
} AuthDuplicate;

typedef struct {
  gint ref_count;
  char *id; /* "": none */
  char *app, *stream, *note;
  AuthHash hash;
  gint64 from_utc_us, until_utc_us; /* 0: open */
  GArray *nets;                     /* of AuthNet; empty: from everywhere */
  char **protocols;                 /* empty: all */
  AuthDuplicate on_duplicate;
  char *password; /* NULL: not kept */
} AuthKey;

/* Returned-owned: without any field. */
AuthKey *auth_key_new(void);
AuthKey *auth_key_ref(AuthKey *key);
void auth_key_unref(AuthKey *key); /* NULL is fine */

/* Sets one field of a key that is not shared yet. */
gboolean auth_key_set(AuthKey *key, const char *field, const char *value, GError **error);

/* Whether both are the same secret for the same stream, whatever their rules. */
gboolean auth_key_is_same(const AuthKey *a, const AuthKey *b);

/* Whether `until` is after `from`, as far as there are both. */
gboolean auth_key_is_ever_valid(const AuthKey *key);

/* Whether it has what it must have. */
gboolean auth_key_check(const AuthKey *key, GError **error);

/* Calls EACH with every field that has a value, in one order. VALUE is borrowed. */
void auth_key_each_field(const AuthKey *key,
                         void (*each)(const char *field, const char *value, gpointer data),
                         gpointer data);

/* Who wants to use it, and when. */
typedef struct {
  AuthAddress address;
  const char *protocol; /* "rtmp", "rtmps", "rtmpt", … */
  gint64 now_utc_us;
} AuthUse;

/* NULL: it may be used so. Else a sentence, static, that says why not. */
const char *auth_key_refusal(const AuthKey *key, const AuthUse *use);

/* A time as `from` and `until` have it; an offset from NOW_UTC_US ("+7d") where that is not 0. */
gboolean auth_time_parse(const char *text, gint64 now_utc_us, gint64 *utc_us);
/* Returned-owned. */
char *auth_time_write(gint64 utc_us);

/* [A-Za-z0-9._-]{1,128}, no leading dot. */
gboolean auth_name_is_valid(const char *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AuthKey, auth_key_unref)
