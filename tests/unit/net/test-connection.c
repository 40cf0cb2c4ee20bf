#include "peer.h"

#include "loop/lane.h"
#include "net/private.h"

#include <string.h>
#include <unistd.h>

enum { LARGE = 6 << 20 };

static void
echo(Peer *peer, const guint8 *bytes, gsize size)
{
  mg_connection_write(peer->connection, bytes, size);
}

static void
test_echo(void)
{
  Server s = { .received = echo };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "hello, ");
  mg_client_send_text(fd, "world");
  g_autofree char *back = mg_client_receive(fd, 12);
  g_assert_cmpstr(back, ==, "hello, world");
  close(fd);
  server_wait_closed(&s, 1);
  g_assert_cmpstr(s.reason, ==, "closed by peer");
  server_stop(&s);
}

static void
write_three_pieces(Peer *peer, const guint8 *bytes, gsize size)
{
  mg_connection_write(peer->connection, "head;", 5);
  mg_connection_write_data(peer->connection, mg_data_new_copy("[body]", 6), 1, 4);
  mg_connection_write(peer->connection, ";tail", 5);
  g_assert_cmpuint(mg_connection_queued(peer->connection), ==, 14);
}

static void
test_writes_of_a_callback_leave_together(void)
{
  Server s = { .received = write_three_pieces };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "x");
  g_assert_true(mg_client_has_input(fd, 10000));
  char block[64];
  g_assert_cmpint(read(fd, block, sizeof block), ==, 14);
  g_assert_cmpmem(block, 14, "head;body;tail", 14);
  server_wait_drained(&s, 1);
  close(fd);
  server_stop(&s);
}

static MgData *
large_data(void)
{
  MgData *data = mg_data_new(LARGE);
  for (gsize i = 0; i < LARGE; i++)
    data->bytes[i] = (guint8) (i * 31 >> 3);
  return data;
}

static void
assert_large(const char *bytes, gsize size)
{
  g_autoptr(MgData) expected = large_data();
  g_assert_cmpuint(size, ==, LARGE);
  g_assert_cmpint(memcmp(bytes, expected->bytes, LARGE), ==, 0);
}

/* In many slices, so that it takes several calls. */
static void
write_large(Peer *peer, const guint8 *bytes, gsize size)
{
  g_autoptr(MgData) data = large_data();
  for (gsize at = 0; at < LARGE; at += LARGE / 512)
    mg_connection_write_data(peer->connection, mg_data_ref(data), at, LARGE / 512);
}

static void
test_large_write_arrives_whole(void)
{
  Server s = { .received = write_large };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "x");
  g_autofree char *bytes = mg_client_receive(fd, LARGE);
  assert_large(bytes, LARGE);
  server_wait_drained(&s, 1);
  g_assert_cmpuint(s.n_drained, ==, 1);
  close(fd);
  server_stop(&s);
}

static void
write_more(Peer *peer)
{
  if (mg_connection_sent(peer->connection) < 40)
    mg_connection_write(peer->connection, "0123456789", 10);
}

static void
test_drained_may_write_more(void)
{
  Server s = { .received = echo, .drained = write_more };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "abcdefghij");
  g_autofree char *bytes = mg_client_receive(fd, 40);
  g_assert_cmpstr(bytes, ==, "abcdefghij012345678901234567890123456789");
  server_wait_drained(&s, 4);
  close(fd);
  server_stop(&s);
}

static void
test_half_closed_peer_gets_its_answer(void)
{
  Server s = { .received = write_large };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "x");
  mg_client_end(fd);
  gsize size;
  g_autofree char *bytes = mg_client_receive_all(fd, &size, NULL);
  assert_large(bytes, size);
  server_wait_closed(&s, 1);
  close(fd);
  server_stop(&s);
}

static void
write_large_and_close(Peer *peer, const guint8 *bytes, gsize size)
{
  write_large(peer, bytes, size);
  mg_connection_close(peer->connection, "that was all", 10 * MG_SECOND);
  mg_connection_write(peer->connection, "ignored", 7);
}

