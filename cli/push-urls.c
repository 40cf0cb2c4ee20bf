#include "push-urls.h"

#include "host/registry.h"

#include <stdio.h>
#include <string.h>

const char *
element_attribute(const MgElement *element, const char *name)
{
  for (guint i = 0; i < element->attributes->len; i++) {
    const MgAttribute *a = &g_array_index(element->attributes, MgAttribute, i);
    if (g_str_equal(a->name, name) && *a->value != '\0')
      return a->value;
  }
  return NULL;
}

/* ":1935", also of "[::]:1935"; "" where there is none. */
static const char *
port_of(const char *address)
{
  const char *colon = address != NULL ? strrchr(address, ':') : NULL;
  return colon != NULL ? colon : "";
}

/* The address that a listener of CLASS has unless it is told another one. */
static const char *
own_address(const MgNodeClass *class)
{
  for (const MgProp *prop = class->props; prop != NULL && prop->name != NULL; prop++)
    if (g_str_equal(prop->name, "listen"))
      return prop->initial;
  return NULL;
}

static void
print_url(const char *server, const char *app, const char *key)
{
  printf("OBS:     Server %s/%s\n"
         "         Stream Key %s\n"
         "Others:  %s/%s/%s\n\n",
         server, app, key, server, app, key);
}

/* The host is the reader's to know when it listens everywhere. */
static void
print_listener(const MgNodeSpec *node, const char *host, const char *app, const char *key)
{
  const char *listen = element_attribute(node->element, "listen");
  const char *own_app = element_attribute(node->element, "app");
  const char *usual = port_of(own_address(node->class));
  const char *port = listen != NULL ? port_of(listen) : usual;
  g_autofree char *own_host =
      listen != NULL ? g_strndup(listen, strlen(listen) - strlen(port)) : NULL;
  gboolean is_any =
      own_host == NULL || strcmp(own_host, "0.0.0.0") == 0 || strcmp(own_host, "[::]") == 0;
  const char *shown = host ? host : is_any ? g_get_host_name() : own_host;
  if (own_app != NULL && strcmp(own_app, app) != 0)
    return;
  g_autofree char *server = g_strdup_printf("%s://%s%s", node->class->push_scheme, shown,
                                            strcmp(port, usual) == 0 ? "" : port);
  print_url(server, app, key);
}

/* Without a pipeline file: by every scheme that there is a plugin for, on its usual port. */
static void
print_schemes(const char *host, const char *app, const char *key)
{
  g_auto(GStrv) names = mg_registry_list();
  for (guint i = 0; names[i] != NULL; i++) {
    const MgNodeClass *class = mg_registry_find(names[i], NULL);
    if (class == NULL || class->push_scheme == NULL)
      continue;
    g_autofree char *server =
        g_strdup_printf("%s://%s", class->push_scheme, host ? host : g_get_host_name());
    print_url(server, app, key);
  }
}

void
push_urls_print(const MgGraphSpec *spec, const char *host, const char *app, const char *key)
{
  if (spec == NULL) {
    print_schemes(host, app, key);
    return;
  }
  for (guint i = 0; i < spec->pipelines->len; i++) {
    const MgPipelineSpec *pipeline = g_ptr_array_index(spec->pipelines, i);
    for (guint k = 0; k < pipeline->nodes->len; k++) {
      const MgNodeSpec *node = g_ptr_array_index(pipeline->nodes, k);
      if (node->class->push_scheme != NULL)
        print_listener(node, host, app, key);
    }
  }
}
