import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { exportAudit, recordAudit, verifyAudit, type AuditVerdict } from '../audit/audit.ts';
import { withDatabase } from './data-option.ts';
import { UsageError } from './usage-error.ts';

/** `audit verify [--json]`, which fails when the chain is broken, and `audit export`, NDJSON. */
export async function auditCommand(args: string[]): Promise<number> {
  const [verb, ...rest] = args;
  if (verb === 'verify') return verify(rest);
  if (verb === 'export') return exportRows(rest);
  throw new UsageError('expected `audit verify` or `audit export`');
}

async function verify(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: { json: { type: 'boolean', default: false }, data: { type: 'string' } },
  });
  const verdict = await withDatabase(values.data, verifyAudit);
  process.stdout.write(`${values.json ? JSON.stringify(verdict) : describe(verdict)}\n`);
  return verdict.ok ? 0 : 1;
}

function describe(verdict: AuditVerdict): string {
  if (verdict.ok) {
    const { seq, hash } = verdict.head;
    // Who can write the whole database can make a new chain; a hash kept elsewhere shows that.
    return `The audit log is whole: ${seq} entries. Its last hash, to keep elsewhere: ${hash}`;
  }
  const what = {
    changed: 'was changed',
    missing: 'is missing',
    'not-the-end': 'is not what was written last',
  }[verdict.problem];
  return `The audit log was tampered with: entry ${verdict.seq} ${what}. Entries before it are whole.`;
}

async function exportRows(args: string[]): Promise<number> {
  const { values } = parseArgs({ args, options: { data: { type: 'string' } } });
  await withDatabase(values.data, async (db) => {
    await recordAudit(db, Date.now(), { event: 'audit-exported', reason: 'command line' });
    for await (const line of exportAudit(db)) {
      if (!process.stdout.write(line)) await once(process.stdout, 'drain');
    }
  });
  return 0;
}
