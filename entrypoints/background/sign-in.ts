import { browser } from 'wxt/browser';
import { readStoredAccount, writeStoredAccount, type StoredAccount } from '../../lib/account.ts';
import { randomText, sha256 } from '../../lib/dpop.ts';
import { hostPermission } from '../../lib/host-permission.ts';
import { send } from '../../lib/messaging.ts';
import { anonymousClient, serverClient } from '../../lib/server-client.ts';
import { EXTENSION_SCOPES, type TokenSet } from '../../protocol/account.ts';
import type { DeviceGrant, Fault, Result } from '../../protocol/contexts.ts';
import { EXTENSION_CLIENT_ID } from '../../protocol/oauth.ts';
import { forgetHubs, refresh } from './hubs.ts';
import { proofsFor } from './proof-key.ts';
import { forgetTokens, issuerOf, keepTokens } from './tokens.ts';
import { workerHost } from './worker-host.ts';

/** Takes the address of a control server after asking it whether it is one. */
export async function setServer(
  asked: string,
): Promise<Result<{ serverUrl: string; origins: string[] }>> {
  const address = serverAddress(asked);
  if (!address.ok) return address;
  const serverUrl = address.value;
  if (!(await browser.permissions.contains({ origins: [hostPermission(serverUrl)] })))
    return refuse('permission-missing', `the browser does not let Hubtab reach ${serverUrl}`);
  const info = await anonymousClient(serverUrl).info();
  if (!info.ok) return info;
  const before = await readStoredAccount();
  const { issuer } = info.value;
  if (before?.serverUrl !== serverUrl) {
    if (before) await signOut();
    await writeStoredAccount({ serverUrl, issuer });
  } else {
    await writeStoredAccount({ ...before, issuer });
  }
  await forgetHubs();
  const origins = [...new Set([serverUrl, ...info.value.controlUrls].map(hostPermission))];
  return { ok: true, value: { serverUrl, origins } };
}

/**
 * Signs in on the server's own page, in a window that the browser opens: authorization code with PKCE (RFC 7636), `state`
 * and `iss` (RFC 9207) compared, tokens bound to this browser's key.
 * @param isForgotten the sign-in ends with the browser
 */
export async function signIn(isForgotten: boolean): Promise<Result<{ email: string }>> {
  const account = await readStoredAccount();
  if (!account) return refuse('not-configured', 'no server was named');
  if (!hasSignInWindow()) return refuse('no-sign-in-window', 'the browser has no web auth flow');
  const verifier = randomText();
  const state = randomText();
  const redirectUri = browser.identity.getRedirectURL();
  const url = new URL('/oauth2/authorize', issuerOf(account));
  url.search = new URLSearchParams({
    client_id: EXTENSION_CLIENT_ID,
    redirect_uri: redirectUri,
    response_type: 'code',
    code_challenge: await sha256(verifier),
    code_challenge_method: 'S256',
    scope: EXTENSION_SCOPES.join(' '),
    state,
  }).toString();
  let back: URLSearchParams;
  try {
    const answer = await browser.identity.launchWebAuthFlow({ url: url.href, interactive: true });
    back = new URL(answer ?? '').searchParams;
  } catch (error) {
    // "The user did not approve access", "User cancelled or denied access"; whatever else it says, no person saw the page.
    const isClosed = /did not approve|cancel/i.test(String(error));
    return refuse(isClosed ? 'sign-in-closed' : 'no-sign-in-window', String(error));
  }
  if (back.get('state') !== state || back.get('iss') !== issuerOf(account))
    return refuse('sign-in-closed', 'the answer was not to the question that was asked');
  const code = back.get('code');
  if (code === null) return refuse('sign-in-closed', `the server says ${back.get('error')}`);
  const prover = await proofsFor(issuerOf(account));
  const client = anonymousClient(account.serverUrl, prover);
  return enter(account, await client.exchangeCode(code, redirectUri, verifier), isForgotten);
}

/** Safari has none, and a browser may be told to allow none. */
function hasSignInWindow(): boolean {
  const { identity } = browser as { identity?: Partial<typeof browser.identity> };
  return typeof identity?.launchWebAuthFlow === 'function';
}

