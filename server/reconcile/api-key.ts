import { recordAudit } from '../audit/audit.ts';
import type { ApiKeySource } from '../headscale/api-key.ts';
import type { ReconcileContext } from './context.ts';

/** Replaces our API key long before it ends, and ends the old one. @throws HeadscaleError */
export async function rotateApiKey(
  { db, headscale, clock }: ReconcileContext,
  source: ApiKeySource,
): Promise<void> {
  const old = source.current();
  if (old === undefined || !source.isOld()) return;
  await source.renew();
  await headscale.expireApiKey(old.slice('hskey-api-'.length).slice(0, 12));
  await recordAudit(db, clock(), { event: 'api-key-rotated' });
}
