#include "net/proxy.h"

#include <arpa/inet.h>
#include <string.h>

static const guint8 word[] = "PROXY ";
static const guint8 signature[] = "\r\n\r\n\0\r\nQUIT\n";

enum {
  WORD = sizeof word - 1,
  SIGNATURE = sizeof signature - 1,
  MOST_LINE = 107, /* of version 1, with its end */
  HEAD = 16,       /* of version 2, before the addresses */
  V4_BYTES = 12,   /* two addresses and two ports */
  V6_BYTES = 36,
};

/* What the fourth nibble of version 2 and the one after it say. */
enum { LOCAL = 0x20, PROXY = 0x21, TCP4 = 0x11, TCP6 = 0x21 };

/* --- version 1 ---------------------------------------------------------------------------------- */

static gboolean
parse_port(const char *text, guint16 *port)
{
  guint64 value;
  if (!g_ascii_isdigit(text[0]) || !g_ascii_string_to_unsigned(text, 10, 0, 65535, &value, NULL))
    return FALSE;
  *port = htons((guint16) value);
  return TRUE;
}

/* WORDS: "PROXY", "TCP4", the caller's address, ours, its port, ours. */
static gboolean
read_v4(char **words, MgAddress *peer)
{
  struct in_addr ours;
  guint16 our_port;
  *peer = (MgAddress){ .v4.sin_family = AF_INET, .size = sizeof peer->v4 };
  return inet_pton(AF_INET, words[2], &peer->v4.sin_addr) == 1 &&
         inet_pton(AF_INET, words[3], &ours) == 1 && parse_port(words[4], &peer->v4.sin_port) &&
         parse_port(words[5], &our_port);
}

static gboolean
read_v6(char **words, MgAddress *peer)
{
  struct in6_addr ours;
  guint16 our_port;
  *peer = (MgAddress){ .v6.sin6_family = AF_INET6, .size = sizeof peer->v6 };
  return inet_pton(AF_INET6, words[2], &peer->v6.sin6_addr) == 1 &&
         inet_pton(AF_INET6, words[3], &ours) == 1 && parse_port(words[4], &peer->v6.sin6_port) &&
         parse_port(words[5], &our_port);
}

static MgProxyResult
read_line(const char *line, MgAddress *peer)
{
  g_auto(GStrv) words = g_strsplit(line, " ", -1);
  MgAddress told;
  if (g_strcmp0(words[1], "UNKNOWN") == 0)
    return MG_PROXY_DONE;
  if (g_strv_length(words) != 6)
    return MG_PROXY_BAD;
  gboolean is_right = g_str_equal(words[1], "TCP4")   ? read_v4(words, &told)
                      : g_str_equal(words[1], "TCP6") ? read_v6(words, &told)
                                                      : FALSE;
  if (!is_right)
    return MG_PROXY_BAD;
  *peer = told;
  return MG_PROXY_DONE;
}

static MgProxyResult
parse_1(const guint8 *bytes, gsize size, gsize *used, MgAddress *peer)
{
  const guint8 *end = memchr(bytes, '\n', MIN(size, MOST_LINE));
  if (end == NULL)
    return size < MOST_LINE ? MG_PROXY_MORE : MG_PROXY_BAD;
  gsize n = (gsize) (end - bytes);
  if (end[-1] != '\r' || memchr(bytes, '\0', n) != NULL)
    return MG_PROXY_BAD;
  g_autofree char *line = g_strndup((const char *) bytes, n - 1);
  *used = n + 1;
  return read_line(line, peer);
}

/* --- version 2 ---------------------------------------------------------------------------------- */

static MgProxyResult
read_addresses(guint family, const guint8 *bytes, gsize size, MgAddress *peer)
{
  if (family == TCP4) {
    if (size < V4_BYTES)
      return MG_PROXY_BAD;
    *peer = (MgAddress){ .v4.sin_family = AF_INET, .size = sizeof peer->v4 };
    memcpy(&peer->v4.sin_addr, bytes, 4);
    memcpy(&peer->v4.sin_port, bytes + 8, 2);
  } else if (family == TCP6) {
    if (size < V6_BYTES)
      return MG_PROXY_BAD;
    *peer = (MgAddress){ .v6.sin6_family = AF_INET6, .size = sizeof peer->v6 };
    memcpy(&peer->v6.sin6_addr, bytes, 16);
    memcpy(&peer->v6.sin6_port, bytes + 32, 2);
  }
  return MG_PROXY_DONE;
}

static MgProxyResult
parse_2(const guint8 *bytes, gsize size, gsize *used, MgAddress *peer)
{
  if (size < HEAD)
    return MG_PROXY_MORE;
  guint command = bytes[12];
  gsize length = (gsize) bytes[14] << 8 | bytes[15];
  if ((command != LOCAL && command != PROXY) || HEAD + length > MG_PROXY_MOST)
    return MG_PROXY_BAD;
  if (size < HEAD + length)
    return MG_PROXY_MORE;
  *used = HEAD + length;
  return command == LOCAL ? MG_PROXY_DONE : read_addresses(bytes[13], bytes + HEAD, length, peer);
}

MgProxyResult
mg_proxy_parse(const guint8 *bytes, gsize size, gsize *used, MgAddress *peer)
{
  if (memcmp(bytes, word, MIN(size, WORD)) == 0)
    return size < WORD ? MG_PROXY_MORE : parse_1(bytes, size, used, peer);
  if (memcmp(bytes, signature, MIN(size, SIGNATURE)) == 0)
    return size < SIGNATURE ? MG_PROXY_MORE : parse_2(bytes, size, used, peer);
  return MG_PROXY_NONE;
}
