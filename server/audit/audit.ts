import { createHash } from 'node:crypto';
import {
  findAuditHead,
  insertAuditRow,
  listAuditAfter,
  takeAuditPlace,
  type AuditHead,
  type AuditRow,
} from '../database/audit.ts';
import { inTransaction, type Database } from '../database/database.ts';
import type { AuditEvent } from './events.ts';

/** Rows read at once, about 300 bytes each. */
const PAGE = 1000;

/**
 * Records an event. Give it the transaction that does the recorded thing, as its last statement: then neither happens
 * without the other, and writers wait for the chain for the shortest time. Without a transaction it makes its own.
 * @param nowMs ms since 1970
 * @throws when the database refuses; the recorded thing must then not happen
 */
export function recordAudit(db: Database, nowMs: number, recorded: AuditEvent): Promise<void> {
  const { event, accountId, hubId, ...rest } = recorded;
  const detail = JSON.stringify(rest);
  return inTransaction(db, async (trx) => {
    const place = await takeAuditPlace(trx);
    const row = {
      seq: place.seq,
      at_ms: nowMs,
      event,
      account_id: accountId ?? null,
      hub_id: hubId ?? null,
      detail,
    };
    await insertAuditRow(trx, { ...row, hash: hashRow(place.hash, row) });
  });
}

/** How a look at the whole chain ended; `seq` is the first row that is wrong. */
export type AuditVerdict =
  | { ok: true; head: AuditHead }
  | { ok: false; seq: number; problem: 'changed' | 'missing' | 'not-the-end' };

/** Reads every row and compares it with its hash, the row before it and the head. */
export async function verifyAudit(db: Database): Promise<AuditVerdict> {
  // The head first: rows that come meanwhile are beyond it.
  const head = await findAuditHead(db);
  let last: AuditHead = { seq: 0, hash: '' };
  for await (const row of auditRows(db, head.seq)) {
    if (row.seq !== last.seq + 1) return { ok: false, seq: last.seq + 1, problem: 'missing' };
    if (row.hash !== hashRow(last.hash, row))
      return { ok: false, seq: row.seq, problem: 'changed' };
    last = row;
  }
  if (last.seq !== head.seq) return { ok: false, seq: last.seq + 1, problem: 'missing' };
  if (last.hash !== head.hash) return { ok: false, seq: last.seq, problem: 'not-the-end' };
  return { ok: true, head };
}

/** The chain as NDJSON, one line a row, with what is needed to verify it elsewhere. */
export async function* exportAudit(db: Database): AsyncGenerator<string> {
  const head = await findAuditHead(db);
  for await (const row of auditRows(db, head.seq)) yield `${JSON.stringify(row)}\n`;
}

async function* auditRows(db: Database, lastSeq: number): AsyncGenerator<AuditRow> {
  for (let after = 0; after < lastSeq;) {
    const rows = await listAuditAfter(db, after, PAGE);
    for (const row of rows) {
      if (row.seq > lastSeq) return;
      yield row;
    }
    const end = rows.at(-1);
    if (!end) return;
    after = end.seq;
  }
}

/** An array has one JSON form, whatever the database makes of the order of columns. */
function hashRow(previousHash: string, row: Omit<AuditRow, 'hash'>): string {
  const { seq, at_ms, event, account_id, hub_id, detail } = row;
  return createHash('sha256')
    .update(JSON.stringify([previousHash, seq, at_ms, event, account_id, hub_id, detail]))
    .digest('base64url');
}
