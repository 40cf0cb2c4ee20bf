#include "rtmp/colour.h"

#include "rtmp/amf0.h"

#include <string.h>

static gdouble
number(const MgAmf *object, const char *name, gdouble most)
{
  return mg_amf_number(mg_amf_member(object, name), 0, most, 0);
}

static void
read_point(const MgAmf *mdcv, const char *x, const char *y, gdouble point[2])
{
  point[0] = number(mdcv, x, 1);
  point[1] = number(mdcv, y, 1);
}

static void
read_info(const MgAmf *info, MgRtmpColour *c)
{
  const MgAmf *config = mg_amf_member(info, "colorConfig");
  const MgAmf *cll = mg_amf_member(info, "hdrCll");
  const MgAmf *mdcv = mg_amf_member(info, "hdrMdcv");
  c->bit_depth = (guint) number(config, "bitDepth", 16);
  c->primaries = (guint) number(config, "colorPrimaries", 255);
  c->transfer = (guint) number(config, "transferCharacteristics", 255);
  c->matrix = (guint) number(config, "matrixCoefficients", 255);
  c->max_frame_average = number(cll, "maxFall", 10000);
  c->max_content = number(cll, "maxCLL", 10000);
  read_point(mdcv, "redX", "redY", c->red);
  read_point(mdcv, "greenX", "greenY", c->green);
  read_point(mdcv, "blueX", "blueY", c->blue);
  read_point(mdcv, "whitePointX", "whitePointY", c->white);
  c->max_luminance = number(mdcv, "maxLuminance", 10000);
  c->min_luminance = number(mdcv, "minLuminance", 5);
}

gboolean
mg_rtmp_colour_parse(const guint8 *data, gsize size, MgRtmpColour *colour, GError **error)
{
  *colour = (MgRtmpColour){ 0 };
  g_autoptr(MgAmfDoc) doc = mg_amf_parse(data, size, error);
  if (doc == NULL)
    return FALSE;
  const MgAmf *root = mg_amf_doc_root(doc);
  const MgAmf *info = NULL;
  for (const MgAmf *v = mg_amf_first(root); v != NULL; v = mg_amf_next(root, v))
    if (strcmp(mg_amf_string(v, ""), "colorInfo") == 0)
      info = mg_amf_next(root, v);
  if (info == NULL)
    return FALSE;
  read_info(info, colour);
  return TRUE;
}
