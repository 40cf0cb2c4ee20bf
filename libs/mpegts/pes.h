/*
 * The head of a PES packet: how access units travel in a stream of transport packets (ISO/IEC
 * 13818-1 clauses 2.4.3.6 and 2.4.3.7). It says when its first access unit is to be shown and
 * decoded.
 *
 * Nothing is kept. Any thread.
 */
#pragma once

#include "mpegts/packet.h"

enum {
  MG_TS_PES_VIDEO = 0xe0, /* stream_id */
  MG_TS_PES_AUDIO = 0xc0,
  MG_TS_PES_PRIVATE = 0xbd,
  MG_TS_PES_METADATA = 0xfc,
};

typedef struct {
  guint8 stream_id;
  gint64 pts; /* 33 bits of 90 kHz, or MG_TS_NONE */
  gint64 dts; /* the same; MG_TS_NONE also when it is the PTS */
  gboolean is_aligned;
  gsize head_size;    /* where the payload begins */
  gsize payload_size; /* 0: up to the next PES packet (video only), or none */
  gboolean is_open;   /* it is the former */
} MgTsPes;

typedef enum {
  MG_TS_PES_HEAD,
  MG_TS_PES_MORE, /* the head does not end in DATA */
  MG_TS_PES_BAD,
} MgTsPesResult;

/* Parses the head that DATA begins with. PES is set on HEAD only. */
MgTsPesResult mg_ts_pes_parse(const guint8 *data, gsize size, MgTsPes *pes);

/*
 * Appends the head of an aligned packet: stream_id, stamps (reduced to 33 bits) and payload_size
 * count. A payload that is too large for a length is announced as open. A DTS that equals the PTS
 * is left out.
 */
void mg_ts_pes_write(const MgTsPes *pes, MgWriter *out);

/* Whether the length of so much payload can be announced. */
gboolean mg_ts_pes_fits(gsize payload_size);
