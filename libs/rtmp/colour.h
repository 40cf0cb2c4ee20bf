/*
 * colorInfo: what an encoder says by Enhanced RTMP's video metadata about colours and light, which it
 * may say before the pictures it is true of, and take back. It completes what the bitstream says.
 *
 * Numbers are moved into the ranges of the specification; 0 means not said.
 */
#pragma once

#include <glib.h>

typedef struct {
  guint bit_depth;
  guint primaries, transfer, matrix;           /* code points of H.273 */
  gdouble max_frame_average;                   /* MaxFALL, cd/m² */
  gdouble max_content;                         /* MaxCLL */
  gdouble red[2], green[2], blue[2], white[2]; /* x and y, CIE 1931 */
  gdouble max_luminance, min_luminance;        /* of the mastering display, cd/m² */
} MgRtmpColour;

/*
 * Reads a video message's metadata, pairs of names and values. TRUE: there is a colorInfo, which
 * replaces an earlier one; all zero, it takes it back. FALSE, without an error: there is none; with
 * one: broken AMF, or no memory. COLOUR is filled in always.
 */
gboolean mg_rtmp_colour_parse(const guint8 *data, gsize size, MgRtmpColour *colour, GError **error);
