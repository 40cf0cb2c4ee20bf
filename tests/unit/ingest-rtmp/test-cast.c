/* Whom a cast listens to: its publisher, and nobody who was that before. */
#include "ingest-rtmp/cast.h"
#include "ingest-rtmp/node.h"

#include <mediagraph/harness.h>
#include <rtmp/amf0.h>

typedef struct {
  MgHarness *harness; /* for its lane */
  Ingest ingest;
  Player player;
  guint n_heard;
} Fixture;

static void
hear(gpointer user, gconstpointer bytes, gsize size)
{
  ((Fixture *) user)->n_heard++;
}

static void
hear_data(gpointer user, MgData *data, gsize offset, gsize size)
{
  hear(user, data->bytes + offset, size);
}

static gsize
queued(gpointer user)
{
  return 0;
}

static gboolean
decodes(gpointer user, MgCodec codec)
{
  return TRUE;
}

static gboolean
takes_tracks(gpointer user)
{
  return FALSE;
}

static const PlayerOutput output = { hear_data, hear, queued, decodes, takes_tracks };

static void
on_starts(gpointer data)
{
}

static void
on_ended(gpointer data, const char *reason)
{
  player_clear(&((Fixture *) data)->player);
}

static const CastEvents events = { .ended = on_ended };

static void
set_up(Fixture *f, gconstpointer data)
{
  g_autoptr(GError) error = NULL;
  f->harness = mg_harness_new(&ingest_rtmp_class, "listen='127.0.0.1:0'", &error);
  g_assert_no_error(error);
  f->ingest = (Ingest){ .ref_count = 1, .most_players = 1, .budget.most = 1 << 20 };
  f->ingest.casts = g_hash_table_new(g_str_hash, g_str_equal);
  g_mutex_init(&f->ingest.lock);
  player_init(&f->player, &output, f, 1);
}

static void
tear_down(Fixture *f, gconstpointer data)
{
  casts_end(&f->ingest);
  mg_harness_run(f->harness);
  g_assert_cmpint(f->ingest.ref_count, ==, 1);
  g_hash_table_unref(f->ingest.casts);
  g_mutex_clear(&f->ingest.lock);
  mg_harness_free(f->harness);
}

static void
say_metadata(Cast *cast, gpointer owner)
{
  g_auto(MgWriter) body = MG_WRITER_INIT;
  mg_amf_write_string(&body, "onMetaData");
  mg_amf_write_object_begin(&body);
  mg_amf_write_property_number(&body, "width", 1280);
  mg_amf_write_end(&body);
  MgRtmpMessage message = { .type = MG_RTMP_DATA, .data = body.data, .size = body.size };
  cast_take_data(cast, owner, &message);
}

/* Who has taken the name over is not interrupted, and what nobody frees is not kept. */
static void
test_metadata(Fixture *f, gconstpointer data)
{
  int first, second;
  Cast *before = cast_publish(&f->ingest, "live", "studio", &first);
  Cast *cast = cast_publish(&f->ingest, "live", "studio", &second);
  CastSeat seat = { &f->player, on_starts, &events, f };
  g_assert_true(cast == before);
  g_assert_true(cast_add(cast, &seat, NULL));
  say_metadata(cast, &first);
  g_assert_cmpuint(f->n_heard, ==, 0);
  say_metadata(cast, &second);
  g_assert_cmpuint(f->n_heard, ==, 1);
  casts_end(&f->ingest);
  mg_harness_run(f->harness);
  say_metadata(cast, &second);
  cast_unpublish(before, &first);
  cast_unpublish(cast, &second);
}

int
main(int argc, char *argv[])
{
  g_test_init(&argc, &argv, NULL);
  g_test_add("/ingest-rtmp/cast/metadata-is-its-publisher's", Fixture, NULL, set_up, test_metadata,
             tear_down);
  return g_test_run();
}
