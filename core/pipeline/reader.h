/*
 * XML to a tree of elements with true places.
 *
 * Hardened, because pipeline files may be made by programs from what people typed: UTF-8 only, no DTD,
 * no entities but the five of XML, no network, limited depth and number of elements. Text between
 * elements is an error that reading goes on after; comments and processing instructions are skipped. Attributes of the
 * XMLSchema-instance namespace, which editors add, are left out of the tree.
 */
#pragma once

#include "pipeline/diagnostics.h"

/*
 * Returned-owned: the root element of TEXT, also when DIAGNOSTICS are given errors about text in it. Every
 * element is counted down from *ELEMENTS_LEFT. NULL when it is not well formed or breaks a limit: the first
 * such error is added to DIAGNOSTICS. FILE is interned.
 */
MgElement *mg_xml_read(const char *file, const char *text, gsize size, guint *elements_left,
                       MgDiagnostics *diagnostics);
