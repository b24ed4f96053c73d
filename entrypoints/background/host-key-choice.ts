import { fingerprintsIn } from '../../lib/fingerprints.ts';
import { forgetHostKeys, trustHostKey } from '../../lib/host-keys.ts';
import type { Result } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';
import { askWorker } from './hubs.ts';

/** Trusts a host key from now on, and connects to the hub with it. */
export async function trustKey(hubId: HubId, fingerprint: string): Promise<Result<null>> {
  if (fingerprintsIn(fingerprint)[0] !== fingerprint)
    return { ok: false, error: { code: 'bad-argument', detail: 'not a whole fingerprint' } };
  await trustHostKey(hubId, fingerprint);
  return connectAnew(hubId);
}

/** Forgets what is known of a hub's host key, and connects to it as for the first time. */
export async function forgetKey(hubId: HubId): Promise<Result<null>> {
  await forgetHostKeys(hubId);
  return connectAnew(hubId);
}

async function connectAnew(hubId: HubId): Promise<Result<null>> {
  await askWorker('rejoin', [hubId]);
  await askWorker('read-sessions', [hubId]);
  return { ok: true, value: null };
}
