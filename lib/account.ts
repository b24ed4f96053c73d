import { browser } from 'wxt/browser';
import type { AccountState } from '../protocol/contexts.ts';

/** What `storage.local` keeps of the account. */
export interface StoredAccount {
  serverUrl: string;
  /** What the server calls itself; unset in what older builds wrote. */
  issuer?: string;
  email?: string;
  /** The one secret on disk, useless without the key in IndexedDB. With `isForgotten` it is in memory only. */
  refreshToken?: string;
  /** The sign-in ends with the browser. */
  isForgotten?: boolean;
  endedAtMs?: number;
}

const KEY = 'account';
/** In `storage.session`, which ends with the browser. */
const MEMORY_KEY = 'refresh-token';

/** Reads the stored account; null when there is none, or none that can be understood. */
export async function readStoredAccount(): Promise<StoredAccount | null> {
  const account = accountOf((await browser.storage.local.get(KEY))[KEY]);
  if (!account?.isForgotten) return account;
  const refreshToken = (await browser.storage.session.get(MEMORY_KEY))[MEMORY_KEY];
  return { ...account, ...(typeof refreshToken === 'string' ? { refreshToken } : {}) };
}

/** An older build may have written it. Checked by hand: the popup starts with this, and zod weighs more than all of it. */
function accountOf(stored: unknown): StoredAccount | null {
  const { serverUrl, issuer, email, refreshToken, isForgotten, endedAtMs } = (stored ??
    {}) as Record<string, unknown>;
  if (typeof serverUrl !== 'string' || !URL.canParse(serverUrl)) return null;
  return {
    serverUrl,
    ...(typeof issuer === 'string' && URL.canParse(issuer) ? { issuer } : {}),
    ...(typeof email === 'string' ? { email } : {}),
    ...(typeof refreshToken === 'string' ? { refreshToken } : {}),
    ...(typeof isForgotten === 'boolean' ? { isForgotten } : {}),
    ...(typeof endedAtMs === 'number' ? { endedAtMs } : {}),
  };
}

export async function writeStoredAccount(account: StoredAccount): Promise<void> {
  const { refreshToken, ...rest } = account;
  if (account.isForgotten && refreshToken !== undefined) {
    await browser.storage.session.set({ [MEMORY_KEY]: refreshToken });
    await browser.storage.local.set({ [KEY]: rest });
    return;
  }
  await browser.storage.session.remove(MEMORY_KEY);
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
