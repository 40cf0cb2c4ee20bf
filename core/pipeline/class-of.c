#include "pipeline/class-of.h"

#include "host/class.h"
#include "host/props-check.h"
#include "host/registry.h"

const MgNodeClass *
mg_class_of_element(const MgElement *element, GError **error)
{
  const MgNodeClass *class = mg_registry_find(element->name, error);
  const MgAttribute *mode = mg_element_attribute(element, "mode");
  return class != NULL ? mg_class_for_mode(class, mode != NULL ? mode->value : NULL) : NULL;
}
