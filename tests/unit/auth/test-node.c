/*
 * The service in the engine: its files, its thread, its answers, by a clock of the harness's own.
 */
#include "asker.h"
#include "auth/file.h"
#include "auth/key.h"
#include "auth/keys.h"
#include "auth/node.h"

#include <arpa/inet.h>
#include <glib/gstdio.h>
#include <mediagraph/lane.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
  char *dir, *keys_file, *secret_file;
  MgHarness *harness;
} Fixture;

static void
set_up(Fixture *f, gconstpointer data)
{
  f->dir = g_dir_make_tmp("auth-node-XXXXXX", NULL);
  f->keys_file = g_build_filename(f->dir, "keys", NULL);
  f->secret_file = g_build_filename(f->dir, "secret", NULL);
  g_assert_true(g_file_set_contents_full(f->secret_file, "sekrit\n", -1, 0, 0600, NULL));
}

static void
tear_down(Fixture *f, gconstpointer data)
{
  mg_harness_free(f->harness);
  g_unlink(f->keys_file);
  g_unlink(f->secret_file);
  g_assert_cmpint(g_rmdir(f->dir), ==, 0);
  g_free(f->keys_file);
  g_free(f->secret_file);
  g_free(f->dir);
}

/* FORMAT may have one %s for a path. */
static void
open_with(Fixture *f, const char *format, const char *path)
{
  g_autoptr(GError) error = NULL;
  g_auto(GStrv) parts = g_strsplit(format, "%s", 2);
  g_autofree char *element = g_strjoinv(path, parts);
  f->harness = mg_harness_new(&auth_class, element, &error);
  g_assert_no_error(error);
}

static void
open_with_secret(Fixture *f, const char *rules)
{
  g_autofree char *element =
      g_strdup_printf("<auth><key app='live' stream='stage' secret-file='%%s' %s/></auth>", rules);
  open_with(f, element, f->secret_file);
}

static char *
add_line(const char *text, gpointer data, GError **error)
{
  return auth_keys_text_add(text, data);
}

static char *
remove_line(const char *text, gpointer data, GError **error)
{
  return auth_keys_text_remove(text, data);
}

/* Returned-owned: the secret of a new key for live/STREAM in the keys file, whose id is STREAM. */
static char *
add_key(Fixture *f, const char *stream)
{
  char *secret = auth_secret_new();
  g_autoptr(AuthKey) key = auth_key_new();
  g_autofree char *id = auth_secret_id(secret);
  auth_key_set(key, "id", id, NULL);
  auth_key_set(key, "app", "live", NULL);
  auth_key_set(key, "stream", stream, NULL);
  auth_hash_make(&key->hash, secret);
  g_assert_true(auth_file_edit(f->keys_file, 1 << 20, add_line, key, NULL));
  return secret;
}

static void
remove_key(Fixture *f, const char *secret)
{
  g_autofree char *id = auth_secret_id(secret);
  g_assert_true(auth_file_edit(f->keys_file, 1 << 20, remove_line, id, NULL));
}

static MgAuthVerdict
answer_to(Fixture *f, const char *stream, const char *query)
{
  g_autoptr(Asker) asker = asker_new(f->harness, stream, query);
  asker_wait_answer(asker);
  return asker->verdict;
}

/*
 * Files are looked at behind the first answer, at the latest; the second one is by what was seen.
 */
static void
look_again(Fixture *f, const char *right_key)
{
  mg_harness_advance(f->harness, MG_SECOND);
  g_assert_cmpint(answer_to(f, right_key, ""), ==, MG_AUTH_YES);
  g_assert_cmpint(answer_to(f, right_key, ""), ==, MG_AUTH_YES);
}

/* --- answers ------------------------------------------------------------------------------------ */

