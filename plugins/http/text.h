/* Parts of a request's head, and how lists in its fields are taken apart. Pure functions, any thread. */
#pragma once

#include <glib.h>

/* A part of the head, borrowed from it. */
typedef struct {
  const char *at; /* NULL: absent */
  gsize size;
} MgHttpText;

/* TEXT without spaces and tabs around it. */
MgHttpText mg_http_text_strip(MgHttpText text);

/* Whether it is WORD, in any case. */
gboolean mg_http_text_is(MgHttpText text, const char *word);

/* What stands before SEPARATOR, or all of it, stripped. TEXT becomes what follows; empty: nothing does. */
MgHttpText mg_http_text_take_item(MgHttpText *text, char separator);
