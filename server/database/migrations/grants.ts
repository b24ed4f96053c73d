import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

/** What a person allowed which browser or machine, and the codes on the way there. */
export const grantMigrations: Record<string, Migration> = {
  '0022_grants': {
    async up(db: Kysely<unknown>): Promise<void> {
      for (const column of ['client', 'label', 'address', 'key_thumbprint'] as const) {
        await db.schema.alterTable('token_families').addColumn(column, 'text').execute();
      }
      for (const column of ['used_at_ms', 'idle_expires_at_ms'] as const) {
        await db.schema.alterTable('token_families').addColumn(column, 'bigint').execute();
      }
    },
  },
  '0023_authorization_codes': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('authorization_codes')
        .addColumn('hash', 'text', (column) => column.primaryKey())
        .addColumn('account_id', 'text', (column) => column.notNull().references('accounts.id'))
        .addColumn('redirect_uri', 'text', (column) => column.notNull())
        .addColumn('challenge', 'text', (column) => column.notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('key_thumbprint', 'text')
        .addColumn('label', 'text', (column) => column.notNull())
        .addColumn('address', 'text', (column) => column.notNull())
        .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
        .addColumn('used_at_ms', 'bigint')
        .addColumn('family_id', 'text')
        .execute();
    },
  },
  '0024_device_codes': {
    async up(db: Kysely<unknown>): Promise<void> {
      await db.schema
        .createTable('device_codes')
        .addColumn('hash', 'text', (column) => column.primaryKey())
        .addColumn('user_code_hash', 'text', (column) => column.notNull().unique())
        .addColumn('client', 'text', (column) => column.notNull())
        .addColumn('scope', 'text', (column) => column.notNull())
        .addColumn('label', 'text', (column) => column.notNull())
        .addColumn('address', 'text', (column) => column.notNull())
        .addColumn('key_thumbprint', 'text')
        .addColumn('state', 'text', (column) => column.notNull())
        .addColumn('account_id', 'text', (column) => column.references('accounts.id'))
        .addColumn('polled_at_ms', 'bigint')
        .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
        .execute();
    },
  },
};