static void
test_says_yes_and_what_it_is_called(Fixture *f, gconstpointer data)
{
  open_with_secret(f, "");
  g_autoptr(Asker) asker = asker_new(f->harness, "sekrit", "");
  asker_wait_answer(asker);
  g_assert_cmpint(asker->verdict, ==, MG_AUTH_YES);
  g_assert_cmpstr(asker->app, ==, "live");
  g_assert_cmpstr(asker->stream, ==, "stage");
  g_assert_cmpint(answer_to(f, "stage", "key=sekrit"), ==, MG_AUTH_YES);
  g_assert_cmpuint(mg_harness_counter(f->harness, "allowed"), ==, 2);
}

/* The clock stands still: what is answered meanwhile was not kept back. */
static void
test_a_wrong_key_is_answered_late(Fixture *f, gconstpointer data)
{
  open_with_secret(f, "");
  g_autoptr(Asker) wrong = asker_new(f->harness, "stage", "");
  g_assert_cmpint(answer_to(f, "sekrit", ""), ==, MG_AUTH_YES);
  g_assert_false(wrong->is_answered);
  mg_harness_advance(f->harness, 250 * MG_MILLISECOND);
  asker_wait_answer(wrong);
  g_assert_cmpint(wrong->verdict, ==, MG_AUTH_BAD_KEY);
  g_assert_cmpstr(wrong->reason, ==, "The stream key is wrong.");
  g_autoptr(Asker) again = asker_new(f->harness, "stage", "");
  g_autoptr(Asker) other =
      asker_new_full(f->harness, (MgAuthRequest){ .stream = "stage", .peer = "[2001:db8::1]:1" });
  g_assert_cmpint(answer_to(f, "sekrit", ""), ==, MG_AUTH_YES);
  mg_harness_advance(f->harness, 250 * MG_MILLISECOND);
  asker_wait_answer(other);
  g_assert_false(again->is_answered);
  mg_harness_advance(f->harness, 250 * MG_MILLISECOND);
  asker_wait_answer(again);
  g_assert_cmpuint(mg_harness_counter(f->harness, "denied"), ==, 3);
}

static void
test_a_key_has_rules(Fixture *f, gconstpointer data)
{
  open_with_secret(f, "addresses='192.0.2.0/24' protocols='rtmps'");
  g_autoptr(Asker) plain = asker_new(f->harness, "sekrit", "");
  g_autoptr(Asker) elsewhere = asker_new_full(
      f->harness, (MgAuthRequest){ .stream = "sekrit", .peer = "192.0.3.7:1", .is_tls = TRUE });
  g_autoptr(Asker) right =
      asker_new_full(f->harness, (MgAuthRequest){ .stream = "sekrit", .is_tls = TRUE });
  asker_wait_answer(right);
  g_assert_cmpint(right->verdict, ==, MG_AUTH_YES);
  mg_harness_advance(f->harness, MG_SECOND);
  asker_wait_answer(plain);
  asker_wait_answer(elsewhere);
  g_assert_cmpint(plain->verdict, ==, MG_AUTH_DENIED);
  g_assert_cmpstr(plain->reason, ==, "The key may not be used by this protocol.");
  g_assert_cmpstr(elsewhere->reason, ==, "The key may not be used from this address.");
}

static void
check_protocol(Fixture *f, const char *protocol, gboolean is_tls, MgAuthVerdict verdict)
{
  g_autoptr(Asker) asker = asker_new_full(
      f->harness, (MgAuthRequest){ .stream = "sekrit", .protocol = protocol, .is_tls = is_tls });
  g_assert_cmpint(answer_to(f, "sekrit", ""), ==,
                  MG_AUTH_YES); /* by now the other was judged, too */
  mg_harness_advance(f->harness, 10 * MG_SECOND);
  asker_wait_answer(asker);
  g_assert_cmpint(asker->verdict, ==, verdict);
}

