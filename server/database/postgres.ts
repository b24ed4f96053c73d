import {
  CompiledQuery,
  PostgresDialect,
  PostgresDriver,
  type Driver,
  type PostgresDialectConfig,
  type TransactionSettings,
} from 'kysely';
import { Pool, types, type ClientConfig } from 'pg';

/** Connections of one server. Transactions take turns anyway; the others are for reading. */
const MAX_CONNECTIONS = 10;
/** Longest wait for a connection, in ms: requests must be refused before their clients give up. */
const CONNECT_TIMEOUT_MS = 5000;
/** Longest statement, the wait for another writer included, in ms; as long as SQLite's busy_timeout. */
const STATEMENT_TIMEOUT_MS = 5000;

/** First half of all our advisory locks: `htab` in ASCII. */
export const LOCK_CLASS = 0x68_74_61_62;
const WRITER_LOCK = 1;

/** Settings that every connection needs: our numbers are ms since 1970 and counts, which a double holds exactly. */
export function postgresSettings(url: string): ClientConfig {
  return {
    connectionString: url,
    application_name: 'hubtab-server',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    keepAlive: true,
    types: {
      getTypeParser: (oid, format) =>
        oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format),
    },
  };
}

/**
 * Postgres with SQLite's meaning of a transaction: one writer at a time, over all servers. So what is read in a
 * transaction (a count, a quota) holds until it ends, and the SQL module needs no second thought about it.
 */
export class OneWriterPostgresDialect extends PostgresDialect {
  readonly #config: PostgresDialectConfig;

  /** @param onLost told when an idle connection breaks; the pool makes a new one by itself */
  constructor(url: string, onLost: (error: Error) => void) {
    const pool = new Pool({ ...postgresSettings(url), max: MAX_CONNECTIONS });
    pool.on('error', onLost);
    super({ pool });
    this.#config = { pool };
  }

  override createDriver(): Driver {
    return new OneWriterDriver(this.#config);
  }
}

class OneWriterDriver extends PostgresDriver {
  override async beginTransaction(
    connection: Parameters<PostgresDriver['beginTransaction']>[0],
    settings: TransactionSettings,
  ): Promise<void> {
    await super.beginTransaction(connection, settings);
    try {
      await connection.executeQuery(
        CompiledQuery.raw('select pg_advisory_xact_lock($1, $2)', [LOCK_CLASS, WRITER_LOCK]),
      );
    } catch (error) {
      // Kysely's two methods name one and the same connection differently.
      await this.rollbackTransaction(
        connection as Parameters<PostgresDriver['rollbackTransaction']>[0],
      );
      throw error;
    }
  }
}
