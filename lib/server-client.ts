import { browser } from 'wxt/browser';
import { z } from 'zod';
import { EXTENSION_SCOPES, Me, TokenSet } from '../protocol/account.ts';
import type { Fault, Result } from '../protocol/contexts.ts';
import {
  BrowserKey,
  BrowserNodeList,
  HubList,
  JoinToken,
  RejoinApproval,
  type BrowserKeyRequest,
} from '../protocol/hubs.ts';
import {
  DEVICE_CODE_GRANT,
  DeviceAuthorization,
  EXTENSION_CLIENT_ID,
  OAuthErrorCode,
} from '../protocol/oauth.ts';
import type { HubId } from '../protocol/ids.ts';
import { Problem } from '../protocol/problem.ts';
import { ShareOfferList } from '../protocol/shares.ts';
import { ServerInfo } from '../protocol/server-info.ts';
import type { Prover } from './dpop.ts';

/** Longest wait for the server; it answers in milliseconds, or says 503 within a second. */
const TIMEOUT_MS = 10_000;

/** Anything that can be asked of the control server without a sign-in. @param prover binds new tokens to its key */
export function anonymousClient(serverUrl: string, prover?: Prover) {
  const call = caller(serverUrl, { prover });
  return {
    info: () => call(ServerInfo, 'GET', '/v1/server'),
    pair: (code: string) => call(TokenSet, 'POST', '/v1/pair', { json: { code } }),
    exchangeCode: (code: string, redirectUri: string, verifier: string) =>
      call(TokenSet, 'POST', '/oauth2/token', {
        form: {
          grant_type: 'authorization_code',
          client_id: EXTENSION_CLIENT_ID,
          redirect_uri: redirectUri,
          code_verifier: verifier,
          code,
        },
      }),
    startDeviceGrant: () =>
      call(DeviceAuthorization, 'POST', '/oauth2/device_authorization', {
        form: { client_id: EXTENSION_CLIENT_ID, scope: EXTENSION_SCOPES.join(' ') },
      }),
    exchangeDeviceCode: (deviceCode: string) =>
      call(TokenSet, 'POST', '/oauth2/token', {
        form: {
          grant_type: DEVICE_CODE_GRANT,
          client_id: EXTENSION_CLIENT_ID,
          device_code: deviceCode,
        },
      }),
    refresh: (refreshToken: string) =>
      call(TokenSet, 'POST', '/oauth2/token', {
        form: { grant_type: 'refresh_token', refresh_token: refreshToken },
      }),
    revoke: (token: string) => call(z.unknown(), 'POST', '/oauth2/revoke', { form: { token } }),
  };
}

/**
 * The control server as one account's browser uses it. Never throws: every answer is a Result.
 * @param prover for tokens that are bound to its key; if unset, they are plain bearer tokens
 */
export function serverClient(serverUrl: string, accessToken: string, prover?: Prover) {
  const call = caller(serverUrl, { accessToken, prover });
  return {
    me: () => call(Me, 'GET', '/v1/me'),
    hubs: () => allHubs(call),
    browserKey: (hubId: HubId, asked: BrowserKeyRequest) =>
      call(BrowserKey, 'POST', `/v1/hubs/${hubId}/browser-key`, {
        json: asked,
        headers: { 'Idempotency-Key': crypto.randomUUID() },
      }),
    createJoinToken: () => call(JoinToken, 'POST', '/v1/hubs/join-tokens'),
    browsers: (hubId: HubId) => call(BrowserNodeList, 'GET', `/v1/hubs/${hubId}/browsers`),
    removeBrowser: (hubId: HubId, nodeId: string) =>
      call(z.unknown(), 'DELETE', `/v1/hubs/${hubId}/browsers/${encodeURIComponent(nodeId)}`),
    offers: () => call(ShareOfferList, 'GET', '/v1/shares'),
    offerHub: (hubId: HubId, email: string) =>
      call(z.unknown(), 'POST', `/v1/hubs/${hubId}/shares`, { json: { email } }),
    endShare: (hubId: HubId, shareId: string) =>
      call(z.unknown(), 'DELETE', `/v1/hubs/${hubId}/shares/${shareId}`),
    acceptOffer: (shareId: string) => call(z.unknown(), 'POST', `/v1/shares/${shareId}/accept`),
    declineOffer: (shareId: string) => call(z.unknown(), 'DELETE', `/v1/shares/${shareId}`),
    approveRejoin: (hubId: HubId) =>
      call(RejoinApproval, 'POST', `/v1/hubs/${hubId}/rejoin-approval`),
    dismissNotice: (hubId: HubId, noticeId: string) =>
      call(z.unknown(), 'DELETE', `/v1/hubs/${hubId}/notices/${noticeId}`),
    removeHub: (hubId: HubId) => call(z.unknown(), 'DELETE', `/v1/hubs/${hubId}`),
  };
}

type Call = ReturnType<typeof caller>;

