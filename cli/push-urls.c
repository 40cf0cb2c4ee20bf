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

/* Returned-owned: the words of what a listener of CLASS takes; ELEMENT NULL: of what a key may be for. */
static char **
offered_by(const MgNodeClass *class, const MgElement *element, const char *allowed)
{
  const char *said = element != NULL ? element_attribute(element, "protocols") : NULL;
  const char *base = class->push_scheme;
  if (said != NULL)
    return g_strsplit_set(said, " \t\r\n", -1);
  if (element == NULL && allowed != NULL)
    return g_strsplit_set(allowed, ", ", -1);
  gboolean has_tls = element != NULL && element_attribute(element, "tls-certificate") != NULL;
  g_autofree char *words = has_tls ? g_strdup_printf("%s %ss", base, base) : g_strdup(base);
  return g_strsplit(words, " ", -1);
}

/* In TLS, plain, then whatever there is: the smallest is the best. */
static guint
rank_of(const char *scheme, const char *base)
{
  const char *rest = scheme + strlen(base);
  return strcmp(rest, "s") == 0 ? 0 : *rest == '\0' ? 1 : 2;
}

/* Returned-owned: the best that is offered and that a key with ALLOWED may use; NULL: there is none. */
static char *
choose_scheme(const MgNodeClass *class, const MgElement *element, const char *allowed)
{
  g_auto(GStrv) offered = offered_by(class, element, allowed);
  g_auto(GStrv) kept = allowed != NULL ? g_strsplit_set(allowed, ", ", -1) : NULL;
  const char *best = NULL;
  for (char **word = offered; *word != NULL; word++) {
    gboolean is_ours = g_str_has_prefix(*word, class->push_scheme);
    gboolean may = kept == NULL || g_strv_contains((const char *const *) kept, *word);
    if (is_ours && may &&
        (best == NULL || rank_of(*word, class->push_scheme) < rank_of(best, class->push_scheme)))
      best = *word;
  }
  return g_strdup(best);
}

static void
print_url(const char *server, const char *app, const char *key)
{
  printf("OBS:     Server %s/%s\n"
         "         Stream Key %s\n"
         "Others:  %s/%s/%s\n\n",
         server, app, key, server, app, key);
}

static gboolean
serves(const MgNodeSpec *node, const char *app)
{
  const char *own = element_attribute(node->element, "app");
  return own == NULL || strcmp(own, app) == 0;
}

/*
 * Returned-owned: SCHEME://HOST[:PORT]. The port may be left out where it is the one that clients take by
 * themselves, which is so of the plain scheme only.
 */
static char *
server_of(const MgNodeClass *class, const char *scheme, const char *host, const char *port)
{
  gboolean is_usual =
      strcmp(scheme, class->push_scheme) == 0 && strcmp(port, port_of(own_address(class))) == 0;
  return g_strdup_printf("%s://%s%s", scheme, host, is_usual ? "" : port);
}

/* The host is the reader's to know when it listens everywhere. FALSE: the key is of no use there. */
static gboolean
print_listener(const MgNodeSpec *node, const PushUrls *urls)
{
  const char *listen = element_attribute(node->element, "listen");
  const char *port = port_of(listen != NULL ? listen : own_address(node->class));
  g_autofree char *own_host =
      listen != NULL ? g_strndup(listen, strlen(listen) - strlen(port)) : NULL;
  gboolean is_any =
      own_host == NULL || strcmp(own_host, "0.0.0.0") == 0 || strcmp(own_host, "[::]") == 0;
  const char *shown = urls->host ? urls->host : is_any ? g_get_host_name() : own_host;
  g_autofree char *scheme = choose_scheme(node->class, node->element, urls->protocols);
  if (scheme == NULL || !serves(node, urls->app))
    return FALSE;
  g_autofree char *server = server_of(node->class, scheme, shown, port);
  print_url(server, urls->app, urls->key);
  return TRUE;
}

/* Without a pipeline file: by every scheme that there is a plugin for, on its usual port. */
static gboolean
print_schemes(const PushUrls *urls)
{
  gboolean has_any = FALSE;
  g_auto(GStrv) names = mg_registry_list();
  for (guint i = 0; names[i] != NULL; i++) {
    const MgNodeClass *class = mg_registry_find(names[i], NULL);
    if (class == NULL || class->push_scheme == NULL)
      continue;
    g_autofree char *scheme = choose_scheme(class, NULL, urls->protocols);
    if (scheme == NULL)
      continue;
    const char *host = urls->host ? urls->host : g_get_host_name();
    g_autofree char *server = server_of(class, scheme, host, port_of(own_address(class)));
    print_url(server, urls->app, urls->key);
    has_any = TRUE;
  }
  return has_any;
}

/* Returned-owned, of borrowed MgNodeSpec *: all that encoders can push to. */
static GPtrArray *
listeners_of(const MgGraphSpec *spec)
{
  GPtrArray *listeners = g_ptr_array_new();
  for (guint i = 0; i < spec->pipelines->len; i++) {
    const MgPipelineSpec *pipeline = g_ptr_array_index(spec->pipelines, i);
    for (guint k = 0; k < pipeline->nodes->len; k++) {
      MgNodeSpec *node = g_ptr_array_index(pipeline->nodes, k);
      if (node->class->push_scheme != NULL)
        g_ptr_array_add(listeners, node);
    }
  }
  return listeners;
}

char *
push_urls_other_apps(const MgGraphSpec *spec, const char *app)
{
  g_autoptr(GPtrArray) listeners = listeners_of(spec);
  g_autoptr(GPtrArray) apps = g_ptr_array_new_with_free_func(g_free);
  for (guint i = 0; i < listeners->len; i++) {
    const MgNodeSpec *node = g_ptr_array_index(listeners, i);
    if (serves(node, app))
      return NULL;
    const char *own = element_attribute(node->element, "app");
    if (!g_ptr_array_find_with_equal_func(apps, own, g_str_equal, NULL))
      g_ptr_array_add(apps, g_strdup(own));
  }
  g_ptr_array_add(apps, NULL);
  return apps->len > 1 ? g_strjoinv(", ", (char **) apps->pdata) : NULL;
}

gboolean
push_urls_print(const MgGraphSpec *spec, const PushUrls *urls)
{
  if (spec == NULL)
    return print_schemes(urls);
  gboolean has_any = FALSE;
  g_autoptr(GPtrArray) listeners = listeners_of(spec);
  for (guint i = 0; i < listeners->len; i++)
    has_any |= print_listener(g_ptr_array_index(listeners, i), urls);
  return has_any;
}
