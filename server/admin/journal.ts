import { Readable } from 'node:stream';
import { z } from 'zod';
import type { AdminAuditEntry } from '../../protocol/admin.ts';
import { exportAudit, recordAudit, verifyAudit } from '../audit/audit.ts';
import { makeCursor, readCursor } from '../cursor.ts';
import { listAuditBefore, readNames } from '../database/admin.ts';
import type { AuditRow } from '../database/audit.ts';
import type { Database } from '../database/database.ts';
import type { Account, Identity } from '../identity/identity.ts';
import { ApiError } from '../problem.ts';
import type { ListPage } from './people.ts';

export interface JournalOptions {
  db: Database;
  identity: Identity;
  clock: () => number;
}

/** What an entry may carry beside ids, as events.ts names it. */
const Detail = z.object({
  byAccountId: z.string().optional(),
  address: z.string().optional(),
  kind: z.string().optional(),
  changed: z.array(z.string()).optional(),
  reason: z.string().optional(),
  count: z.number().optional(),
  nodeId: z.string().optional(),
});
type Detail = z.infer<typeof Detail>;

/** The audit log, as an admin reads it. */
export class Journal {
  readonly #options: JournalOptions;

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /**
   * Newest first.
   * @param who only what was done by or to the account with this address
   * @throws ApiError bad-request for a cursor that is not ours, not-found when nobody has the address
   */
  async list({ cursor, limit }: ListPage, who: string | undefined) {
    const { db, identity } = this.#options;
    const beforeSeq = cursor === undefined ? undefined : Number(readCursor(cursor));
    if (Number.isNaN(beforeSeq)) throw new ApiError('bad-request', 'cursor: of another list.');
    const account = who === undefined ? undefined : await identity.findUserByEmail(who);
    if (who !== undefined && !account) {
      throw new ApiError('not-found', 'There is no account with this address.');
    }
    const rows = await listAuditBefore(db, {
      beforeSeq,
      limit: limit + 1,
      accountId: account?.id,
    });
    const shown = rows.slice(0, limit);
    const last = rows.length > limit ? shown.at(-1) : undefined;
    return {
      entries: await this.#entries(shown),
      nextCursor: last ? makeCursor(String(last.seq)) : null,
    };
  }

  async verify() {
    const verdict = await verifyAudit(this.#options.db);
    return verdict.ok
      ? { ok: true, seq: verdict.head.seq, problem: null, hash: verdict.head.hash }
      : { ok: false, seq: verdict.seq, problem: verdict.problem, hash: null };
  }

  /** All entries as NDJSON, with what is needed to verify them elsewhere. That it was taken is an entry too. */
  async export(admin: Account): Promise<ReadableStream> {
    const { db, clock } = this.#options;
    await recordAudit(db, clock(), { event: 'audit-exported', accountId: admin.id });
    // Read piece by piece as the client takes it: there may be more than fits in memory.
    return Readable.toWeb(Readable.from(exportAudit(db), { objectMode: false })) as ReadableStream;
  }

  async #entries(rows: readonly AuditRow[]): Promise<AdminAuditEntry[]> {
    const parsed = rows.map((row) => ({ row, detail: readDetail(row.detail) }));
    const { emails, hubNames } = await readNames(this.#options.db, {
      accounts: distinct(parsed.flatMap((each) => [each.row.account_id, each.detail.byAccountId])),
      hubs: distinct(rows.map((row) => row.hub_id)),
    });
    return parsed.map(({ row, detail }) => ({
      seq: row.seq,
      at: new Date(row.at_ms).toISOString(),
      event: row.event,
      account: emails.get(row.account_id ?? '') ?? null,
      by: emails.get(detail.byAccountId ?? '') ?? null,
      hub: row.hub_id === null ? null : { id: row.hub_id, name: hubNames.get(row.hub_id) ?? null },
      address: detail.address ?? null,
      detail: inWords(detail),
    }));
  }
}

/** Also of a row that somebody tampered with: it must not hide the others. */
function readDetail(text: string): Detail {
  try {
    return Detail.parse(JSON.parse(text));
  } catch {
    return { reason: 'cannot be read: verify the log' };
  }
}

function inWords({ kind, changed, reason, count, nodeId }: Detail): string {
  const parts = [kind, changed?.join(', '), reason, count, nodeId && `node ${nodeId}`];
  return parts.filter((part) => part !== undefined).join(', ');
}

function distinct(ids: readonly (string | null | undefined)[]): string[] {
  return [...new Set(ids.filter((id) => typeof id === 'string'))];
}
