import { createHash } from 'node:crypto';
import { Client } from 'pg';
import { isPostgres } from '../database/database.ts';
import { LOCK_CLASS, postgresSettings } from '../database/postgres.ts';

/** Whether this server is the one that looks after a shard. */
export interface Leadership {
  /** Asks again where another server may have died. Never rejects. */
  isLeader: () => Promise<boolean>;
  stop: () => Promise<void>;
}

/** On SQLite there is one server: it holds the lock of the data directory. */
const ALONE: Leadership = { isLeader: () => Promise.resolve(true), stop: () => Promise.resolve() };

/**
 * One leader for each shard, over all servers on a database. On Postgres by an advisory lock, which ends with its
 * connection, so with the server. What reconcilers do may be done twice: a leader that does not know yet that it lost
 * its connection harms nobody in the meantime.
 */
export function leadership(databaseLocation: string, shardId: string): Leadership {
  return isPostgres(databaseLocation) ? new PostgresLeadership(databaseLocation, shardId) : ALONE;
}

class PostgresLeadership implements Leadership {
  readonly #url: string;
  readonly #lock: number;
  #client: Client | undefined;
  #isHeld = false;

  constructor(url: string, shardId: string) {
    this.#url = url;
    // Any number of 31 bits will do, as long as every server has the same for a shard.
    this.#lock = createHash('sha256').update(`shard ${shardId}`).digest().readUInt32BE() >>> 1;
  }

  async isLeader(): Promise<boolean> {
    try {
      const client = this.#client ?? (await this.#connect());
      // While it is held this only proves that the connection is alive.
      const query = this.#isHeld
        ? 'select true as ok'
        : 'select pg_try_advisory_lock($1, $2) as ok';
      const values = this.#isHeld ? [] : [LOCK_CLASS, this.#lock];
      const { rows } = await client.query<{ ok: boolean }>(query, values);
      this.#isHeld = rows[0]?.ok === true;
      return this.#isHeld;
    } catch {
      await this.stop();
      return false; // The database is away; whoever needs it says so.
    }
  }

  async stop(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    this.#isHeld = false;
    await client?.end().catch(() => {}); // It may be broken already.
  }

  async #connect(): Promise<Client> {
    const client = new Client(postgresSettings(this.#url));
    // Said by the next query as well, which is where it is dealt with.
    client.on('error', () => {});
    await client.connect();
    this.#client = client;
    return client;
  }
}
