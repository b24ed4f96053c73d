import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { SqliteDatabase, SqliteStatement } from 'kysely';

const NO_CHANGE = { changes: 0, lastInsertRowid: 0 };

/**
 * Statements that stay compiled; the server has fewer texts, but for lists of many lengths. To compile them anew was a sixth
 * of what `GET /v1/hubs` cost.
 */
const MAX_COMPILED = 300;

/**
 * Makes `node:sqlite` look like better-sqlite3, which is what Kysely's SqliteDialect speaks.
 * `begin` becomes `begin immediate`: a deferred transaction that reads first and writes later fails at once with
 * SQLITE_BUSY when the CLI writes beside the server, however long busy_timeout is.
 */
export function adaptSqlite(database: DatabaseSync): SqliteDatabase {
  const compile = keepCompiled(database);
  return {
    close: () => database.close(),
    prepare(sql: string): SqliteStatement {
      const text = sql === 'begin' ? 'begin immediate' : sql;
      const statement = compile(text);
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
        // One that is read row by row is its reader's alone.
        iterate: (parameters) => database.prepare(text).iterate(...values(parameters)),
      };
    },
  };
}

/** Compiles each text once, as long as it is among those used last. */
function keepCompiled(database: DatabaseSync): (text: string) => StatementSync {
  const kept = new Map<string, StatementSync>();
  return (text) => {
    const statement = kept.get(text) ?? database.prepare(text);
    kept.delete(text);
    kept.set(text, statement);
    const [oldest] = kept.keys();
    if (kept.size > MAX_COMPILED && oldest !== undefined) kept.delete(oldest);
    return statement;
  };
}