/* Unread input at the time of close(2) would become a reset, which destroys what is under way. */
static void
test_close_sends_all_despite_unread_input(void)
{
  Server s = { .received = write_large_and_close };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  g_autofree char *much = g_strnfill(300000, 'x');
  mg_client_send(fd, much, 300000);
  g_autofree char *bytes = mg_client_receive(fd, LARGE);
  assert_large(bytes, LARGE);
  mg_client_send_text(fd, "more");
  gsize left;
  g_free(mg_client_receive_all(fd, &left, NULL));
  g_assert_cmpuint(left, ==, 0);
  close(fd);
  server_wait_closed(&s, 1);
  g_assert_cmpstr(s.reason, ==, "that was all");
  server_stop(&s);
}

static void
close_soon(Peer *peer, const guint8 *bytes, gsize size)
{
  mg_connection_close(peer->connection, "enough", 50 * MG_MILLISECOND);
}

static void
test_linger_ends(void)
{
  Server s = { .received = close_soon };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "x");
  server_wait_closed(&s, 1);
  g_assert_cmpstr(s.reason, ==, "enough");
  close(fd);
  server_stop(&s);
}

static void
write_large_and_abort(Peer *peer, const guint8 *bytes, gsize size)
{
  write_large(peer, bytes, size);
  mg_connection_abort(peer->connection, "first reason");
  mg_connection_abort(peer->connection, "second reason");
  mg_connection_write(peer->connection, "ignored", 7);
}

static void
test_abort_cuts_with_a_reset(void)
{
  Server s = { .received = write_large_and_abort };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "x");
  gboolean is_reset;
  g_free(mg_client_receive_all(fd, NULL, &is_reset));
  g_assert_true(is_reset);
  server_wait_closed(&s, 1);
  g_assert_cmpstr(s.reason, ==, "first reason");
  close(fd);
  server_stop(&s);
}

static void
test_write_limit(void)
{
  MgListenOptions options = { .size = sizeof options, .max_write_queue_bytes = LARGE - 1 };
  Server s = { .received = write_large };
  server_start(&s, &options);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "x");
  gboolean is_reset;
  g_free(mg_client_receive_all(fd, NULL, &is_reset));
  g_assert_true(is_reset);
  server_wait_closed(&s, 1);
  g_assert_nonnull(strstr(s.reason, "too slowly"));
  close(fd);
  server_stop(&s);
}

static void
stop_reading(Peer *peer, const guint8 *bytes, gsize size)
{
  mg_connection_set_reading(peer->connection, FALSE);
}

static void
read_again(gpointer data)
{
  mg_connection_set_reading(((Peer *) data)->connection, TRUE);
}

static void
do_nothing(gpointer data)
{
}