/** Asks for a code that a person approves on the server's page (RFC 8628). */
export async function startDeviceGrant(): Promise<Result<DeviceGrant>> {
  const account = await readStoredAccount();
  if (!account) return refuse('not-configured', 'no server was named');
  const prove = await proofsFor(issuerOf(account));
  const started = await anonymousClient(account.serverUrl, prove).startDeviceGrant();
  if (!started.ok) return started;
  const { user_code: userCode, device_code: deviceCode, interval } = started.value;
  const url = new URL('/device', issuerOf(account));
  url.search = new URLSearchParams({ code: userCode }).toString();
  return { ok: true, value: { userCode, deviceCode, url: url.href, pauseMs: interval * 1000 } };
}

/** RFC 8628 section 3.5. */
const POLL_MS = 5000;
const SLOWER_MS = 10_000;

/** Signs in with a code that was approved. @param isForgotten the sign-in ends with the browser */
export async function pollDeviceGrant(
  deviceCode: string,
  isForgotten: boolean,
): Promise<Result<{ email: string } | { pauseMs: number }>> {
  const account = await readStoredAccount();
  if (!account) return refuse('not-configured', 'no server was named');
  const prove = await proofsFor(issuerOf(account));
  const tokens = await anonymousClient(account.serverUrl, prove).exchangeDeviceCode(deviceCode);
  if (tokens.ok) return enter(account, tokens, isForgotten);
  const { oauthError, detail, code } = tokens.error;
  if (oauthError === 'authorization_pending') return { ok: true, value: { pauseMs: POLL_MS } };
  // A server that does not answer this time may the next: the code lives for minutes.
  if (oauthError === 'slow_down' || code === 'server-unreachable')
    return { ok: true, value: { pauseMs: SLOWER_MS } };
  if (oauthError === 'access_denied') return refuse('code-denied', detail);
  if (oauthError === 'expired_token' || oauthError === 'invalid_grant')
    return refuse('code-expired', detail);
  return tokens;
}

/** Exchanges a pairing code for this browser's own tokens. */
export async function pair(code: string): Promise<Result<{ email: string }>> {
  const account = await readStoredAccount();
  if (!account) return refuse('not-configured', 'no server was named');
  const prover = await proofsFor(issuerOf(account));
  return enter(account, await anonymousClient(account.serverUrl, prover).pair(code), false);
}

/** Keeps the tokens of a finished sign-in, and starts to use them. */
async function enter(
  account: StoredAccount,
  tokens: Result<TokenSet>,
  isForgotten: boolean,
): Promise<Result<{ email: string }>> {
  if (!tokens.ok) return tokens;
  const { access_token: token, token_type: type } = tokens.value;
  const prover = type === 'DPoP' ? await proofsFor(issuerOf(account)) : undefined;
  const me = await serverClient(account.serverUrl, token, prover).me();
  if (!me.ok) return me;
  await keepTokens(account, tokens.value, me.value.email, isForgotten);
  void refresh(); // its faults are part of the state that pages show
  return { ok: true, value: { email: me.value.email } };
}

/** Logs every node out, then forgets the sign-in here and on the server. */
export async function signOut(): Promise<Result<null>> {
  if (await workerHost.exists()) await send('offscreen', 'leave-all', {}).catch(() => null); // they are ephemeral
  await forgetTokens();
  await forgetHubs();
  return { ok: true, value: null };
}

/** The origin of what a person typed: `hubtab.example` means https. */
export function serverAddress(asked: string): Result<string> {
  const text = asked.trim();
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  const isWeb = url?.protocol === 'https:' || url?.protocol === 'http:';
  if (!url || !isWeb || !url.hostname || url.username || url.password)
    return refuse('bad-address', `not the address of a server: ${JSON.stringify(text)}`);
  return { ok: true, value: url.origin };
}

function refuse(code: Fault['code'], detail: string): { ok: false; error: Fault } {
  return { ok: false, error: { code, detail } };
}
