#include "auth/database.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

enum { BUSY_MS = 1000 };

#define SCHEMA                                                                                     \
  "CREATE TABLE IF NOT EXISTS keys (id TEXT PRIMARY KEY, app TEXT, stream TEXT, hash TEXT,"        \
  " \"from\" TEXT, until TEXT, addresses TEXT, protocols TEXT, password TEXT, note TEXT, \"on-duplicate\" TEXT)"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3, sqlite3_close)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(sqlite3_stmt, sqlite3_finalize)

static gboolean
refuse(GError **error, const char *path, const char *why)
{
  g_set_error(error, MG_ERROR, MG_ERROR_INVALID, "%s: %s", path, why);
  return FALSE;
}

gboolean
auth_database_is_one(const char *path)
{
  static const char magic[] = "SQLite format 3";
  char head[sizeof magic] = { 0 };
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  gssize n = fd >= 0 ? read(fd, head, sizeof head) : 0;
  if (fd >= 0)
    close(fd);
  if (n > 0)
    return memcmp(head, magic, sizeof magic) == 0;
  return g_str_has_suffix(path, ".db") || g_str_has_suffix(path, ".sqlite") ||
         g_str_has_suffix(path, ".sqlite3");
}

void
auth_database_mark(const char *path, AuthDatabaseMark *mark)
{
  g_autofree char *log = g_strconcat(path, "-wal", NULL);
  auth_file_mark(path, &mark->file);
  auth_file_mark(log, &mark->log);
}

gboolean
auth_database_mark_equal(const AuthDatabaseMark *a, const AuthDatabaseMark *b)
{
  return auth_file_mark_equal(&a->file, &b->file) && auth_file_mark_equal(&a->log, &b->log);
}

/* Returned-owned. */
static sqlite3 *
open_database(const char *path, int flags, GError **error)
{
  sqlite3 *db = NULL;
  if (sqlite3_open_v2(path, &db, flags, NULL) == SQLITE_OK) {
    sqlite3_busy_timeout(db, BUSY_MS);
    return db;
  }
  refuse(error, path, db ? sqlite3_errmsg(db) : "no memory");
  sqlite3_close(db);
  return NULL;
}

/* Returned-owned. */
static sqlite3_stmt *
prepare(sqlite3 *db, const char *path, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
    refuse(error, path, sqlite3_errmsg(db));
  return statement;
}

/* --- reading ----------------------------------------------------------------------------------- */

static gboolean
read_row(sqlite3_stmt *row, AuthKeys *keys, GError **error)
{
  g_autoptr(AuthKey) key = auth_key_new();
  for (int i = 0; i < sqlite3_column_count(row); i++) {
    const char *value = (const char *) sqlite3_column_text(row, i);
    if (value != NULL && *value != '\0' &&
        !auth_key_set(key, sqlite3_column_name(row, i), value, error))
      return FALSE;
  }
  if (*key->id != '\0')
    return auth_keys_add(keys, g_steal_pointer(&key), error);
  g_set_error_literal(error, MG_ERROR, MG_ERROR_INVALID, "id is missing");
  return FALSE;
}

static gboolean
read_rows(sqlite3 *db, const char *path, AuthKeys *keys, GError **error)
{
  g_autoptr(sqlite3_stmt) rows = prepare(db, path, "SELECT * FROM keys ORDER BY rowid", error);
  if (rows == NULL)
    return FALSE;
  int code;
  for (guint number = 1; (code = sqlite3_step(rows)) == SQLITE_ROW; number++)
    if (!read_row(rows, keys, error)) {
      g_prefix_error(error, "%s: row %u: ", path, number);
      return FALSE;
    }
  return code == SQLITE_DONE || refuse(error, path, sqlite3_errmsg(db));
}

gboolean
auth_database_read(const char *path, AuthKeys *keys, GError **error)
{
  if (!auth_file_check(path, error))
    return FALSE;
  g_autoptr(sqlite3) db = open_database(path, SQLITE_OPEN_READONLY, error);
  return db != NULL && read_rows(db, path, keys, error);
}

/* --- writing ----------------------------------------------------------------------------------- */

typedef struct {
  sqlite3 *db;
  const char *id;
  int code;
} Row;

/* FIELD is one of the columns of the schema. */
static void
write_field(const char *field, const char *value, gpointer data)
{
  Row *row = data;
  g_autofree char *sql = g_strdup_printf("UPDATE keys SET \"%s\" = ?1 WHERE id = ?2", field);
  sqlite3_stmt *statement = NULL;
  if (row->code != SQLITE_OK)
    return;
  row->code = sqlite3_prepare_v2(row->db, sql, -1, &statement, NULL);
  if (row->code == SQLITE_OK) {
    sqlite3_bind_text(statement, 1, value, -1, SQLITE_TRANSIENT);
    sqlite3_bind_text(statement, 2, row->id, -1, SQLITE_TRANSIENT);
    row->code = sqlite3_step(statement) == SQLITE_DONE ? SQLITE_OK : SQLITE_ERROR;
  }
  sqlite3_finalize(statement);
}

/* FALSE: the database says why. */
static gboolean
run_with_id(sqlite3 *db, const char *sql, const char *id)
{
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
    return FALSE;
  sqlite3_bind_text(statement, 1, id, -1, SQLITE_TRANSIENT);
  gboolean is_done = sqlite3_step(statement) == SQLITE_DONE;
  sqlite3_finalize(statement);
  return is_done;
}

static gboolean
insert(sqlite3 *db, const AuthKey *key)
{
  Row row = { db, key->id, SQLITE_OK };
  if (!run_with_id(db, "INSERT INTO keys (id) VALUES (?1)", key->id))
    return FALSE;
  auth_key_each_field(key, write_field, &row);
  return row.code == SQLITE_OK;
}

static gboolean
run(sqlite3 *db, const char *sql)
{
  return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

/* The column is younger than the table: one that was made without it gets it, one that has it says so. */
static void
add_column(sqlite3 *db, const AuthKey *key)
{
  if (key->on_duplicate != AUTH_DUPLICATE_ANY)
    run(db, "ALTER TABLE keys ADD COLUMN \"on-duplicate\" TEXT");
}

/* SQLite would make it readable for all. */
static gboolean
make_file(const char *path, GError **error)
{
  int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0600);
  if (fd < 0)
    return refuse(error, path, g_strerror(errno));
  close(fd);
  return auth_file_check(path, error);
}

gboolean
auth_database_add(const char *path, const AuthKey *key, GError **error)
{
  if (!make_file(path, error))
    return FALSE;
  g_autoptr(sqlite3) db = open_database(path, SQLITE_OPEN_READWRITE, error);
  if (db == NULL)
    return FALSE;
  gboolean has_table = run(db, SCHEMA);
  if (has_table)
    add_column(db, key);
  return (has_table && run(db, "BEGIN IMMEDIATE") && insert(db, key) && run(db, "COMMIT")) ||
         refuse(error, path, sqlite3_errmsg(db));
}

gboolean
auth_database_remove(const char *path, const char *id, GError **error)
{
  if (!auth_file_check(path, error))
    return FALSE;
  g_autoptr(sqlite3) db = open_database(path, SQLITE_OPEN_READWRITE, error);
  if (db == NULL)
    return FALSE;
  if (!run_with_id(db, "DELETE FROM keys WHERE id = ?1", id))
    return refuse(error, path, sqlite3_errmsg(db));
  return sqlite3_changes(db) > 0 || refuse(error, path, "it has no key of that id");
}
