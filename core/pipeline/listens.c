/* Two nodes of one file that would listen on one address: the second could not open. */
#include "pipeline/draft.h"

#include "host/props-check.h"
#include "net/address.h"

typedef struct {
  const MgElement *element;
  const MgPlace *place;
  guint transport; /* MG_PROP_LISTEN_TCP or _UDP */
  MgAddress address;
} Listen;

/* A socket for all addresses of IPv6 takes those of IPv4, too. */
static gboolean
covers(const MgAddress *all, const MgAddress *one)
{
  return mg_address_is_any(all) &&
         (all->any.sa_family == AF_INET6 || one->any.sa_family == all->any.sa_family);
}

static gboolean
is_same_host(const MgAddress *a, const MgAddress *b)
{
  if (a->any.sa_family != b->any.sa_family)
    return FALSE;
  return a->any.sa_family == AF_INET6 ? IN6_ARE_ADDR_EQUAL(&a->v6.sin6_addr, &b->v6.sin6_addr)
                                      : a->v4.sin_addr.s_addr == b->v4.sin_addr.s_addr;
}

static gboolean
overlap(const Listen *a, const Listen *b)
{
  guint port = mg_address_port(&a->address);
  if (a->transport != b->transport || port == 0 || port != mg_address_port(&b->address))
    return FALSE;
  return is_same_host(&a->address, &b->address) || covers(&a->address, &b->address) ||
         covers(&b->address, &a->address);
}

static void
refuse_overlap(const GArray *listens, const Listen *listen, const char *text,
               MgDiagnostics *diagnostics)
{
  for (guint i = 0; i < listens->len; i++) {
    const Listen *first = &g_array_index(listens, Listen, i);
    if (!overlap(first, listen))
      continue;
    g_autofree char *place = mg_place_to_text(first->place);
    mg_diagnostics_error(diagnostics, listen->place,
                         "%s listens on %s, which %s (%s) has taken; each needs a port of its own",
                         listen->element->name, text, first->element->name, place);
    return;
  }
}

static void
add_prop(GArray *listens, const MgElement *element, const MgProp *prop, MgDiagnostics *diagnostics)
{
  g_autofree char *name = mg_prop_attribute(prop);
  const MgAttribute *attribute = mg_element_attribute(element, name);
  const char *text = attribute ? attribute->value : prop->initial;
  Listen listen = {
    .element = element,
    .place = attribute ? &attribute->value_place : &element->place,
    .transport = prop->flags & (MG_PROP_LISTEN_TCP | MG_PROP_LISTEN_UDP),
  };
  if (listen.transport == 0 || text == NULL || !mg_address_parse(text, &listen.address, NULL))
    return;
  refuse_overlap(listens, &listen, text, diagnostics);
  g_array_append_val(listens, listen);
}

void
mg_listens_check(GPtrArray *drafts, MgDiagnostics *diagnostics)
{
  g_autoptr(GArray) listens = g_array_new(FALSE, FALSE, sizeof(Listen));
  for (guint i = 0; i < drafts->len; i++) {
    const MgDraft *draft = g_ptr_array_index(drafts, i);
    const MgProp *prop = draft->class ? draft->class->props : NULL;
    for (; prop && prop->name; prop++)
      add_prop(listens, draft->element, prop, diagnostics);
  }
}
