/* The node class of an element: by its name, and by its attribute "mode" where there are variants. */
#pragma once

#include "graph/spec.h"

/* NULL and ERROR, without a place: there is none of that name. */
const MgNodeClass *mg_class_of_element(const MgElement *element, GError **error);
