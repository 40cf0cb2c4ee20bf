#include "host/element.h"

static void
clear_attribute(gpointer data)
{
  MgAttribute *attribute = data;
  g_free(attribute->name);
  g_free(attribute->value);
}

MgElement *
mg_element_new(const char *name, MgPlace place)
{
  MgElement *element = g_new0(MgElement, 1);
  element->name = g_strdup(name);
  element->place = place;
  element->attributes = g_array_new(FALSE, FALSE, sizeof(MgAttribute));
  g_array_set_clear_func(element->attributes, clear_attribute);
  element->children = g_ptr_array_new_with_free_func((GDestroyNotify) mg_element_free);
  return element;
}

void
mg_element_free(MgElement *element)
{
  if (element == NULL)
    return;
  g_ptr_array_unref(element->children);
  g_array_unref(element->attributes);
  g_free(element->name);
  g_free(element);
}
