import { browser } from 'wxt/browser';
import { readStoredAccount, writeStoredAccount, type StoredAccount } from '../../lib/account.ts';
import { hostPermission } from '../../lib/host-permission.ts';
import { anonymousClient, serverClient } from '../../lib/server-client.ts';
import type { TokenSet } from '../../protocol/account.ts';
import type { Result } from '../../protocol/contexts.ts';
import { forgetProofKey, proofsFor } from './proof-key.ts';

const KEY = 'access-token';

/** An access token is replaced this long before its end, so that none ends on its way to the server. */
const EARLY_MS = 30_000;

interface AccessToken {
  token: string;
  endsAtMs: number;
  /** Works only with proofs by this browser's key. */
  isBound: boolean;
}

let renewing: Promise<Result<AccessToken>> | undefined;

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
  const access = await accessToken();
  if (!access.ok) return access;
  const { token, isBound } = access.value;
  const prover = isBound ? await proofsFor(issuerOf(account)) : undefined;
  return { ok: true, value: { server: serverClient(serverUrl, token, prover), serverUrl } };
}

/** Keeps a new sign-in: the access token in memory, the refresh token on disk, or in memory if it shall be forgotten. */
export async function keepTokens(
  { serverUrl, issuer }: StoredAccount,
  tokens: TokenSet,
  email: string,
  isForgotten: boolean,
): Promise<void> {
  await keepAccess(tokens);
  const refreshToken = tokens.refresh_token;
  await writeStoredAccount({
    serverUrl,
    email,
    isForgotten,
    ...(issuer ? { issuer } : {}),
    ...(refreshToken ? { refreshToken } : {}),
  });
}

/** What the server calls itself; older builds kept only its address. */
export function issuerOf({ issuer, serverUrl }: StoredAccount): string {
  return issuer ?? serverUrl;
}

/** The next request asks for a new access token. */
export async function forgetAccess(): Promise<void> {
  await browser.storage.session.remove(KEY);
}

/** Forgets the sign-in, here and on the server. The server's address stays. */
export async function forgetTokens(): Promise<void> {
  const account = await readStoredAccount();
  await forgetAccess();
  if (!account) return;
  const { refreshToken, ...rest } = account;
  await writeStoredAccount({ ...rest, endedAtMs: Date.now() });
  if (refreshToken) await anonymousClient(account.serverUrl).revoke(refreshToken);
  await forgetProofKey();
}

async function accessToken(): Promise<Result<AccessToken>> {
  const stored = (await browser.storage.session.get(KEY))[KEY] as AccessToken | undefined;
  if (stored && stored.endsAtMs - EARLY_MS > Date.now()) return { ok: true, value: stored };
  // A refresh token works once: two renewals at a time would look like theft to the server.
  renewing ??= renew().finally(() => (renewing = undefined));
  return renewing;
}

async function renew(): Promise<Result<AccessToken>> {
  const account = await readStoredAccount();
  if (!account?.refreshToken) return refuse('signed-out', 'no sign-in is stored');
  const prover = await proofsFor(issuerOf(account));
  const answer = await anonymousClient(account.serverUrl, prover).refresh(account.refreshToken);
  if (!answer.ok) {
    if (answer.error.code !== 'unauthorized' && answer.error.code !== 'token-expired')
      return answer;
    const { refreshToken: _, ...rest } = account;
    await writeStoredAccount({ ...rest, endedAtMs: Date.now() });
    return refuse('signed-out', answer.error.detail);
  }
  const access = await keepAccess(answer.value);
  const next = answer.value.refresh_token ?? account.refreshToken;
  await writeStoredAccount({ ...account, refreshToken: next });
  return { ok: true, value: access };
}

async function keepAccess(tokens: TokenSet): Promise<AccessToken> {
  const access: AccessToken = {
    token: tokens.access_token,
    endsAtMs: Date.now() + tokens.expires_in * 1000,
    isBound: tokens.token_type === 'DPoP',
  };
  await browser.storage.session.set({ [KEY]: access });
  return access;
}

function refuse(code: 'not-configured' | 'permission-missing' | 'signed-out', detail: string) {
  return { ok: false as const, error: { code, detail } };
}
