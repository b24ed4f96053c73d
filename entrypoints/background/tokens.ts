import { browser } from 'wxt/browser';
import { readStoredAccount, writeStoredAccount } from '../../lib/account.ts';
import { hostPermission } from '../../lib/host-permission.ts';
import { anonymousClient, serverClient } from '../../lib/server-client.ts';
import type { TokenSet } from '../../protocol/account.ts';
import type { Result } from '../../protocol/contexts.ts';

const KEY = 'access-token';

/** An access token is replaced this long before its end, so that none ends on its way to the server. */
const EARLY_MS = 30_000;

interface AccessToken {
  token: string;
  endsAtMs: number;
}

let renewing: Promise<Result<string>> | undefined;

/** A client of the account's server with a token that is still good; renews it when it must. */
export async function authorizedClient(): Promise<
  Result<{ server: ReturnType<typeof serverClient>; serverUrl: string }>
> {
  const account = await readStoredAccount();
  if (!account) return refuse('not-configured', 'no server was named');
  const { serverUrl } = account;
  const origin = hostPermission(serverUrl);
  if (!(await browser.permissions.contains({ origins: [origin] })))
    return refuse('permission-missing', `the browser does not let Hubtab reach ${origin}`);
  const token = await accessToken();
  if (!token.ok) return token;
  return { ok: true, value: { server: serverClient(serverUrl, token.value), serverUrl } };
}

/** Keeps a new sign-in: the access token in memory, the refresh token on disk. */
export async function keepTokens(
  serverUrl: string,
  tokens: TokenSet,
  email: string,
): Promise<void> {
  await keepAccess(tokens);
  const refreshToken = tokens.refresh_token;
  await writeStoredAccount({ serverUrl, email, ...(refreshToken ? { refreshToken } : {}) });
}

/** Forgets the sign-in, here and on the server. The server's address stays. */
export async function forgetTokens(): Promise<void> {
  const account = await readStoredAccount();
  await browser.storage.session.remove(KEY);
  if (!account) return;
  const { refreshToken, ...rest } = account;
  await writeStoredAccount({ ...rest, endedAtMs: Date.now() });
  if (refreshToken) await anonymousClient(account.serverUrl).revoke(refreshToken);
}

async function accessToken(): Promise<Result<string>> {
  const stored = (await browser.storage.session.get(KEY))[KEY] as AccessToken | undefined;
  if (stored && stored.endsAtMs - EARLY_MS > Date.now()) return { ok: true, value: stored.token };
  // A refresh token works once: two renewals at a time would look like theft to the server.
  renewing ??= renew().finally(() => (renewing = undefined));
  return renewing;
}

async function renew(): Promise<Result<string>> {
  const account = await readStoredAccount();
  if (!account?.refreshToken) return refuse('signed-out', 'no sign-in is stored');
  const answer = await anonymousClient(account.serverUrl).refresh(account.refreshToken);
  if (!answer.ok) {
    if (answer.error.code !== 'unauthorized' && answer.error.code !== 'token-expired')
      return answer;
    const { refreshToken: _, ...rest } = account;
    await writeStoredAccount({ ...rest, endedAtMs: Date.now() });
    return refuse('signed-out', answer.error.detail);
  }
  await keepAccess(answer.value);
  const next = answer.value.refresh_token ?? account.refreshToken;
  await writeStoredAccount({ ...account, refreshToken: next });
  return { ok: true, value: answer.value.access_token };
}

async function keepAccess(tokens: TokenSet): Promise<void> {
  const access: AccessToken = {
    token: tokens.access_token,
    endsAtMs: Date.now() + tokens.expires_in * 1000,
  };
  await browser.storage.session.set({ [KEY]: access });
}

function refuse(code: 'not-configured' | 'permission-missing' | 'signed-out', detail: string) {
  return { ok: false as const, error: { code, detail } };
}
