/*
 * Keys in an SQLite database: a table `keys` with a column of text per field (key.h), `id` being
 * its key.
 *
 * May block: not on an I/O lane.
 */
#pragma once

#include "auth/file.h"
#include "auth/keys.h"

/* Whether PATH is a database, or would be one by its name. */
gboolean auth_database_is_one(const char *path);

/* What of it has changed when it has. */
typedef struct {
  AuthFileMark file, log;
} AuthDatabaseMark;

void auth_database_mark(const char *path, AuthDatabaseMark *mark);
gboolean auth_database_mark_equal(const AuthDatabaseMark *a, const AuthDatabaseMark *b);

/* Adds its keys. FALSE and ERROR as auth_keys_parse() and auth_file_read(). */
gboolean auth_database_read(const char *path, AuthKeys *keys, GError **error);

/* Adds a key; makes the database, its owner's only, when there is none. */
gboolean auth_database_add(const char *path, const AuthKey *key, GError **error);

gboolean auth_database_remove(const char *path, const char *id, GError **error);