static void
test_reading_can_be_stopped(void)
{
  Server s = { .received = stop_reading };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  mg_client_send_text(fd, "first");
  server_wait_input(&s, "first");
  mg_client_send_text(fd, ",second");
  for (guint i = 0; i < 100; i++)
    run_on_lane(i % 2, do_nothing, NULL);
  server_wait_input(&s, "first");
  guint lane = ((Peer *) s.last)->connection->net->index;
  run_on_lane(lane, read_again, s.last);
  server_wait_input(&s, "first,second");
  close(fd);
  run_on_lane(lane, read_again, s.last);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

static MgLane *
other_lane(void)
{
  return mg_lane_io(mg_lane_current() == mg_lane_io(0) ? 1 : 0);
}

static void
after_move(gpointer data)
{
  Peer *peer = data;
  g_assert_true(mg_lane_current() == mg_lane_io(peer->connection->net->index));
  mg_connection_write(peer->connection, "moved;", 6);
}

static void
echo_and_move(Peer *peer, const guint8 *bytes, gsize size)
{
  mg_connection_write(peer->connection, bytes, size);
  mg_connection_move(peer->connection, other_lane(), after_move);
}

static void
test_move(void)
{
  Server s = { .received = echo_and_move };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  MgLane *before = NULL;
  for (guint i = 0; i < 20; i++) {
    mg_client_send_text(fd, "ping;");
    g_autofree char *back = mg_client_receive(fd, 11);
    g_assert_cmpstr(back, ==, "ping;moved;");
    g_mutex_lock(&s.lock);
    g_assert_true(s.last_lane != before);
    before = s.last_lane;
    g_mutex_unlock(&s.lock);
  }
  close(fd);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

/* It may be closed while it is on its way: THEN still comes, then closed(). */
static gboolean
be_patient(Peer *peer)
{
  mg_connection_set_patient(peer->connection, TRUE);
  return TRUE;
}

static void
test_patient_move(void)
{
  Server s = { .accepted = be_patient, .received = echo_and_move };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  for (guint i = 0; i < 20; i++) {
    mg_client_send_text(fd, "ping;");
    g_autofree char *back = mg_client_receive(fd, 11);
    g_assert_cmpstr(back, ==, "ping;moved;");
  }
  close(fd);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

static void
test_close_during_move(void)
{
  for (guint i = 0; i < 50; i++) {
    Server s = { .received = echo_and_move };
    server_start(&s, NULL);
    int fd = mg_client_connect(s.port);
    mg_client_send_text(fd, "ping");
    g_free(mg_client_receive(fd, 1));
    server_stop(&s);
    close(fd);
  }
}

static gboolean
move_at_once(Peer *peer)
{
  mg_connection_move(peer->connection, other_lane(), after_move);
  return TRUE;
}

static void
test_move_from_accepted(void)
{
  Server s = { .accepted = move_at_once };
  server_start(&s, NULL);
  int fd = mg_client_connect(s.port);
  g_autofree char *back = mg_client_receive(fd, 6);
  g_assert_cmpstr(back, ==, "moved;");
  close(fd);
  server_wait_closed(&s, 1);
  server_stop(&s);
}

static void
write_peer(Peer *peer, const guint8 *bytes, gsize size)
{
  const char *text = mg_connection_peer(peer->connection);
  mg_connection_write(peer->connection, text, strlen(text));
  mg_connection_write(peer->connection, "\n", 1);
}

static void
test_names(void)
{
  Server s = { .received = write_peer };
  server_start(&s, NULL);
  int fd = mg_client_connect_from("127.0.0.9", s.port);
  mg_client_send_text(fd, "x");
  g_autofree char *names = mg_client_receive_until(fd, "\n");
  g_assert_true(g_str_has_prefix(names, "127.0.0.9:"));
  close(fd);
  server_stop(&s);
}

static void
test_idle_is_small(void)
{
  g_assert_cmpuint(sizeof(MgConnection), <=, 640);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  mg_lanes_start(2);
  g_test_add_func("/net/connection/echo-comes-back-in-order", test_echo);
  g_test_add_func("/net/connection/writes-of-one-callback-leave-together",
                  test_writes_of_a_callback_leave_together);
  g_test_add_func("/net/connection/large-write-arrives-whole", test_large_write_arrives_whole);
  g_test_add_func("/net/connection/drained-may-write-more", test_drained_may_write_more);
  g_test_add_func("/net/connection/half-closed-peer-gets-its-answer",
                  test_half_closed_peer_gets_its_answer);
  g_test_add_func("/net/connection/close-sends-all-despite-unread-input",
                  test_close_sends_all_despite_unread_input);
  g_test_add_func("/net/connection/linger-ends", test_linger_ends);
  g_test_add_func("/net/connection/abort-cuts-with-a-reset", test_abort_cuts_with_a_reset);
  g_test_add_func("/net/connection/too-much-waiting-closes", test_write_limit);
  g_test_add_func("/net/connection/reading-can-be-stopped", test_reading_can_be_stopped);
  g_test_add_func("/net/connection/moves-between-lanes-without-losing-bytes", test_move);
  g_test_add_func("/net/connection/patient-one-moves-without-losing-bytes", test_patient_move);
  g_test_add_func("/net/connection/listener-closes-during-a-move", test_close_during_move);
  g_test_add_func("/net/connection/moves-from-accepted", test_move_from_accepted);
  g_test_add_func("/net/connection/knows-both-addresses", test_names);
  g_test_add_func("/net/connection/idle-one-is-small", test_idle_is_small);
  int failed = g_test_run();
  mg_lanes_stop();
  return failed;
}
