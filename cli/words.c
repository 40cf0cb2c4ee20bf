#include "words.h"

const char *
word_of_role(MgRole role)
{
  static const char *const words[] = {
    [MG_ROLE_FILTER] = "filter",     [MG_ROLE_SINK] = "sink",       [MG_ROLE_SOURCE] = "source",
    [MG_ROLE_LISTENER] = "listener", [MG_ROLE_SERVICE] = "service",
  };
  return words[role];
}

const char *
word_of_run(MgRun run)
{
  static const char *const words[] = {
    [MG_RUN_POOL] = "pool",
    [MG_RUN_INLINE] = "inline",
    [MG_RUN_OWN] = "own",
  };
  return words[run];
}

const char *
word_of_type(MgPropType type)
{
  static const char *const words[] = {
    [MG_PROP_TYPE_BOOL] = "yes-or-no",  [MG_PROP_TYPE_INT] = "integer",
    [MG_PROP_TYPE_TIME] = "time",       [MG_PROP_TYPE_SIZE] = "size",
    [MG_PROP_TYPE_BITRATE] = "bitrate", [MG_PROP_TYPE_STRING] = "text",
    [MG_PROP_TYPE_ENUM] = "word",       [MG_PROP_TYPE_ADDRESS] = "address",
    [MG_PROP_TYPE_NAME] = "name",       [MG_PROP_TYPE_FLAGS] = "words",
  };
  return words[type];
}
