/*
 * Sections: the form of tables, and of splice information (ISO/IEC 13818-1 clause 2.4.4; 2.4.4.11
 * for what is private). A section begins anywhere in a packet's payload, a pointer in front says
 * where, and goes on in the next packets of the PID. Those of the long form end in a CRC.
 *
 * A collector lives in its owner's memory and begins as zeros. Any thread, one at a time.
 */
#pragma once

#include "mpegts/packet.h"

enum {
  MG_TS_MOST_SECTION = 4096, /* bytes, private ones included */
  MG_TS_SECTION_HEAD = 3,    /* table id and length */
};

typedef struct {
  gsize n; /* collected; more than 0: a section has begun */
  guint8 bytes[MG_TS_MOST_SECTION];
} MgTsCollector;

/* A whole section, borrowed, valid during the call. */
typedef void (*MgTsOnSection)(const guint8 *section, gsize size, gpointer user);

/* Takes the payload of the PID's next packet, and tells of each section that ends in it. */
void mg_ts_collector_push(MgTsCollector *c, const MgTsPacket *packet, MgTsOnSection on_section,
                          gpointer user);

/* Forgets what has begun: something is missing behind it. */
void mg_ts_collector_reset(MgTsCollector *c);

/* CRC_32 of annex A; over a section with its CRC it is 0. */
guint32 mg_ts_crc(const guint8 *data, gsize size);

/*
 * Fills in the length of the section of the long form that began in OUT at AT, with a length of 0,
 * and appends its CRC.
 */
void mg_ts_section_end(MgWriter *out, gsize at);

/* Appends SECTION in packets of PID, whose COUNTER goes on. */
void mg_ts_section_write(const guint8 *section, gsize size, guint16 pid, guint8 *counter,
                         MgWriter *out);
