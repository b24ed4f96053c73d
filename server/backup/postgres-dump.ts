import { createWriteStream, createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { Client } from 'pg';
import { z } from 'zod';
import { postgresSettings } from '../database/postgres.ts';

/** Rows fetched at once. */
const PAGE = 1000;
/** Kysely's own tables: the manifest tells the migration instead. */
const NOT_OURS = /^kysely_migration/;

const Line = z.object({ table: z.string(), row: z.string() });

/** Writes every row of every table, as they are at one moment, one JSON line each. */
export async function dumpPostgres(url: string, path: string): Promise<void> {
  await withClient(url, async (client) => {
    const output = createWriteStream(path, { flags: 'wx', mode: 0o600 });
    await client.query('begin isolation level repeatable read, read only');
    for (const table of await listTables(client)) {
      await client.query(
        `declare dump no scroll cursor for select row_to_json(t)::text as row from ${quote(table)} t`,
      );
      for (;;) {
        const { rows } = await client.query<{ row: string }>(`fetch ${PAGE} from dump`);
        for (const { row } of rows) {
          if (!output.write(`${JSON.stringify({ table, row })}\n`)) await once(output, 'drain');
        }
        if (rows.length < PAGE) break;
      }
      await client.query('close dump');
    }
    await client.query('commit');
    output.end();
    await finished(output);
  });
}

/**
 * Puts the rows of a dump in place of all that there is, in one transaction.
 * @throws when the database holds accounts already
 */
export async function loadPostgres(url: string, path: string): Promise<void> {
  await withClient(url, async (client) => {
    await client.query('begin');
    const { rows } = await client.query('select 1 from accounts limit 1');
    if (rows.length > 0)
      throw new Error('database.url: this database holds accounts already; name an empty one');
    const tables = await listTables(client);
    await client.query(`truncate ${tables.map(quote).join(', ')}`);
    const rowsOf = await readLines(path);
    for (const table of await referredFirst(client, tables)) {
      const statement = `insert into ${quote(table)} select * from json_populate_record(null::${quote(table)}, $1::json)`;
      for (const row of rowsOf.get(table) ?? []) await client.query(statement, [row]);
    }
    await client.query('commit');
  });
}

async function readLines(path: string): Promise<Map<string, string[]>> {
  const rows = new Map<string, string[]>();
  for await (const text of createInterface({
    input: createReadStream(path),
    crlfDelay: Infinity,
  })) {
    const { table, row } = Line.parse(JSON.parse(text));
    const list = rows.get(table) ?? [];
    rows.set(table, list);
    list.push(row);
  }
  return rows;
}

async function listTables(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = current_schema() and table_type = 'BASE TABLE' order by 1`,
  );
  return rows.map(({ name }) => name).filter((name) => !NOT_OURS.test(name));
}

/** Tables in an order in which a row's reference is always there before it. */
async function referredFirst(client: Client, tables: readonly string[]): Promise<string[]> {
  const { rows } = await client.query<{ child: string; parent: string }>(
    `select c.relname as child, p.relname as parent from pg_constraint k
     join pg_class c on c.oid = k.conrelid join pg_class p on p.oid = k.confrelid
     where k.contype = 'f' and c.oid <> p.oid`,
  );
  const ordered: string[] = [];
  const visit = (table: string) => {
    if (ordered.includes(table) || !tables.includes(table)) return;
    for (const { child, parent } of rows) if (child === table) visit(parent);
    ordered.push(table);
  };
  for (const table of tables) visit(table);
  return ordered;
}

async function withClient(url: string, work: (client: Client) => Promise<void>): Promise<void> {
  // A dump of a large table takes longer than a request may.
  const client = new Client({ ...postgresSettings(url), statement_timeout: 0 });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