/** A server gives its hubs a page at a time. More pages than this are no list of a person's hubs. */
const MAX_PAGES = 20;

async function allHubs(call: Call): Promise<Result<HubList>> {
  let list = await call(HubList, 'GET', '/v1/hubs');
  for (let page = 2; list.ok && list.value.nextCursor !== null && page <= MAX_PAGES; page += 1) {
    const { hubs, nextCursor } = list.value;
    const next = await call(HubList, 'GET', `/v1/hubs?cursor=${encodeURIComponent(nextCursor)}`);
    list = next.ok
      ? { ok: true, value: { ...next.value, hubs: [...hubs, ...next.value.hubs] } }
      : next;
  }
  return list;
}

interface CallOptions {
  json?: unknown;
  form?: Record<string, string>;
  headers?: Record<string, string>;
}

interface Credentials {
  accessToken?: string;
  prover: Prover | undefined;
}

function caller(serverUrl: string, { accessToken, prover }: Credentials) {
  const scheme = prover ? 'DPoP' : 'Bearer';
  async function send(method: string, path: string, options: CallOptions): Promise<Response> {
    const init: RequestInit = {
      method,
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        Accept: 'application/json',
        ...(options.json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...(accessToken ? { Authorization: `${scheme} ${accessToken}` } : {}),
        ...(prover ? { DPoP: await prover.prove(method, path, accessToken) } : {}),
        ...options.headers,
      },
    };
    if (options.json !== undefined) init.body = JSON.stringify(options.json);
    if (options.form) init.body = new URLSearchParams(options.form);
    return fetch(new URL(path, serverUrl), init);
  }
  return async function call<T>(
    schema: z.ZodType<T>,
    method: string,
    path: string,
    options: CallOptions = {},
  ): Promise<Result<T>> {
    const what = `${method} ${path}`;
    let response: Response;
    let body: unknown;
    try {
      response = await send(method, path, options);
      const isNewTime = prover?.clock.learn(response.headers.get('Date')) ?? false;
      // Refused before anything was done, for a proof that was made by a wrong clock.
      if (isNewTime && (response.status === 401 || response.status === 400)) {
        response = await send(method, path, options);
      }
      body = response.status === 204 ? null : await response.json().catch(() => undefined);
    } catch (error) {
      return refuse('server-unreachable', `${what}: ${String(error)}`);
    }
    if (!response.ok) return refuseAnswer(serverUrl, what, response.status, body);
    const parsed = schema.safeParse(body);
    if (parsed.success) return { ok: true, value: parsed.data };
    return refuse(await whoseFault(serverUrl), `${what}: ${z.prettifyError(parsed.error)}`);
  };
}

/** What every version of the server says of itself, whatever else changes. */
const AnyServer = z.object({ name: z.literal('hubtab'), version: z.string() });

/** Why an answer cannot be understood: the other side is no Hubtab server, or one of another age than this extension. */
async function whoseFault(serverUrl: string): Promise<Fault['code']> {
  const answer = await fetch(new URL('/v1/server', serverUrl), {
    credentials: 'omit',
    cache: 'no-store',
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  })
    .then((response): Promise<unknown> => response.json())
    .catch(() => undefined);
  const server = AnyServer.safeParse(answer);
  if (!server.success) return 'not-hubtab';
  const age = compareVersions(server.data.version, browser.runtime.getManifest().version);
  if (age === 0) return 'not-hubtab'; // something on the way has changed it
  return age > 0 ? 'extension-too-old' : 'server-too-old';
}

/** Above 0 if the first is newer. */
function compareVersions(one: string, other: string): number {
  const [left, right] = [one, other].map((text) => text.split(/[.-]/, 3).map(Number));
  const index = [0, 1, 2].find((place) => left?.[place] !== right?.[place]);
  return index === undefined ? 0 : (left?.[index] ?? 0) - (right?.[index] ?? 0);
}

/** What `/oauth2/*` adds to a problem; other words of a newer server are left out. */
const OAuthProblem = Problem.extend({ error: OAuthErrorCode.optional().catch(undefined) });

async function refuseAnswer(
  serverUrl: string,
  what: string,
  status: number,
  body: unknown,
): Promise<{ ok: false; error: Fault }> {
  const problem = OAuthProblem.safeParse(body);
  if (problem.success) {
    const { code, detail, error } = problem.data;
    const refused = refuse(code, `${what}: ${detail}`);
    return error === undefined
      ? refused
      : { ok: false, error: { ...refused.error, oauthError: error } };
  }
  // A proxy in front answers 502 to 504 while the server itself is down.
  if (status >= 502 && status <= 504) return refuse('server-unreachable', `${what}: ${status}`);
  const detail = `${what}: answered ${status} without a problem document that is known here`;
  return refuse(await whoseFault(serverUrl), detail);
}

function refuse(code: Fault['code'], detail: string): { ok: false; error: Fault } {
  return { ok: false, error: { code, detail } };
}
