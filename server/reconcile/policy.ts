import { recordAudit } from '../audit/audit.ts';
import type { ReconcileContext } from './context.ts';

/** Makes a watcher that puts our policy back where it can, and records what was found. */
export function policyWatch(
  context: ReconcileContext,
  /** Puts the policy back in force; undefined for a Headscale that somebody else runs. */
  restore: (() => Promise<void>) | undefined,
): () => Promise<void> {
  const { db, gate, clock, log } = context;
  let isReported = false;
  return async function watchPolicy() {
    const state = await gate.check();
    const isOther = state.kind === 'refused' && state.what === 'policy';
    if (!isOther) {
      if (isReported && state.kind === 'open') {
        isReported = false;
        await recordAudit(db, clock(), { event: 'policy-restored' });
      }
      return;
    }
    if (!isReported) {
      await recordAudit(db, clock(), { event: 'policy-drift-found' });
      log('error', 'policy-drift-found');
      isReported = true;
    }
    await restore?.();
  };
}
