/*
 * What the readers of AMF0 and AMF3 share: a document in the making. Private to amf0.c and amf3.c.
 *
 * Both are steps of one loop, which never recurses: a frame is an object or array that is being read,
 * whichever format it came in. AMF3 values stand inside AMF0 behind a marker, and keep tables of the
 * strings, objects and traits that later ones refer to by number; the tables last for the document.
 */
#pragma once

#include "bytes/reader.h"
#include "rtmp/amf0.h"
#include "rtmp/error.h"

/* Where a frame goes on. */
typedef enum {
  MG_AMF_IN_MEMBERS, /* AMF0: names and values, up to an end marker */
  MG_AMF_IN_LIST,    /* AMF0: LEFT values */
  MG_AMF3_IN_SEALED, /* members whose names the traits know, then perhaps dynamic ones */
  MG_AMF3_IN_NAMED,  /* names and values, up to an empty name, then LEFT values */
  MG_AMF3_IN_LIST,   /* LEFT values */
  MG_AMF3_IN_INTS,   /* LEFT numbers of 32 bits */
  MG_AMF3_IN_UINTS,
  MG_AMF3_IN_DOUBLES,
} MgAmfPlace;

typedef struct {
  guint value;
  MgAmfPlace place;
  guint32 left;
  guint trait;  /* of an AMF3 object */
  guint member; /* the next sealed one */
} MgAmfFrame;

/* The class of AMF3 objects: what all of them have. */
typedef struct {
  const char *class_name;
  guint first_name; /* in the table of names */
  guint n_names;
  gboolean is_dynamic;
} MgAmfTrait;

/* A table that grows with what is read. */
typedef struct {
  gpointer items; /* owned */
  guint n, room;
} MgAmfTable;

struct MgAmfDoc {
  MgAmf *values; /* in the order of their markers: a parent, then its children */
  guint n_values;
  guint room;
  char *pool; /* all text; as large as the input, which is always enough */
  gsize pool_used;
};

typedef struct {
  MgReader in;
  MgAmfDoc *doc;
  MgAmfFrame frames[1 + MG_AMF_DEPTH]; /* the document's own is the first */
  guint n_frames;
  gboolean is_over; /* a marker of unknown meaning: nothing behind it can be read */

  MgAmfTable strings; /* of const char *, in the pool */
  MgAmfTable objects; /* of guint: values */
  MgAmfTable traits;  /* of MgAmfTrait */
  MgAmfTable names;   /* of const char *: all traits' members */
} MgAmfParser;

/* Sets ERROR; returns FALSE. */
gboolean mg_amf_fail(GError **error, MgRtmpError code, const char *why);

/* A new last value; NULL with ERROR: too many, or no memory. */
MgAmf *mg_amf_add(MgAmfDoc *doc, MgAmfType type, const char *name, GError **error);

/* The next N bytes as text; "" on failure, which the reader remembers. */
const char *mg_amf_take_text(MgAmfParser *p, gsize n);

/* Opens FRAME; FALSE with ERROR: too deep. */
gboolean mg_amf_open(MgAmfParser *p, MgAmfFrame frame, GError **error);
void mg_amf_close(MgAmfParser *p);

/* Reads one AMF3 value, which is called NAME (may be NULL); of one that holds others, its head. */
gboolean mg_amf3_read(MgAmfParser *p, const char *name, GError **error);

/* Goes on in the innermost frame, which is one of AMF3's. */
gboolean mg_amf3_step(MgAmfParser *p, GError **error);

void mg_amf3_clear(MgAmfParser *p);
