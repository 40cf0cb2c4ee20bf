/* Kinds of media in words, for messages and `inspect`. Returned-owned, any thread. */
#pragma once

#include "util/internal.h"

#include <mediagraph/node.h>

/* "video and audio" */
MG_INTERNAL_API char *mg_kinds_media_to_text(guint media);

/* "packets and frames" */
MG_INTERNAL_API char *mg_kinds_forms_to_text(guint forms);

/* "H.264 and AAC"; CODECS ends with MG_CODEC_NONE and is not NULL. */
MG_INTERNAL_API char *mg_kinds_codecs_to_text(const MgCodec *codecs);
