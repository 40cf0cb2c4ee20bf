#include "ingest-rig.h"

#include "ingest-rtmp/node.h"
#include "metrics/counters.h"

#include <string.h>

Rig *
ingest_rig_new(const char *attributes)
{
  Rig *rig = rig_new();
  MgNodeSpec *spec = rig_add(rig, &ingest_rtmp_class, "rtmp", NULL);
  g_autofree char *all = g_strdup_printf("listen=127.0.0.1:0 %s", attributes);
  g_auto(GStrv) words = g_strsplit(all, " ", 0);
  for (guint i = 0; words[i] != NULL && *words[i] != '\0'; i++) {
    g_auto(GStrv) pair = g_strsplit(words[i], "=", 2);
    MgAttribute attribute = { g_strdup(pair[0]), g_strdup(pair[1]), spec->element->place,
                              spec->element->place };
    g_array_append_val(spec->element->attributes, attribute);
  }
  rig_add(rig, &rig_sink[MG_RUN_INLINE], "sink", "rtmp");
  return rig;
}

guint
ingest_rig_port(Rig *rig, const char *scheme)
{
  g_autoptr(GPtrArray) urls = mg_graph_urls(rig_graph(rig));
  g_assert_cmpuint(urls->len, ==, 1);
  const char *url = ((MgGraphUrl *) g_ptr_array_index(urls, 0))->url;
  g_autofree char *start = g_strconcat(scheme, "127.0.0.1:", NULL);
  g_assert_true(g_str_has_prefix(url, start));
  return (guint) g_ascii_strtoull(url + strlen(start), NULL, 10);
}

guint64
ingest_rig_counter(Rig *rig, const char *name)
{
  return mg_counters_value(&rig_listener(rig, 0)->counters, name);
}
