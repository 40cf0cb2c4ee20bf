/*
 * All that is wrong with an element, by its class's property tables: what mg_props_fill() would stop at,
 * and everything after it.
 */
#pragma once

#include "host/props.h"
#include "util/internal.h"

typedef enum { MG_SEVERITY_ERROR, MG_SEVERITY_WARNING } MgSeverity;

/* SENTENCE is about PLACE; both are borrowed. */
typedef void (*MgPropsReport)(MgSeverity severity, const MgPlace *place, const char *sentence,
                              gpointer data);

typedef enum {
  MG_PROPS_WHOLE,   /* an element as it will run */
  MG_PROPS_PARTIAL, /* an element of <defaults>: what is missing stands elsewhere */
} MgPropsScope;

/*
 * Calls REPORT for everything that is wrong with ELEMENT, and with a warning for files that it names and
 * that cannot be read. VARIABLES as for mg_props_fill(). Returns whether it is right. Any thread that may
 * wait for a disk.
 */
gboolean mg_props_check(const MgNodeClass *class, const MgElement *element, MgPropsScope scope,
                        const MgVariables *variables, MgPropsReport report, gpointer data);

/*
 * The same for any struct SELF with a table PROPS: what the engine itself reads from XML. NAME is what
 * messages call the element. Attributes for which IS_OTHER (may be NULL) is TRUE are skipped.
 * Clear SELF with mg_props_clear_struct() whatever is returned.
 */
gboolean mg_props_fill_struct(const MgProp *props, const MgElement *element, const char *name,
                              gboolean (*is_other)(const char *attribute), gpointer self,
                              MgPropsReport report, gpointer data);
void mg_props_clear_struct(const MgProp *props, gpointer self);

/* Whether PROP is written as ATTRIBUTE in the XML: '-' there for '_' in the table. */
gboolean mg_prop_is_named(const MgProp *prop, const char *attribute);

/* Returned-owned: PROP's name in the XML. */
MG_INTERNAL_API char *mg_prop_attribute(const MgProp *prop);

/* The attribute NAME of ELEMENT, borrowed; NULL when there is none. */
MG_INTERNAL_API const MgAttribute *mg_element_attribute(const MgElement *element, const char *name);

/*
 * Returned-owned: the path of a file that is read, as ATTRIBUTE (MG_PROP_READ_FILE) says it: relative to the folder of
 * the file that ATTRIBUTE is written in.
 */
MG_INTERNAL_API char *mg_props_file(const MgAttribute *attribute);
