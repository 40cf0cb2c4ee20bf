/*
 * Program specific information: which programmes there are, and what each consists of (ISO/IEC
 * 13818-1 clauses 2.4.4.3 to 2.4.4.10). The programme association table (PAT) has PID 0 and names
 * the PID of each programme's map (PMT).
 *
 * What is parsed borrows from the section. Any thread.
 */
#pragma once

#include "mpegts/section.h"

enum {
  MG_TS_MOST_PROGRAMMES = 64, /* of a PAT; those beyond are not seen */
  MG_TS_MOST_STREAMS = 32,    /* of a PMT; those beyond are not seen */
};

typedef struct {
  guint16 number;
  guint16 map_pid;
} MgTsProgramme;

typedef struct {
  guint16 transport_stream_id;
  guint8 version;
  guint n_programmes;
  MgTsProgramme programmes[MG_TS_MOST_PROGRAMMES];
} MgTsPat;

/* Descriptors in a row: tag, length, body each (2.6). */
typedef struct {
  const guint8 *data; /* borrowed */
  gsize size;
} MgTsDescriptors;

typedef struct {
  guint8 type; /* stream_type (table 2-34) */
  guint16 pid;
  MgTsDescriptors descriptors;
} MgTsStream;

typedef struct {
  guint16 programme;
  guint8 version;
  guint16 pcr_pid; /* MG_TS_NULL_PID: no clock */
  MgTsDescriptors descriptors;
  guint n_streams;
  MgTsStream streams[MG_TS_MOST_STREAMS];
} MgTsPmt;

/*
 * Parse a section. FALSE for another table, one that is not in force yet, and one that its CRC or
 * its lengths tell damaged.
 */
gboolean mg_ts_pat_parse(const guint8 *section, gsize size, MgTsPat *pat);
gboolean mg_ts_pmt_parse(const guint8 *section, gsize size, MgTsPmt *pmt);

/* Append a section. A PMT's descriptors must fit MG_TS_MOST_SECTION / 4 bytes in all. */
void mg_ts_pat_write(const MgTsPat *pat, MgWriter *out);
void mg_ts_pmt_write(const MgTsPmt *pmt, MgWriter *out);

/* The body of the first descriptor of TAG; FALSE when there is none. */
gboolean mg_ts_descriptor_find(const MgTsDescriptors *descriptors, guint tag,
                               MgTsDescriptors *body);

/* The format_identifier of the first registration descriptor (2.6.8), or 0. */
guint32 mg_ts_descriptor_registration(const MgTsDescriptors *descriptors);
