/*
 * Values as people write them in a pipeline file: numbers with units, words, addresses, names.
 *
 * Errors are MG_ERROR_INVALID; a message quotes the value and says what would be right, without the name
 * of the property: "\"72O\" is not an integer". Pure functions, any thread.
 */
#pragma once

#include <mediagraph/prop.h>

/*
 * An integer, time (nanoseconds), size (bytes) or bitrate (bits per second), by TYPE. Times, sizes and
 * bitrates may have a fraction ("1.5s"); times must have a unit.
 */
gboolean mg_value_parse_number(MgPropType type, const char *text, gint64 *value, GError **error);

/* yes, no, true or false. */
gboolean mg_value_parse_bool(const char *text, gboolean *value, GError **error);

/* One of the words of CHOICES. */
gboolean mg_value_parse_enum(const MgChoice *choices, const char *text, gint *value,
                             GError **error);

/* Words of CHOICES with spaces between, at least one; VALUE gets the sum of their values. */
gboolean mg_value_parse_flags(const MgChoice *choices, const char *text, gint *value,
                              GError **error);

/* HOST:PORT, HOST being a name, an IPv4 address or an IPv6 address in brackets; port 0 is fine. */
gboolean mg_value_check_address(const char *text, GError **error);

/*
 * Parses TEXT as a value of PROP, its range included, and stores it in FIELD, which is zero or holds
 * an earlier value; strings are copied. FALSE leaves FIELD alone.
 */
gboolean mg_value_store(const MgProp *prop, const char *text, gpointer field, GError **error);

/* sizeof of the C type that values of TYPE are stored as; 0 for types there are none of. */
gsize mg_value_field_size(MgPropType type);

/* Whether values of TYPE are stored as char *. */
gboolean mg_value_is_text(MgPropType type);
