import { browser } from 'wxt/browser';
import { z } from 'zod';
import type { AccountState } from '../protocol/contexts.ts';

/** What `storage.local` keeps of the account. An older build may have written it: checked, with a fall-back. */
const Stored = z.object({
  serverUrl: z.url(),
  email: z.string().optional(),
  /** The one secret on disk: it ends with the sign-in, and no network key can be derived without the server. */
  refreshToken: z.string().optional(),
  endedAtMs: z.number().optional(),
});
export type StoredAccount = z.infer<typeof Stored>;

const KEY = 'account';

/** Reads the stored account; null when there is none, or none that can be understood. */
export async function readStoredAccount(): Promise<StoredAccount | null> {
  const found = Stored.safeParse((await browser.storage.local.get(KEY))[KEY]);
  return found.success ? found.data : null;
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