static void
test_a_protocol_covers_no_other(Fixture *f, gconstpointer data)
{
  open_with_secret(f, "protocols='rtmp,rtmpts'");
  check_protocol(f, "rtmp", FALSE, MG_AUTH_YES);
  check_protocol(f, "rtmpt", TRUE, MG_AUTH_YES);
  check_protocol(f, "rtmp", TRUE, MG_AUTH_DENIED);
  check_protocol(f, "rtmpe", FALSE, MG_AUTH_DENIED);
  check_protocol(f, "rtmpt", FALSE, MG_AUTH_DENIED);
  check_protocol(f, "rtmpte", FALSE, MG_AUTH_DENIED);
}

static void
test_a_key_rejects_a_second_publisher(Fixture *f, gconstpointer data)
{
  open_with_secret(f, "on-duplicate='reject'");
  g_autoptr(Asker) first = asker_new(f->harness, "sekrit", "");
  asker_wait_answer(first);
  g_assert_cmpint(first->verdict, ==, MG_AUTH_YES);
  g_autoptr(Asker) second = asker_new(f->harness, "sekrit", "");
  asker_wait_answer(second);
  g_assert_cmpint(second->verdict, ==, MG_AUTH_DENIED);
  g_assert_cmpstr(second->reason, ==, "Somebody publishes with this key already.");
  g_assert_cmpuint(first->n_revoked, ==, 0);
  asker_end(first, "closed by peer");
  g_assert_cmpint(answer_to(f, "sekrit", ""), ==, MG_AUTH_YES);
}

static void
test_a_key_replaces_its_publisher(Fixture *f, gconstpointer data)
{
  open_with_secret(f, "on-duplicate='replace'");
  g_autoptr(Asker) first = asker_new(f->harness, "sekrit", "");
  asker_wait_answer(first);
  g_autoptr(Asker) second = asker_new(f->harness, "sekrit", "");
  asker_wait_answer(second);
  g_assert_cmpint(second->verdict, ==, MG_AUTH_YES);
  asker_wait_revocation(first);
  g_assert_cmpstr(first->revocation, ==, "Another publisher uses the key.");
}

/* The pipeline knows what to do with two of them. */
static void
test_a_key_has_several_publishers(Fixture *f, gconstpointer data)
{
  open_with_secret(f, "");
  g_autoptr(Asker) first = asker_new(f->harness, "sekrit", "");
  asker_wait_answer(first);
  g_autoptr(Asker) second = asker_new(f->harness, "sekrit", "");
  asker_wait_answer(second);
  g_assert_cmpint(second->verdict, ==, MG_AUTH_YES);
  g_assert_cmpuint(first->n_revoked, ==, 0);
}

/*
 * Also where connect did not say enough to ask for a login: a key alone is not enough in such an
 * app.
 */
static void
test_a_login_is_needed_where_it_is_required(Fixture *f, gconstpointer data)
{
  open_with(f,
            "<auth><login app='live'/>"
            "<key app='live' stream='stage' secret-file='%s' login='yes'/></auth>",
            f->secret_file);
  g_autoptr(Asker) without = asker_new(f->harness, "sekrit", "");
  g_autoptr(Asker) connecting =
      asker_new_full(f->harness, (MgAuthRequest){ .action = MG_AUTH_CONNECT });
  asker_wait_answer(connecting);
  g_assert_cmpint(connecting->verdict, ==, MG_AUTH_LATER);
  g_assert_nonnull(strstr(connecting->reason, "code=403 need auth; authmod=adobe"));
  g_assert_false(without->is_answered);
  mg_harness_advance(f->harness, MG_SECOND);
  asker_wait_answer(without);
  g_assert_cmpint(without->verdict, ==, MG_AUTH_BAD_KEY);
}

static void
test_players_need_no_key(Fixture *f, gconstpointer data)
{
  open_with_secret(f, "");
  g_autoptr(Asker) player =
      asker_new_full(f->harness, (MgAuthRequest){ .action = MG_AUTH_PLAY, .stream = "stage" });
  asker_wait_answer(player);
  g_assert_cmpint(player->verdict, ==, MG_AUTH_YES);
  g_assert_cmpstr(player->stream, ==, "stage");
}

