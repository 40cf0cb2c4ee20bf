/*
 * What both sides of connect say about Enhanced RTMP, in the same words. Private to this library.
 */
#pragma once

#include "bytes/writer.h"

/* Properties of an object: capsEx, and the codecs, lists of FourCCs to a 0 (NULL: none), as forwarded. */
void mg_rtmp_write_enhanced(MgWriter *body, guint caps, const guint32 *video, const guint32 *audio);
