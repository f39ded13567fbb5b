/*
    Caustic: certified Hamilton-Jacobi and Burgers equations of symmetry-reduced SGD.
    SPDX-License-Identifier: LGPL-3.0-or-later
*/

#include <string.h>
#include <sqlite3.h>
#include "cli.h"
#include "store.h"

/* "Caus": SQLite keeps it in the file's header. */
#define STORE_APPLICATION 0x43617573
#define STORE_VERSION 1
#define BUSY_MILLISECONDS 60000

struct store_struct
{
    sqlite3 * database;
    const char * file;
    sqlite3_int64 sweep;
    sqlite3_stmt * get;
    sqlite3_stmt * put;
};

static int
failed(const store_struct * store)
{
    int code = store->database == NULL ? SQLITE_NOMEM : sqlite3_errcode(store->database);

    cli_message("the store %s: %s", store->file, sqlite3_errmsg(store->database));
    return code == SQLITE_NOTADB || code == SQLITE_CORRUPT ? EXIT_BAD_INPUT : EXIT_INPUT_OUTPUT;
}

static int
run(store_struct * store, const char * sql)
{
    return sqlite3_exec(store->database, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : failed(store);
}

static int
read_number(sqlite3_int64 * number, store_struct * store, const char * sql)
{
    sqlite3_stmt * statement;
    int status = 0;

    if (sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) != SQLITE_OK)
        return failed(store);
    if (sqlite3_step(statement) == SQLITE_ROW)
        *number = sqlite3_column_int64(statement, 0);
    else
        status = failed(store);
    sqlite3_finalize(statement);
    return status;
}

/* A file that is no store of ours is left alone. */
static int
check_kind(store_struct * store)
{
    sqlite3_int64 application = 0, version = 0, tables = 0;
    int status = read_number(&application, store, "PRAGMA application_id");

    status = status != 0 ? status : read_number(&version, store, "PRAGMA user_version");
    status = status != 0 ? status : read_number(&tables, store, "SELECT count(*) FROM sqlite_master");
    if (status != 0 || (tables == 0 && application == 0) || (application == STORE_APPLICATION && version == STORE_VERSION))
        return status;
    cli_message(application == STORE_APPLICATION
        ? "the store %s is of another version of Caustic; choose another file"
        : "%s is a database, but no store of a sweep; choose another file", store->file);
    return EXIT_BAD_INPUT;
}

static int
set_up(store_struct * store)
{
    caustic_text_t sql;
    int status;

    caustic_text_init(sql);
    /* The rollback journal, and every commit written through: whenever the process or the machine ends, the
       file holds all rows of whole transactions. */
    caustic_text_printf(sql, "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; BEGIN IMMEDIATE;"
        "PRAGMA application_id = %d; PRAGMA user_version = %d;"
        "CREATE TABLE IF NOT EXISTS sweep (id INTEGER PRIMARY KEY, identity BLOB NOT NULL UNIQUE);"
        "CREATE TABLE IF NOT EXISTS value (sweep INTEGER NOT NULL REFERENCES sweep, point TEXT NOT NULL, row TEXT NOT NULL,"
        " PRIMARY KEY (sweep, point)) WITHOUT ROWID; COMMIT", STORE_APPLICATION, STORE_VERSION);
    status = run(store, sql->data);
    caustic_text_clear(sql);
    return status;
}

static int
step_with_identity(sqlite3_int64 * id, store_struct * store, const char * sql, const caustic_text_t identity)
{
    sqlite3_stmt * statement;
    int code, status = 0;

    if (sqlite3_prepare_v2(store->database, sql, -1, &statement, NULL) != SQLITE_OK)
        return failed(store);
    code = sqlite3_bind_blob64(statement, 1, identity->data, identity->length, SQLITE_STATIC);
    code = code == SQLITE_OK ? sqlite3_step(statement) : code;
    if (code == SQLITE_ROW && id != NULL)
        *id = sqlite3_column_int64(statement, 0);
    else if (code != SQLITE_DONE)
        status = failed(store);
    sqlite3_finalize(statement);
    return status;
}

static int
find_sweep(store_struct * store, const caustic_text_t identity)
{
    int status = step_with_identity(NULL, store, "INSERT OR IGNORE INTO sweep (identity) VALUES (?)", identity);

    return status != 0 ? status : step_with_identity(&store->sweep, store, "SELECT id FROM sweep WHERE identity = ?", identity);
}

static int
prepare(store_struct * store)
{
    if (sqlite3_prepare_v2(store->database, "SELECT row FROM value WHERE sweep = ? AND point = ?", -1, &store->get, NULL) != SQLITE_OK
        || sqlite3_prepare_v2(store->database, "INSERT OR REPLACE INTO value (sweep, point, row) VALUES (?, ?, ?)", -1, &store->put, NULL) != SQLITE_OK
        || sqlite3_bind_int64(store->get, 1, store->sweep) != SQLITE_OK
        || sqlite3_bind_int64(store->put, 1, store->sweep) != SQLITE_OK)
        return failed(store);
    return 0;
}

store_struct *
store_open(const char * file, const caustic_text_t identity, int * status)
{
    store_struct * store = flint_calloc(1, sizeof(store_struct));

    store->file = file;
    if (sqlite3_open_v2(file, &store->database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) != SQLITE_OK)
        *status = failed(store);
    else
    {
        sqlite3_busy_timeout(store->database, BUSY_MILLISECONDS);
        *status = check_kind(store);
        *status = *status != 0 ? *status : set_up(store);
        *status = *status != 0 ? *status : find_sweep(store, identity);
        *status = *status != 0 ? *status : prepare(store);
    }
    if (*status == 0)
        return store;
    store_close(store);
    return NULL;
}

void
store_close(store_struct * store)
{
    sqlite3_finalize(store->get);
    sqlite3_finalize(store->put);
    sqlite3_close(store->database);
    flint_free(store);
}

char *
store_get(store_struct * store, const char * point)
{
    char * row = NULL;

    if (sqlite3_bind_text(store->get, 2, point, -1, SQLITE_STATIC) == SQLITE_OK && sqlite3_step(store->get) == SQLITE_ROW)
        row = caustic_string_copy((const char *) sqlite3_column_text(store->get, 0));
    sqlite3_reset(store->get);
    return row;
}

int
store_begin(store_struct * store)
{
    return run(store, "BEGIN IMMEDIATE");
}

int
store_put(store_struct * store, const char * point, const char * row)
{
    int good = sqlite3_bind_text(store->put, 2, point, -1, SQLITE_STATIC) == SQLITE_OK
        && sqlite3_bind_text(store->put, 3, row, -1, SQLITE_STATIC) == SQLITE_OK
        && sqlite3_step(store->put) == SQLITE_DONE;
    int status = good ? 0 : failed(store);

    sqlite3_reset(store->put);
    return status;
}

int
store_commit(store_struct * store)
{
    return run(store, "COMMIT");
}