/* --- what changes ------------------------------------------------------------------------------- */

static void
test_keys_come_and_go(Fixture *f, gconstpointer data)
{
  g_autofree char *one = add_key(f, "one");
  open_with(f, "keys-file='%s'", f->keys_file);
  g_autoptr(Asker) first = asker_new(f->harness, one, "");
  asker_wait_answer(first);
  g_assert_cmpstr(first->stream, ==, "one");
  g_autofree char *two = add_key(f, "two");
  remove_key(f, one);
  mg_harness_advance(f->harness, MG_SECOND);
  asker_wait_revocation(first);
  g_assert_cmpstr(first->revocation, ==, "The key has been revoked.");
  g_assert_cmpint(answer_to(f, two, ""), ==, MG_AUTH_YES);
  g_autoptr(Asker) again = asker_new(f->harness, one, "");
  g_assert_cmpint(answer_to(f, two, ""), ==, MG_AUTH_YES);
  mg_harness_advance(f->harness, MG_SECOND);
  asker_wait_answer(again);
  g_assert_cmpint(again->verdict, ==, MG_AUTH_BAD_KEY);
  g_assert_cmpuint(first->n_revoked, ==, 1);
  g_assert_cmpuint(mg_harness_counter(f->harness, "revoked"), ==, 1);
}

/* A webhook that answers when it is told to. */
typedef struct {
  int listener, connection;
  guint port;
} Hook;

