#include "hex.h"
#include "rtmp/chunk.h"
#include "rtmp/error.h"

/* Memory that keeps a list of what was asked for. */
typedef struct {
  GString *sizes;
  guint n_alive;
  gsize alive_bytes;
  gsize fails_above;
} Memory;

typedef struct {
  gsize size;
  guint8 bytes[];
} Block;

static gpointer
block_alloc(gsize size, guint8 **bytes, gpointer user)
{
  Memory *m = user;
  if (m->fails_above > 0 && size > m->fails_above)
    return NULL;
  Block *b = g_malloc(sizeof *b + size);
  b->size = size;
  *bytes = b->bytes;
  m->n_alive++;
  m->alive_bytes += size;
  g_string_append_printf(m->sizes, "%" G_GSIZE_FORMAT " ", size);
  return b;
}

static void
block_free(gpointer block, gpointer user)
{
  Memory *m = user;
  Block *b = block;
  m->n_alive--;
  m->alive_bytes -= b->size;
  g_free(b);
}

static const MgRtmpMemory block_memory = { block_alloc, block_free };

static void
memory_clear(Memory *m)
{
  g_string_free(m->sizes, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Memory, memory_clear)

static void
put_message(MgRtmpChunkWriter *w, MgWriter *bytes, guint32 csid, gsize size)
{
  g_autofree guint8 *payload = g_malloc0(size);
  MgRtmpMessage m = { .csid = csid, .type = 9, .data = payload, .size = size };
  mg_rtmp_chunk_write(w, bytes, &m);
}

/* Feeds BYTES in pieces; each message must be a whole block. Returns their number. */
static guint
read_blocks(MgRtmpChunkReader *r, const MgWriter *bytes, gsize split)
{
  guint n = 0;
  MgRtmpMessage m;
  for (gsize at = 0; at < bytes->size; at += split) {
    MgReader in = MG_READER(bytes->data + at, MIN(split, bytes->size - at));
    while (mg_rtmp_chunk_reader_next(r, &in, &m, NULL) == MG_RTMP_CHUNK_MESSAGE) {
      Block *b = m.block;
      g_assert_cmpuint(b != NULL ? b->size : 0, ==, m.size);
      g_assert_true(m.data == (b != NULL ? b->bytes : NULL));
      mg_rtmp_chunk_reader_release(r, &m);
      g_assert_null(m.block);
      n++;
    }
  }
  return n;
}

static void
test_memory_grows_with_what_arrives(void)
{
  g_auto(Memory) memory = { .sizes = g_string_new(NULL) };
  g_autoptr(MgRtmpChunkReader) r = mg_rtmp_chunk_reader_new(NULL, &block_memory, &memory);
  const char *announce = "04 000000 ffffff 09 00000000 aa";
  g_auto(MgWriter) bytes = MG_WRITER_INIT;
  put_hex(&bytes, announce);
  g_assert_cmpuint(read_blocks(r, &bytes, 100), ==, 0);
  g_assert_cmpstr(memory.sizes->str, ==, "65536 ");
  g_assert_cmpuint(memory.alive_bytes, ==, 65536);
}

static void
test_memory_is_exact(void)
{
  g_auto(Memory) memory = { .sizes = g_string_new(NULL) };
  g_auto(MgWriter) bytes = MG_WRITER_INIT;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  w.chunk_size = 4096;
  g_autoptr(MgRtmpChunkReader) r = mg_rtmp_chunk_reader_new(NULL, &block_memory, &memory);
  put_hex(&bytes, "02 000000 000004 01 00000000 00001000");
  put_message(&w, &bytes, 4, 65536);
  put_message(&w, &bytes, 4, 300000); /* fresh: in steps, twice what has been seen or is there */
  put_message(&w, &bytes, 4, 400000); /* less than twice as much: at once */
  put_message(&w, &bytes, 4, 0);
  g_assert_cmpuint(read_blocks(r, &bytes, 1000), ==, 4);
  g_assert_cmpstr(memory.sizes->str, ==, "4 65536 131072 262144 300000 400000 ");
  g_assert_cmpuint(memory.n_alive, ==, 0);
}

static void
test_memory_trusts_what_is_there(void)
{
  g_auto(Memory) memory = { .sizes = g_string_new(NULL) };
  g_auto(MgWriter) bytes = MG_WRITER_INIT;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  g_autoptr(MgRtmpChunkReader) r = mg_rtmp_chunk_reader_new(NULL, &block_memory, &memory);
  put_message(&w, &bytes, 4, 300000);
  g_assert_cmpuint(read_blocks(r, &bytes, bytes.size), ==, 1);
  g_assert_cmpstr(memory.sizes->str, ==, "300000 ");
}

static void
test_memory_is_given_back(void)
{
  g_auto(Memory) memory = { .sizes = g_string_new(NULL) };
  g_auto(MgWriter) bytes = MG_WRITER_INIT;
  MgRtmpChunkReader *r = mg_rtmp_chunk_reader_new(NULL, &block_memory, &memory);
  put_hex(&bytes, "02 000000 000004 01 00000000 00000002" /* chunks of two bytes */
                  "04 000000 000004 08 00000000 a1a2 05 000000 000006 08 00000000 b1b2"
                  "06 000000 000006 08 00000000 b1b2"
                  "06 000000 000007 08 00000000 b1b2"  /* drops the one before */
                  "42 000000 000004 02 0000 c2 0004"); /* drops csid 4's */
  g_assert_cmpuint(read_blocks(r, &bytes, 1), ==, 0);
  g_assert_cmpuint(memory.n_alive, ==, 2);
  mg_rtmp_chunk_reader_free(r);
  g_assert_cmpuint(memory.n_alive, ==, 0);
  mg_rtmp_chunk_reader_free(NULL);
}

static void
test_no_memory(void)
{
  g_auto(Memory) memory = { .sizes = g_string_new(NULL), .fails_above = 70000 };
  g_autoptr(MgRtmpChunkReader) r = mg_rtmp_chunk_reader_new(NULL, &block_memory, &memory);
  g_auto(MgWriter) bytes = MG_WRITER_INIT;
  g_autoptr(GError) error = NULL;
  MgRtmpChunkWriter w = MG_RTMP_CHUNK_WRITER_INIT;
  MgRtmpMessage m;
  put_message(&w, &bytes, 4, 100000);
  MgReader in = MG_READER(bytes.data, bytes.size);
  g_assert_cmpint(mg_rtmp_chunk_reader_next(r, &in, &m, &error), ==, MG_RTMP_CHUNK_FAILED);
  g_assert_error(error, MG_RTMP_ERROR, MG_RTMP_ERROR_MEMORY);
}

int
main(int argc, char **argv)
{
  g_test_init(&argc, &argv, NULL);
  g_test_add_func("/rtmp/chunk-memory/memory-grows-with-what-arrives",
                  test_memory_grows_with_what_arrives);
  g_test_add_func("/rtmp/chunk-memory/blocks-have-the-message's-size", test_memory_is_exact);
  g_test_add_func("/rtmp/chunk-memory/bytes-that-are-there-need-no-steps",
                  test_memory_trusts_what_is_there);
  g_test_add_func("/rtmp/chunk-memory/blocks-are-given-back", test_memory_is_given_back);
  g_test_add_func("/rtmp/chunk-memory/no-memory-is-an-error", test_no_memory);
  return g_test_run();
}
