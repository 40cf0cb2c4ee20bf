#include "inspect.h"

#include "words.h"

#include "host/props-check.h"
#include "pipeline/kinds.h"

#include <stdio.h>

/* Returned-owned: "video and audio, as packets of H.264 and AAC". */
static char *
describe_kinds(const MgAccepts *accepts)
{
  if (accepts->media == 0)
    return g_strdup("nothing");
  g_autofree char *media = mg_kinds_media_to_text(accepts->media);
  g_autofree char *forms = mg_kinds_forms_to_text(accepts->forms);
  g_autofree char *codecs = accepts->codecs ? mg_kinds_codecs_to_text(accepts->codecs) : NULL;
  return g_strdup_printf("%s, as %s%s%s", media, forms, codecs ? " of " : "", codecs ? codecs : "");
}

static void
print_kinds(const MgNodeClass *class)
{
  g_autofree char *takes = describe_kinds(&class->takes);
  g_autofree char *gives = describe_kinds(&class->gives);
  if (class->role == MG_ROLE_SERVICE)
    return;
  printf("  takes   %s\n", takes);
  printf("  gives   %s\n", gives);
}

static void
print_needs(const MgNodeClass *class)
{
  for (const char *const *needs = class->needs; needs && *needs; needs++)
    printf("  needs   <%s> at the top of the file\n", *needs);
}

static const char *
describe_run(const MgNodeClass *class)
{
  static const char *const sentences[] = {
    [MG_RUN_POOL] = "on the pool of workers, one call at a time",
    [MG_RUN_INLINE] = "in line, on an I/O lane",
    [MG_RUN_OWN] = "on a thread of its own",
  };
  return sentences[class->run];
}

static void
print_bounds(const MgProp *prop)
{
  if (prop->lowest && prop->highest)
    printf(", %s to %s", prop->lowest, prop->highest);
  else if (prop->lowest)
    printf(", at least %s", prop->lowest);
  else if (prop->highest)
    printf(", at most %s", prop->highest);
}

static void
print_prop(const MgProp *prop, const char *indent)
{
  g_autofree char *name = mg_prop_attribute(prop);
  printf("%s%s  (%s", indent, name, word_of_type(prop->type));
  print_bounds(prop);
  if (prop->initial && (prop->flags & MG_PROP_SECRET) == 0)
    printf(", default %s", prop->initial[0] ? prop->initial : "\"\"");
  if (prop->flags & MG_PROP_REQUIRED)
    printf(", required");
  if (prop->flags & MG_PROP_TEMPLATE)
    printf(", with ${variables}");
  if (prop->flags & MG_PROP_SECRET)
    printf(", secret");
  printf(")\n%s    %s\n", indent, prop->help);
  for (const MgChoice *choice = prop->choices; choice && choice->word; choice++)
    printf("%s      %-12s  %s\n", indent, choice->word, choice->help ? choice->help : "");
}

static void
print_props(const char *title, const MgProp *props)
{
  if (props == NULL || props->name == NULL)
    return;
  printf("\n%s\n", title);
  for (; props->name != NULL; props++)
    print_prop(props, "  ");
}

static void
print_children(const MgNodeClass *class)
{
  const MgChildKind *kind = class->children;
  if (kind == NULL || kind->name == NULL)
    return;
  puts("\nChild elements");
  for (; kind->name != NULL; kind++) {
    printf("  <%s>  (%u", kind->name, kind->least);
    if (kind->most == 0)
      printf(" or more");
    else if (kind->most > kind->least)
      printf(" to %u", kind->most);
    printf(")\n    %s\n", kind->help);
    for (const MgProp *prop = kind->props; prop && prop->name; prop++)
      print_prop(prop, "    ");
  }
}

static void
print_engine_props(const MgNodeClass *class)
{
  puts("\nAttributes of the engine");
  for (const MgProp *prop = mg_engine_props; prop->name != NULL; prop++) {
    g_autofree char *name = mg_prop_attribute(prop);
    if (mg_engine_props_apply_to(class, name))
      print_prop(prop, "  ");
  }
}

static void
print_variants(const MgNodeClass *class)
{
  for (guint i = 0; class->variants && class->variants[i]; i++) {
    const MgNodeClass *variant = class->variants[i];
    printf("\nWith mode=\"%s\": %s\n\n", variant->mode, variant->help);
    printf("  role    %s\n", word_of_role(variant->role));
    print_kinds(variant);
    print_needs(variant);
    printf("  runs    %s\n", describe_run(variant));
    print_props("Attributes", variant->props);
    print_children(variant);
    print_engine_props(variant);
  }
}

void
inspect_page(const MgNodeClass *class, const MgPluginDesc *plugin)
{
  printf("%s: %s\n\n", class->name, class->help);
  printf("  role    %s\n", word_of_role(class->role));
  print_kinds(class);
  print_needs(class);
  printf("  runs    %s\n", describe_run(class));
  if (plugin)
    printf("  plugin  %s %s, %s\n", plugin->name, plugin->version, plugin->licence);
  print_props("Attributes", class->props);
  print_children(class);
  print_engine_props(class);
  print_variants(class);
}

void
inspect_element_page(const MgFileElement *element)
{
  printf("%s: %s\n", element->name, element->help);
  print_props("Attributes", element->props);
}