static void
hook_listen(Hook *hook)
{
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  struct timeval patience = { .tv_sec = 10 };
  hook->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(hook->listener, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  g_assert_cmpint(bind(hook->listener, (struct sockaddr *) &at, sizeof at), ==, 0);
  g_assert_cmpint(listen(hook->listener, 1), ==, 0);
  getsockname(hook->listener, (struct sockaddr *) &at, &(socklen_t){ sizeof at });
  hook->port = ntohs(at.sin_port);
}

static void
hook_accept(Hook *hook)
{
  hook->connection = accept4(hook->listener, NULL, NULL, SOCK_CLOEXEC);
  g_assert_cmpint(hook->connection, >=, 0);
}

static void
hook_allow(const Hook *hook)
{
  static const char yes[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
  g_assert_cmpint(write(hook->connection, yes, sizeof yes - 1), ==, sizeof yes - 1);
}

static void
hook_close(const Hook *hook)
{
  close(hook->connection);
  close(hook->listener);
}

/* Files are looked at behind the first of these answers, at the latest. */
static void
wait_for_a_look(Fixture *f)
{
  mg_harness_advance(f->harness, MG_SECOND);
  for (guint i = 0; i < 2; i++) {
    g_autoptr(Asker) asker =
        asker_new_full(f->harness, (MgAuthRequest){ .action = MG_AUTH_CONNECT });
    asker_wait_answer(asker);
  }
}

/* The webhook knows nothing of it, and says yes. */
static void
test_a_key_goes_while_the_webhook_is_asked(Fixture *f, gconstpointer data)
{
  Hook hook;
  hook_listen(&hook);
  g_autofree char *one = add_key(f, "one");
  g_autofree char *element = g_strdup_printf(
      "<auth keys-file='%s' webhook='http://127.0.0.1:%u/' webhook-secret-file='%%s' "
      "webhook-timeout='10s'/>",
      f->keys_file, hook.port);
  open_with(f, element, f->secret_file);
  g_autoptr(Asker) asker = asker_new(f->harness, one, "");
  hook_accept(&hook);
  remove_key(f, one);
  wait_for_a_look(f);
  g_assert_false(asker->is_answered);
  hook_allow(&hook);
  asker_wait_answer(asker);
  g_assert_cmpint(asker->verdict, ==, MG_AUTH_DENIED);
  g_assert_cmpstr(asker->reason, ==, "The key has been revoked.");
  hook_close(&hook);
}

static void
test_a_broken_file_changes_nothing(Fixture *f, gconstpointer data)
{
  g_autofree char *one = add_key(f, "one");
  open_with(f, "keys-file='%s'", f->keys_file);
  g_autoptr(Asker) first = asker_new(f->harness, one, "");
  asker_wait_answer(first);
  g_assert_true(g_file_set_contents_full(f->keys_file, "nonsense\n", -1, 0, 0600, NULL));
  look_again(f, one);
  g_unlink(f->keys_file);
  look_again(f, one);
  g_assert_cmpuint(first->n_revoked, ==, 0);
}

/* The harness's clock starts at 2026-01-01 00:00:00 UTC. */
static void
test_a_key_expires_while_it_is_used(Fixture *f, gconstpointer data)
{
  open_with_secret(f, "until='2026-01-01T00:10:00Z'");
  g_autoptr(Asker) asker = asker_new(f->harness, "sekrit", "");
  asker_wait_answer(asker);
  g_assert_cmpint(asker->verdict, ==, MG_AUTH_YES);
  mg_harness_advance(f->harness, 601 * MG_SECOND);
  asker_wait_revocation(asker);
  g_assert_cmpstr(asker->revocation, ==, "The key has expired.");
}

/* --- tickets ------------------------------------------------------------------------------------ */

static void
test_callbacks_wait_for_a_connection_on_its_way(Fixture *f, gconstpointer data)
{
  g_autofree char *one = add_key(f, "one"), *two = add_key(f, "two");
  open_with(f, "keys-file='%s'", f->keys_file);
  g_autoptr(Asker) moving = asker_new(f->harness, one, "");
  g_autoptr(Asker) other = asker_new(f->harness, two, "");
  asker_wait_answer(moving);
  asker_wait_answer(other);
  moving->table->move(moving->ticket, NULL);
  remove_key(f, one);
  remove_key(f, two);
  mg_harness_advance(f->harness, MG_SECOND);
  asker_wait_revocation(other);
  asker_wait(other, mg_harness_counter(f->harness, "revoked") == 2);
  mg_harness_run(f->harness);
  g_assert_cmpuint(moving->n_revoked, ==, 0);
  moving->table->move(moving->ticket, mg_lane_current());
  g_assert_cmpuint(moving->n_revoked, ==, 0);
  mg_harness_run(f->harness);
  g_assert_cmpuint(moving->n_revoked, ==, 1);
}

/* The asker asserts that nothing is said to a ticket that has ended. */
static void
test_who_has_gone_hears_nothing(Fixture *f, gconstpointer data)
{
  open_with_secret(f, "");
  g_autoptr(Asker) gone = asker_new(f->harness, "sekrit", "");
  asker_end(gone, "gone");
  g_autoptr(Asker) gone_later = asker_new(f->harness, "sekrit", "");
  asker_wait(gone_later, mg_harness_counter(f->harness, "allowed") == 2);
  asker_wait_answer(gone_later);
  asker_end(gone_later, "gone");
  g_assert_cmpint(answer_to(f, "sekrit", ""), ==, MG_AUTH_YES);
  g_assert_false(gone->is_answered);
}

static void
test_a_closed_service_says_no(Fixture *f, gconstpointer data)
{
  open_with_secret(f, "");
  gpointer service;
  const MgAuthInterface *table =
      mg_service_find(mg_harness_node(f->harness), MG_AUTH_SERVICE, &service, NULL);
  table->hold(service);
  g_autoptr(Asker) before = asker_new(f->harness, "sekrit", "");
  asker_wait_answer(before);
  g_assert_true(mg_harness_reopen(f->harness, NULL));
  g_autoptr(Asker) asker = asker_new(f->harness, "sekrit", "");
  asker_wait_answer(asker);
  g_assert_cmpint(asker->verdict, ==, MG_AUTH_YES);
  Asker *late = asker_new_of(f->harness, table, service, (MgAuthRequest){ .stream = "sekrit" });
  asker_wait_answer(late);
  g_assert_cmpint(late->verdict, ==, MG_AUTH_DENIED);
  asker_free(late);
  table->release(service);
}

/* --- opening ------------------------------------------------------------------------------------ */

static void
check_refused(const char *element, const char *message_end)
{
  g_autoptr(GError) error = NULL;
  g_assert_null(mg_harness_new(&auth_class, element, &error));
  g_assert_nonnull(error);
  g_test_message("%s", error->message);
  g_assert_true(g_str_has_suffix(error->message, message_end));
  g_assert_null(strstr(error->message, "sekrit"));
}

static void
test_refuses_to_open(Fixture *f, gconstpointer data)
{
  g_autofree char *open_file =
      g_strdup_printf("<auth><key app='a' stream='b' secret-file='%s'/></auth>", f->secret_file);
  check_refused("", "without a <key>, a keys-file, a database or a webhook nobody could publish");
  check_refused("webhook='ftp://sekrit@x/' webhook-secret-file='x'",
                "webhook: it is no http:// or https:// URL");
  check_refused("webhook='http://sekrit@x/'",
                "webhook-secret-file: it is needed to sign what the webhook gets");
  check_refused("webhook='http://x/' webhook-secret-file='/nowhere'",
                "/nowhere: No such file or directory");
  check_refused("<auth><key app='a' stream='b'/></auth>",
                "key: hash: a key needs either this or secret-file");
  check_refused("<auth><key app='a' stream='b' hash='sekrit'/></auth>",
                "key: hash: it is none: `mediagraph key add` makes one");
  check_refused("<auth><key app='a' stream='b' hash='x' login='yes'/></auth>",
                "key: login: it needs a secret-file; a hash is not enough for it");
  check_refused("keys-file='/nowhere/keys'", "/nowhere/keys: No such file or directory");
  g_assert_cmpint(g_chmod(f->secret_file, 0644), ==, 0);
  check_refused(open_file, "others can read or change it; run `chmod 640` on it, or 600");
}

#define ADD(name, test) g_test_add("/auth/node/" name, Fixture, NULL, set_up, test, tear_down)

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  ADD("says-yes-and-what-it-is-called", test_says_yes_and_what_it_is_called);
  ADD("a-wrong-key-is-answered-late", test_a_wrong_key_is_answered_late);
  ADD("a-key-has-rules", test_a_key_has_rules);
  ADD("a-protocol-covers-no-other", test_a_protocol_covers_no_other);
  ADD("a-key-rejects-a-second-publisher", test_a_key_rejects_a_second_publisher);
  ADD("a-key-replaces-its-publisher", test_a_key_replaces_its_publisher);
  ADD("a-key-has-several-publishers", test_a_key_has_several_publishers);
  ADD("a-login-is-needed-where-it-is-required", test_a_login_is_needed_where_it_is_required);
  ADD("players-need-no-key", test_players_need_no_key);
  ADD("keys-come-and-go", test_keys_come_and_go);
  ADD("a-key-goes-while-the-webhook-is-asked", test_a_key_goes_while_the_webhook_is_asked);
  ADD("a-broken-file-changes-nothing", test_a_broken_file_changes_nothing);
  ADD("a-key-expires-while-it-is-used", test_a_key_expires_while_it_is_used);
  ADD("callbacks-wait-for-a-connection-on-its-way",
      test_callbacks_wait_for_a_connection_on_its_way);
  ADD("who-has-gone-hears-nothing", test_who_has_gone_hears_nothing);
  ADD("a-closed-service-says-no", test_a_closed_service_says_no);
  ADD("refuses-to-open", test_refuses_to_open);
  return g_test_run();
}
