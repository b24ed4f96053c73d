import { sql, type Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';
import { grantMigrations } from './migrations/grants.ts';
import { signInMigrations } from './migrations/sign-in.ts';

/** Append only: a migration that has shipped never changes. The schema's words are in schema.ts. */
export const migrations: Record<string, Migration> = {
  '0001_initial': {
    async up(db: Kysely<unknown>): Promise<void> {
      await createIdentityTables(db);
      await createHubTables(db);
    },
  },
  '0002_audit': { up: createAuditTables },
  '0003_key_instance': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema.alterTable('issued_keys').addColumn('instance', 'text').execute();
      await createIndex(db, 'issued_keys', 'headscale_key_id');
    },
  },
  '0010_shares': { up: createSharesTable },
  '0011_browser_cuts': { up: createBrowserCuts },
  '0012_hub_node_guard': { up: createHubNodeGuard },
  '0013_kept_answers': { up: createKeptAnswers },
  ...signInMigrations,
  ...grantMigrations,
  '0030_reconcile': { up: createReconcileTables },
};

async function createIdentityTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('accounts')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('email', 'text', (column) => column.notNull().unique())
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('hub_limit', 'integer', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('token_families')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.notNull().references('accounts.id'))
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('refresh_tokens')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('family_id', 'text', (column) =>
      column.notNull().references('token_families.id').onDelete('cascade'),
    )
    .addColumn('used_at_ms', 'bigint')
    .execute();
  await db.schema
    .createTable('pairing_codes')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.notNull().references('accounts.id'))
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('used_at_ms', 'bigint')
    .execute();
  await db.schema
    .createTable('used_assertions')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await createIndex(db, 'token_families', 'account_id');
  await createIndex(db, 'refresh_tokens', 'family_id');
}

async function createHubTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('hubs')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.notNull().references('accounts.id'))
    .addColumn('shard_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('ssh_user', 'text', (column) => column.notNull())
    .addColumn('public_key', 'text', (column) => column.notNull())
    .addColumn('tmux_path', 'text', (column) => column.notNull())
    .addColumn('tmux_socket', 'text', (column) => column.notNull())
    .addColumn('hubtab_path', 'text', (column) => column.notNull())
    .addColumn('headscale_user_id', 'text')
    .addColumn('node_id', 'text')
    .addColumn('node_key', 'text')
    .addColumn('node_ip', 'text')
    .addColumn('host_keys', 'text')
    .addColumn('versions', 'text')
    .addColumn('last_heartbeat_ms', 'bigint')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('deleted_at_ms', 'bigint')
    .execute();
  await db.schema
    .createTable('access_tokens')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('family_id', 'text', (column) =>
      column.references('token_families.id').onDelete('cascade'),
    )
    .addColumn('hub_id', 'text', (column) => column.references('hubs.id').onDelete('cascade'))
    .addColumn('scope', 'text', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('join_tokens')
    .addColumn('hash', 'text', (column) => column.primaryKey())
    .addColumn('account_id', 'text', (column) => column.notNull().references('accounts.id'))
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('used_at_ms', 'bigint')
    .addColumn('hub_id', 'text', (column) => column.references('hubs.id').onDelete('cascade'))
    .execute();
  await db.schema
    .createTable('issued_keys')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hub_id', 'text', (column) =>
      column.notNull().references('hubs.id').onDelete('cascade'),
    )
    .addColumn('account_id', 'text')
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('headscale_key_id', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await createIndex(db, 'hubs', 'account_id');
  await createIndex(db, 'access_tokens', 'family_id');
  await createIndex(db, 'access_tokens', 'hub_id');
  await createIndex(db, 'issued_keys', 'hub_id');
}

async function createAuditTables(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('audit')
    .addColumn('seq', 'bigint', (column) => column.primaryKey())
    .addColumn('at_ms', 'bigint', (column) => column.notNull())
    .addColumn('event', 'text', (column) => column.notNull())
    .addColumn('account_id', 'text')
    .addColumn('hub_id', 'text')
    .addColumn('detail', 'text', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('audit_head')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('seq', 'bigint', (column) => column.notNull())
    .addColumn('hash', 'text', (column) => column.notNull())
    .execute();
  await sql`insert into audit_head (id, seq, hash) values (1, 0, '')`.execute(db);
  await createIndex(db, 'audit', 'account_id');
  await createIndex(db, 'audit', 'hub_id');
}

async function createSharesTable(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('shares')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hub_id', 'text', (column) =>
      column.notNull().references('hubs.id').onDelete('cascade'),
    )
    .addColumn('guest_email', 'text', (column) => column.notNull())
    .addColumn('guest_id', 'text', (column) => column.references('accounts.id').onDelete('cascade'))
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addUniqueConstraint('shares_hub_guest', ['hub_id', 'guest_email'])
    .execute();
  await createIndex(db, 'shares', 'guest_id');
}

async function createBrowserCuts(db: Kysely<unknown>): Promise<void> {
  // Rows of older versions have no sign-in to name.
  await db.schema.alterTable('issued_keys').addColumn('grant_id', 'text').execute();
  await db.schema
    .createTable('browser_cuts')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hub_id', 'text')
    .addColumn('account_id', 'text')
    .addColumn('grant_id', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('finished_at_ms', 'bigint')
    .execute();
}

async function createHubNodeGuard(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('rejoin_approvals')
    .addColumn('hub_id', 'text', (column) =>
      column.primaryKey().references('hubs.id').onDelete('cascade'),
    )
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('used_at_ms', 'bigint')
    .addColumn('headscale_key_id', 'text')
    .execute();
  await db.schema
    .createTable('hub_notices')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hub_id', 'text', (column) =>
      column.notNull().references('hubs.id').onDelete('cascade'),
    )
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await createIndex(db, 'hub_notices', 'hub_id');
}

async function createKeptAnswers(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('kept_answers')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('hub_id', 'text', (column) =>
      column.notNull().references('hubs.id').onDelete('cascade'),
    )
    .addColumn('account_id', 'text', (column) => column.notNull())
    .addColumn('request_hash', 'text', (column) => column.notNull())
    .addColumn('sealed', 'text')
    .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await createIndex(db, 'kept_answers', 'hub_id');
}

async function createReconcileTables(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('issued_keys').addColumn('used_at_ms', 'bigint').execute();
  await db.schema
    .createTable('shards')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('sentinel', 'text', (column) => column.notNull())
    .addColumn('is_confirmed', 'integer', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('unknown_nodes')
    .addColumn('shard_id', 'text', (column) => column.notNull())
    .addColumn('node_id', 'text', (column) => column.notNull())
    .addColumn('unit', 'text', (column) => column.notNull())
    .addColumn('hostname', 'text', (column) => column.notNull())
    .addColumn('found_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('unknown_nodes_key', ['shard_id', 'node_id'])
    .execute();
}

function createIndex(db: Kysely<unknown>, table: string, column: string): Promise<void> {
  return db.schema.createIndex(`${table}_${column}`).on(table).column(column).execute();
}
