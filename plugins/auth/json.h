/*
 * JSON (RFC 8259), as much of it as an answer of a few members needs. Pure functions, any thread.
 */
#pragma once

#include <glib.h>

typedef enum {
  AUTH_JSON_NULL,
  AUTH_JSON_BOOL,
  AUTH_JSON_NUMBER,
  AUTH_JSON_STRING,
  AUTH_JSON_OTHER, /* an array or an object: read, and left out */
} AuthJsonKind;

typedef struct {
  AuthJsonKind kind;
  gboolean truth;
  gdouble number;   /* finite */
  const char *text; /* UTF-8 without NUL; borrowed */
} AuthJsonValue;

/*
 * Calls EACH with every member of the object that TEXT, SIZE bytes of anything, is. FALSE when it
 * is no object, or anything in it is wrong: then some members may have been told already.
 */
gboolean auth_json_read(const char *text, gsize size,
                        void (*each)(const char *name, const AuthJsonValue *value, gpointer data),
                        gpointer data);

/* Appends TEXT as a string, in quotes; bytes that are no UTF-8 become U+FFFD. */
void auth_json_write(GString *out, const char *text);
