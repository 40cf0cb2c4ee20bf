#include "rtmp/error.h"

G_DEFINE_QUARK(mg - rtmp - error - quark, mg_rtmp_error)
