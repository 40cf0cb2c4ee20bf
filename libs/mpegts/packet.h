/*
 * The transport packet: 188 bytes, of which four or more are its head (ISO/IEC 13818-1 clause
 * 2.4.3.2), with an adaptation field that carries the clock, or fills what payload does not
 * (2.4.3.4).
 *
 * A packet belongs to an elementary stream or to tables by its PID. Its counter, of four bits, goes
 * up with each packet of the PID that has payload; a step in it is a loss.
 *
 * Nothing is kept. Any thread.
 */
#pragma once

#include <bytes/reader.h>
#include <bytes/writer.h>

enum {
  MG_TS_PACKET_BYTES = 188,
  MG_TS_SYNC = 0x47,
  MG_TS_PAT_PID = 0,
  MG_TS_NULL_PID = 0x1fff,
  MG_TS_PIDS = 0x2000,
  MG_TS_STAMP_RATE = 90000,             /* PTS and DTS */
  MG_TS_CLOCK_RATE = 27000000,          /* PCR */
  MG_TS_FIRST_FREE_PID = 0x10,          /* those before are reserved, or DVB's */
  MG_TS_MOST_PAYLOAD = 184,             /* of a packet without adaptation field */
  MG_TS_STAMP_TICKS = 27000000 / 90000, /* of the clock */
};

/* Stamps and clock values are not negative; this is none. */
#define MG_TS_NONE ((gint64) -1)

/* PTS and DTS count in 33 bits; the clock's full range is 300 times that. */
#define MG_TS_STAMP_RANGE ((gint64) 1 << 33)
#define MG_TS_CLOCK_RANGE (MG_TS_STAMP_RANGE * 300)

typedef struct {
  guint16 pid;
  guint8 counter;    /* of the payload */
  gboolean is_start; /* a PES packet begins here, or the first section does somewhere */
  gboolean has_payload;
  gboolean is_broken; /* transport_error_indicator: the bytes are not to be trusted */
  gboolean is_scrambled;
  gboolean is_discontinuous; /* counter or clock begin anew, on purpose */
  gboolean is_random_access; /* decoding can begin here */
  gint64 pcr;                /* in ticks of the clock, or MG_TS_NONE */
  const guint8 *payload;     /* borrowed */
  gsize payload_size;
} MgTsPacket;

/*
 * Parses the 188 bytes at DATA. FALSE when they are no transport packet; PACKET is undefined then.
 */
gboolean mg_ts_packet_parse(const guint8 *data, MgTsPacket *packet);

/*
 * Appends the head of a packet to OUT, payload and its size aside, with as much filling in the
 * adaptation field that the payload ends the packet. LEFT is how much payload there is; returns how
 * many bytes of it the caller must append to complete the packet. With 0 there is an adaptation
 * field alone.
 */
gsize mg_ts_packet_write(const MgTsPacket *packet, gsize left, MgWriter *out);

/* Appends a packet that means nothing. */
void mg_ts_packet_write_null(MgWriter *out);
