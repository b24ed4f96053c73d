import { browser } from 'wxt/browser';
import type { AccountState } from '../protocol/contexts.ts';

/** What `storage.local` keeps of the account. */
export interface StoredAccount {
  serverUrl: string;
  email?: string;
  /** The one secret on disk: it ends with the sign-in, and no network key can be derived without the server. */
  refreshToken?: string;
  endedAtMs?: number;
}

const KEY = 'account';

/** Reads the stored account; null when there is none, or none that can be understood. */
export async function readStoredAccount(): Promise<StoredAccount | null> {
  return accountOf((await browser.storage.local.get(KEY))[KEY]);
}

/** An older build may have written it. Checked by hand: the popup starts with this, and zod weighs more than all of it. */
function accountOf(stored: unknown): StoredAccount | null {
  const { serverUrl, email, refreshToken, endedAtMs } = (stored ?? {}) as Record<string, unknown>;
  if (typeof serverUrl !== 'string' || !URL.canParse(serverUrl)) return null;
  return {
    serverUrl,
    ...(typeof email === 'string' ? { email } : {}),
    ...(typeof refreshToken === 'string' ? { refreshToken } : {}),
    ...(typeof endedAtMs === 'number' ? { endedAtMs } : {}),
  };
}

export async function writeStoredAccount(account: StoredAccount): Promise<void> {
  await browser.storage.local.set({ [KEY]: account });
}

/** The account as pages see it, without tokens. */
export async function readAccount(): Promise<AccountState> {
  const stored = await readStoredAccount();
  if (!stored) return { kind: 'not-configured' };
  const { serverUrl, email, refreshToken, endedAtMs } = stored;
  if (refreshToken && email) return { kind: 'signed-in', serverUrl, email };
  return {
    kind: 'signed-out',
    serverUrl,
    ...(email ? { email } : {}),
    ...(endedAtMs ? { endedAtMs } : {}),
  };
}
