/*
 * Property tables: one table describes a node's attributes for everyone.
 *
 * From the table come the parser of values, the errors, defaults, `inspect`, the schema, the docs and
 * reload. Values are stored straight into the node's private struct, at the offset the table names,
 * before open() is called; the engine frees them after close(). Child elements have tables of their own
 * and are stored as an array of structs.
 *
 *   typedef struct { char *dir; MgTime segment; gint64 window_bytes; } Self;
 *   static const MgProp props[] = {
 *     MG_PROP_STRING(Self, dir, NULL, 0, "also write files into this folder"),
 *     MG_PROP_TIME(Self, segment, "4s", "500ms", "60s", 0, "target duration of a segment"),
 *     { 0 },
 *   };
 */
#pragma once

#include <mediagraph/types.h>

#include <stddef.h>

G_BEGIN_DECLS

/* The C type a property is stored as stands behind each. */
typedef enum {
  MG_PROP_TYPE_NONE,    /* ends a table */
  MG_PROP_TYPE_BOOL,    /* gboolean: yes, no, true, false */
  MG_PROP_TYPE_INT,     /* gint64 */
  MG_PROP_TYPE_TIME,    /* MgTime: 500ms, 4s, 10m, 2h, 7d; a bare number is refused */
  MG_PROP_TYPE_SIZE,    /* gint64, bytes: 64KiB, 2GiB, 500MB */
  MG_PROP_TYPE_BITRATE, /* gint64, bits per second: 128k, 5M */
  MG_PROP_TYPE_STRING,  /* char *: may hold ${variables} where MG_PROP_TEMPLATE is set */
  MG_PROP_TYPE_ENUM,    /* gint, a value of `choices` */
  MG_PROP_TYPE_ADDRESS, /* char *: HOST:PORT or [V6]:PORT */
  MG_PROP_TYPE_NAME,    /* char *: [A-Za-z0-9._-]{1,128}, no leading dot */
  MG_PROP_TYPE_FLAGS, /* gint, the sum of values of `choices`, each a bit: words with spaces between */
} MgPropType;

typedef enum {
  MG_PROP_REQUIRED = 1 << 0,
  MG_PROP_RELOAD = 1 << 1, /* shown as such by `inspect`; has no effect yet: nothing is reloaded */
  MG_PROP_SECRET = 1 << 2, /* never printed */
  MG_PROP_TEMPLATE =
      1 << 3, /* ${app}, ${stream}, ${session}, ${start:FORMAT} are replaced per session */
  MG_PROP_NOT_EMPTY = 1 << 4, /* "" is refused */
  /* An address that the node listens on: a number, and refused where two of a file overlap. */
  MG_PROP_LISTEN_TCP = 1 << 5,
  MG_PROP_LISTEN_UDP = 1 << 6,
  /*
   * A file that the node reads: a warning while it cannot be. A relative path is one from the folder of the file that
   * it is written in, and is stored with that folder in front.
   */
  MG_PROP_READ_FILE = 1 << 7,
  MG_PROP_PRIVATE_FILE = 1 << 11, /* with the former: refused while others may read it (secret.h) */
  /*
   * Where an output publishes: refused where two of a pipeline have one path, and are of one class or have
   * one name under it.
   */
  MG_PROP_URL_PATH = 1 << 8,
  MG_PROP_URL_NAME = 1 << 9,
  MG_PROP_OWN_DIR = 1 << 10, /* a folder for itself: refused where two of a pipeline have one */
} MgPropFlags;

typedef struct {
  const char *word; /* NULL ends the list */
  gint value;
  const char *help;
} MgChoice;

/* Default and range are written the way the XML would write them. */
typedef struct {
  const char *name;
  MgPropType type;
  gsize offset;
  const char *initial; /* NULL: zero, or required */
  const char *lowest;  /* NULL: no bound */
  const char *highest;
  const MgChoice *choices; /* MG_PROP_TYPE_ENUM and MG_PROP_TYPE_FLAGS only */
  guint flags;             /* MgPropFlags */
  const char *help;        /* one line, lower case, no full stop */
} MgProp;

