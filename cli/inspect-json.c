#include "inspect.h"

#include "words.h"

#include "host/props-check.h"

static void
write_choices(Json *json, const MgChoice *choices)
{
  if (choices == NULL)
    return;
  json_begin(json, "choices", '[');
  for (; choices->word != NULL; choices++) {
    json_begin(json, NULL, '{');
    json_text(json, "word", choices->word);
    json_text(json, "help", choices->help);
    json_end(json, '}');
  }
  json_end(json, ']');
}

static void
write_prop(Json *json, const MgProp *prop)
{
  g_autofree char *name = mg_prop_attribute(prop);
  json_begin(json, NULL, '{');
  json_text(json, "name", name);
  json_text(json, "type", word_of_type(prop->type));
  json_text(json, "default", prop->flags & MG_PROP_SECRET ? NULL : prop->initial);
  json_text(json, "lowest", prop->lowest);
  json_text(json, "highest", prop->highest);
  write_choices(json, prop->choices);
  json_bool(json, "required", (prop->flags & MG_PROP_REQUIRED) != 0);
  json_bool(json, "secret", (prop->flags & MG_PROP_SECRET) != 0);
  json_bool(json, "variables", (prop->flags & MG_PROP_TEMPLATE) != 0);
  json_text(json, "help", prop->help);
  json_end(json, '}');
}

static void
write_props(Json *json, const MgProp *props)
{
  json_begin(json, "attributes", '[');
  for (; props && props->name; props++)
    write_prop(json, props);
  json_end(json, ']');
}

static void
write_children(Json *json, const MgChildKind *kinds)
{
  json_begin(json, "children", '[');
  for (; kinds && kinds->name; kinds++) {
    json_begin(json, NULL, '{');
    json_text(json, "name", kinds->name);
    json_text(json, "help", kinds->help);
    json_number(json, "least", kinds->least);
    if (kinds->most > 0)
      json_number(json, "most", kinds->most);
    write_props(json, kinds->props);
    json_end(json, '}');
  }
  json_end(json, ']');
}

static void
write_bits(Json *json, const char *key, guint set, const char *const *words)
{
  json_begin(json, key, '[');
  for (guint i = 0; words[i] != NULL; i++) {
    if (set & 1u << i)
      json_text(json, NULL, words[i]);
  }
  json_end(json, ']');
}

static void
write_kinds(Json *json, const char *key, const MgAccepts *accepts)
{
  static const char *const media[] = { "video", "audio", "data", NULL };
  static const char *const forms[] = { "packet", "frame", "chunk", NULL };
  json_begin(json, key, '{');
  write_bits(json, "media", accepts->media, media);
  write_bits(json, "forms", accepts->forms, forms);
  if (accepts->codecs) {
    json_begin(json, "codecs", '[');
    for (const MgCodec *codec = accepts->codecs; *codec != MG_CODEC_NONE; codec++) {
      char word[5] = { (char) (*codec >> 24), (char) (*codec >> 16), (char) (*codec >> 8),
                       (char) *codec, '\0' };
      json_text(json, NULL, word);
    }
    json_end(json, ']');
  }
  json_end(json, '}');
}

static void
write_plugin(Json *json, const MgPluginDesc *plugin)
{
  if (plugin == NULL)
    return;
  json_begin(json, "plugin", '{');
  json_text(json, "name", plugin->name);
  json_text(json, "version", plugin->version);
  json_text(json, "licence", plugin->licence);
  json_end(json, '}');
}

static void
write_engine_attributes(Json *json, const MgNodeClass *class)
{
  json_begin(json, "engine-attributes", '[');
  for (const MgProp *prop = mg_engine_props; prop->name != NULL; prop++) {
    g_autofree char *name = mg_prop_attribute(prop);
    if (mg_engine_props_apply_to(class, name))
      write_prop(json, prop);
  }
  json_end(json, ']');
}

/* What a class and its variants may each have of their own. */
static void
write_class(Json *json, const MgNodeClass *class)
{
  json_text(json, "help", class->help);
  json_text(json, "role", word_of_role(class->role));
  json_text(json, "runs", word_of_run(class->run));
  write_kinds(json, "takes", &class->takes);
  write_kinds(json, "gives", &class->gives);
  json_begin(json, "needs", '[');
  for (const char *const *needs = class->needs; needs && *needs; needs++)
    json_text(json, NULL, *needs);
  json_end(json, ']');
  write_props(json, class->props);
  write_children(json, class->children);
  write_engine_attributes(json, class);
}

static void
write_variants(Json *json, const MgNodeClass *class)
{
  if (class->variants == NULL)
    return;
  json_begin(json, "variants", '[');
  for (guint i = 0; class->variants[i]; i++) {
    json_begin(json, NULL, '{');
    json_text(json, "mode", class->variants[i]->mode);
    write_class(json, class->variants[i]);
    json_end(json, '}');
  }
  json_end(json, ']');
}

void
inspect_json(Json *json, const MgNodeClass *class, const MgPluginDesc *plugin)
{
  json_begin(json, NULL, '{');
  json_text(json, "name", class->name);
  write_class(json, class);
  write_plugin(json, plugin);
  write_variants(json, class);
  json_end(json, '}');
}

void
inspect_element_json(Json *json, const MgFileElement *element)
{
  json_begin(json, NULL, '{');
  json_text(json, "name", element->name);
  json_text(json, "help", element->help);
  write_props(json, element->props);
  json_end(json, '}');
}
