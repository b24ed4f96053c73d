import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

const NO_CHANGE = { changes: 0, lastInsertRowid: 0 };

/**
 * Makes `node:sqlite` look like better-sqlite3, which is what Kysely's SqliteDialect speaks.
 * `begin` becomes `begin immediate`: a deferred transaction that reads first and writes later fails at once with
 * SQLITE_BUSY when the CLI writes beside the server, however long busy_timeout is.
 */
export function adaptSqlite(database: DatabaseSync): SqliteDatabase {
  return {
    close: () => database.close(),
    prepare(sql: string): SqliteStatement {
      const statement = database.prepare(sql === 'begin' ? 'begin immediate' : sql);
      // Kysely types parameters as unknown; our tables hold only text, integers and null.
      const values = (parameters: readonly unknown[]) => parameters as SQLInputValue[];
      return {
        reader: statement.columns().length > 0,
        all: (parameters) => statement.all(...values(parameters)),
        run(parameters) {
          // A full disk has ended the transaction already; an error about that would hide what was wrong.
          if (sql === 'rollback' && !database.isTransaction) return NO_CHANGE;
          return statement.run(...values(parameters));
        },
        iterate: (parameters) => statement.iterate(...values(parameters)),
      };
    },
  };
}
