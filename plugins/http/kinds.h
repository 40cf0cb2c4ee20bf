/* Which characters may stand where in the head of a request. Pure functions, any thread. */
#pragma once

#include <glib.h>

/* Kinds of characters, by RFC 9110 §5.6.2, RFC 9112 §5 and RFC 3986 §3.3. */
enum {
  MG_HTTP_KIND_TOKEN = 1 << 0,  /* tchar: methods and field names */
  MG_HTTP_KIND_VALUE = 1 << 1,  /* in a field's value: visible, space, tab, obs-text */
  MG_HTTP_KIND_PATH = 1 << 2,   /* pchar without '%', and '/' */
  MG_HTTP_KIND_TARGET = 1 << 3, /* visible ASCII but '#': what a query may hold */
  MG_HTTP_KIND_HOST = 1 << 4,   /* reg-name, IP-literal, port */
};

/* For each byte its kinds; static. */
const guint8 *mg_http_kinds(void);