/* A kind of child element. It is stored as { T *items; guint n_items } at the two offsets. */
typedef struct {
  const char *name; /* NULL ends a table */
  gsize item_size;
  gsize items_offset;
  gsize count_offset;
  const MgProp *props;
  guint least, most;
  const char *help;
} MgChildKind;

#define MG_PROP_(S, field, prop_type, dflt, lo, hi, list, prop_flags, text)                        \
  {                                                                                                \
    .name = #field, .type = prop_type, .offset = offsetof(S, field), .initial = dflt,              \
    .lowest = lo, .highest = hi, .choices = list, .flags = prop_flags, .help = text                \
  }

/* A node's values while they are checked: MgNodeClass.check(). */
typedef struct MgCheck MgCheck;

/*
 * Refuses the value of PROPERTY (its name in the table) with a sentence, shown behind the node's and the
 * property's name, and with the value's place in the file. Do not quote a secret. From check() only.
 */
MG_API void mg_check_refuse(MgCheck *check, const char *property, const char *format, ...)
    G_GNUC_PRINTF(3, 4);

/* The same for the child element that is item INDEX of those named KIND. */
MG_API void mg_check_refuse_child(MgCheck *check, const char *kind, guint index,
                                  const char *property, const char *format, ...)
    G_GNUC_PRINTF(5, 6);

/*
 * Whether PATH is names with one '/' between each two: none at its start or end, no empty name, no "." and
 * no "..". It leads nowhere but beneath the folder that it is put behind. Any thread.
 */
MG_API gboolean mg_path_is_plain(const char *path);

/* The name in the XML is the field's, with '-' for '_'. */
#define MG_PROP_BOOL(S, f, dflt, flags, help)                                                      \
  MG_PROP_(S, f, MG_PROP_TYPE_BOOL, dflt, NULL, NULL, NULL, flags, help)
#define MG_PROP_INT(S, f, dflt, lo, hi, flags, help)                                               \
  MG_PROP_(S, f, MG_PROP_TYPE_INT, dflt, lo, hi, NULL, flags, help)
#define MG_PROP_TIME(S, f, dflt, lo, hi, flags, help)                                              \
  MG_PROP_(S, f, MG_PROP_TYPE_TIME, dflt, lo, hi, NULL, flags, help)
#define MG_PROP_SIZE(S, f, dflt, lo, hi, flags, help)                                              \
  MG_PROP_(S, f, MG_PROP_TYPE_SIZE, dflt, lo, hi, NULL, flags, help)
#define MG_PROP_BITRATE(S, f, dflt, lo, hi, flags, help)                                           \
  MG_PROP_(S, f, MG_PROP_TYPE_BITRATE, dflt, lo, hi, NULL, flags, help)
#define MG_PROP_STRING(S, f, dflt, flags, help)                                                    \
  MG_PROP_(S, f, MG_PROP_TYPE_STRING, dflt, NULL, NULL, NULL, flags, help)
#define MG_PROP_ENUM(S, f, dflt, list, flags, help)                                                \
  MG_PROP_(S, f, MG_PROP_TYPE_ENUM, dflt, NULL, NULL, list, flags, help)
#define MG_PROP_FLAGS(S, f, dflt, list, flags, help)                                               \
  MG_PROP_(S, f, MG_PROP_TYPE_FLAGS, dflt, NULL, NULL, list, flags, help)
#define MG_PROP_ADDRESS(S, f, dflt, flags, help)                                                   \
  MG_PROP_(S, f, MG_PROP_TYPE_ADDRESS, dflt, NULL, NULL, NULL, flags, help)
#define MG_PROP_NAME(S, f, dflt, flags, help)                                                      \
  MG_PROP_(S, f, MG_PROP_TYPE_NAME, dflt, NULL, NULL, NULL, flags, help)

/* A child element: the array's field is items, its length n_items in the same struct. */
#define MG_CHILD(S, element, items, n_items, item_type, item_props, lo, hi, text)                  \
  {                                                                                                \
    .name = element, .item_size = sizeof(item_type), .items_offset = offsetof(S, items),           \
    .count_offset = offsetof(S, n_items), .props = item_props, .least = lo, .most = hi,            \
    .help = text                                                                                   \
  }

G_END_DECLS
