/* A shared object that is no plugin. */
#include <mediagraph/plugin.h>

MG_EXPORT extern const int double_nothing;

const int double_nothing = 0;
