/* Everything most plugins need. net.h, http.h and harness.h are included by those who use them. */
#pragma once

#include <mediagraph/buffer.h>
#include <mediagraph/chunk.h>
#include <mediagraph/counter.h>
#include <mediagraph/data.h>
#include <mediagraph/lane.h>
#include <mediagraph/log.h>
#include <mediagraph/node.h>
#include <mediagraph/plugin.h>
#include <mediagraph/prop.h>
#include <mediagraph/service.h>
#include <mediagraph/session.h>
#include <mediagraph/stream.h>
#include <mediagraph/types.h>
