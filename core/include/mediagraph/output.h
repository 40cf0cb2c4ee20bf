/*
 * Outputs: nodes that offer a window's segments, each with manifests of its own.
 *
 * What such nodes have in common is here: the attributes, the window, and when manifests are written. The
 * private struct begins with an MgOutput; the class names the callbacks below as its own, and its
 * properties are fields of MgOutput, at the same offsets: `path`, `name` and `dir` with the flags
 * MG_PROP_URL_PATH, MG_PROP_URL_NAME and MG_PROP_OWN_DIR, so that two which would be in each other's way
 * are refused when the file is read. What is left to the node is to write manifests.
 *
 *   typedef struct { MgOutput output; ... } Self;
 *
 *   static gboolean
 *   open_node(MgNode *node, GError **error)
 *   {
 *     return mg_output_open(node, publish, error);
 *   }
 *
 * All on the node's lane.
 */
#pragma once

#include <mediagraph/node.h>
#include <mediagraph/window.h>

G_BEGIN_DECLS

/* What an output for low latency asks of its window. */
typedef enum {
  MG_OUTPUT_PARTS = 1 << 0,   /* parts, and `publish` with each */
  MG_OUTPUT_GROWING = 1 << 1, /* segments from their first chunk on, `publish` when one begins */
  MG_OUTPUT_NUMBERS = 1 << 2, /* each segment under its number, too: "video-n17.m4s" */
} MgOutputAsks;

/*
 * Another form of the segments, which an output puts into the window's folder itself, in place of the
 * chunks: then there are no init segments, and nothing may be asked for besides (MgOutputAsks), no `dir` either.
 */
typedef struct {
  const char *suffix; /* of the segments' names: ".ts" */
  /* Puts all of ROW, which is about to be listed; the window removes it. */
  void (*put_row)(MgWindow *window, const MgSegmentRow *row);
} MgOutputView;

typedef struct {
  /* Attributes, from the table of properties. */
  char *path;            /* of all URLs: "/live/studio" */
  char *name;            /* of the manifest that viewers open, which is announced: "index.m3u8" */
  char *dir;             /* of files too; NULL: none */
  MgTime window;         /* media that stays listed; 0: everything */
  MgTime keep_after_end; /* how long all can be fetched after the end */

  MgWindow *list;
  gboolean has_ended; /* nothing more is listed; a node that sets it takes no more chunks, either */
  void (*publish)(MgNode *node);
  guint asks;               /* MgOutputAsks: set before mg_output_open(); and so is this: */
  const MgOutputView *view; /* static; NULL: the chunks themselves */
} MgOutput;

/* Rows of the table of properties that are the same for all but the manifest's name; `window` is not. */
#define MG_OUTPUT_PROPS(default_name, name_help)                                                   \
  MG_PROP_STRING(MgOutput, path, "/${app}/${stream}", MG_PROP_TEMPLATE | MG_PROP_URL_PATH,         \
                 "path of all URLs"),                                                              \
      MG_PROP_STRING(MgOutput, name, default_name, MG_PROP_URL_NAME, name_help),                   \
      MG_PROP_STRING(MgOutput, dir, NULL, MG_PROP_TEMPLATE | MG_PROP_NOT_EMPTY | MG_PROP_OWN_DIR,  \
                     "also write files into this folder"),                                         \
      MG_PROP_TIME(MgOutput, keep_after_end, "60s", "0s", "24h", 0,                                \
                   "how long everything can be fetched after the end")

/*
 * Opens the window that the attributes ask for. PUBLISH is called whenever manifests have become untrue;
 * at least one row is listed then. FALSE and ERROR: the node needs the http service, path or name are not
 * right, the path or the folder for files is another output's, or the folder cannot be written.
 */
MG_API gboolean mg_output_open(MgNode *node, void (*publish)(MgNode *node), GError **error);

/*
 * Publishes a manifest under NAME; TEXT is copied. Caches may hold it back for half a target duration
 * (RFC 8216bis, 6.2.1), and two seconds at most; not at all where segments grow. For `publish`: segments that it
 * names are there.
 */
MG_API void mg_output_put(MgOutput *output, const char *name, const char *content_type,
                          const char *text, gsize size);

/* The callbacks of such a class. A node that has more to say about a stream calls the first one itself. */
MG_API gboolean mg_output_stream(MgNode *node, MgPort *in, MgStream *stream, GError **error);
MG_API gboolean mg_output_process(MgNode *node, MgPort *in, MgBuffer *chunk, GError **error);
MG_API void mg_output_ended(MgNode *node, MgPort *in);
MG_API void mg_output_pause(MgNode *node);
MG_API void mg_output_drain(MgNode *node);
MG_API void mg_output_close(MgNode *node);
MG_API void mg_output_check(gconstpointer self, MgCheck *check);

G_END_DECLS
