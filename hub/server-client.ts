import { z } from 'zod';
import { TokenSet } from '../protocol/account.ts';
import { HeartbeatAnswer, HubKey, HubRegistered } from '../protocol/hub-registration.ts';
import { DEVICE_CODE_GRANT, DeviceAuthorization, HUB_CLIENT_ID } from '../protocol/oauth.ts';
import { ProblemCode } from '../protocol/problem.ts';
import { EXIT } from './exit-codes.ts';
import { signAssertion } from './hub-key.ts';
import { HubtabError, ServerRefusal } from './hubtab-error.ts';
import type { Heartbeat, HubRegistration } from '../protocol/hub-registration.ts';
import type { ExitCode } from './exit-codes.ts';
import type { HubFile } from './hub-file.ts';
import type { HubPrivateKey } from './hub-key.ts';

/** A busy server mints a key in about a second; 20 s covers a slow line and is still a wait people bear. */
const REQUEST_TIMEOUT_MS = 20_000;

const ServerInfo = z.object({
  name: z.literal('hubtab'),
  controlUrls: z.array(z.url()).default([]),
});
/** Of a device grant only the token counts; it is good for one registration. */
const DeviceToken = z.object({ access_token: z.string() });
const AnyProblem = z.object({ detail: z.string(), code: z.string() });
const OauthError = z.object({ error: z.string(), error_description: z.string().optional() });

/**
 * @returns the server's `Date` header, if it sent one, and the addresses of its Headscales
 * @throws HubtabError (server unreachable) if nothing answers there or it is not a Hubtab server.
 */
export async function checkServer(
  serverUrl: string,
): Promise<{ date: string | null; controlUrls: readonly string[] }> {
  const response = await request(`${serverUrl}/v1/server`, {});
  const body = await readJson(response);
  const info = ServerInfo.safeParse(body);
  if (!response.ok || !info.success) throw notHubtab(serverUrl, response);
  return { date: response.headers.get('date'), controlUrls: info.data.controlUrls };
}

/** @throws HubtabError with the server's own words. */
export function registerHub(
  serverUrl: string,
  joinToken: string,
  registration: HubRegistration,
): Promise<HubRegistered> {
  return post(serverUrl, '/v1/hub/register', joinToken, registration, HubRegistered);
}

/** @throws HubtabError with the server's own words. */
export function requestKey(serverUrl: string, token: string): Promise<HubKey> {
  return post(serverUrl, '/v1/hub/key', token, {}, HubKey);
}

/** @throws HubtabError with the server's own words. */
export function sendHeartbeat(
  serverUrl: string,
  token: string,
  heartbeat: Heartbeat,
): Promise<z.infer<typeof HeartbeatAnswer>> {
  return post(serverUrl, '/v1/hub/heartbeat', token, heartbeat, HeartbeatAnswer);
}

/** A short-lived access token for this hub, by its key. @throws HubtabError with the server's own words. */
export async function requestHubToken(
  { serverUrl, issuer, hubId }: Pick<HubFile, 'serverUrl' | 'issuer' | 'hubId'>,
  key: HubPrivateKey,
): Promise<{ token: string; lifetimeMs: number }> {
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await signAssertion(key, hubId, issuer),
  });
  // fetch sets the form's content type from URLSearchParams.
  const response = await request(`${serverUrl}/oauth2/token`, { method: 'POST', body: form });
  const set = await readAnswer(serverUrl, response, TokenSet);
  return { token: set.access_token, lifetimeMs: set.expires_in * 1000 };
}

/** A code that a person allows on the server's page (RFC 8628). @throws HubtabError with the server's own words. */
export async function startDeviceGrant(
  serverUrl: string,
  hostname: string,
): Promise<DeviceAuthorization> {
  const form = { client_id: HUB_CLIENT_ID, scope: 'hub:register', hostname };
  const response = await request(`${serverUrl}/oauth2/device_authorization`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  return readAnswer(serverUrl, response, DeviceAuthorization);
}

/** Whether the code was allowed by now. @throws HubtabError (refused) if it was denied or has expired */
export async function pollDeviceGrant(
  serverUrl: string,
  deviceCode: string,
): Promise<{ kind: 'token'; token: string } | { kind: 'waiting' | 'slower' }> {
  const form = {
    grant_type: DEVICE_CODE_GRANT,
    device_code: deviceCode,
    client_id: HUB_CLIENT_ID,
  };
  const response = await request(`${serverUrl}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const error = OauthError.safeParse(await readJson(response.clone())).data?.error;
  switch (error) {
    case 'authorization_pending':
      return { kind: 'waiting' };
    case 'slow_down':
      return { kind: 'slower' };
    case undefined: {
      const { access_token: token } = await readAnswer(serverUrl, response, DeviceToken);
      return { kind: 'token', token };
    }
    default:
      throw refusalOfCode(error);
  }
}

function refusalOfCode(error: string): HubtabError {
  const words: Record<string, string> = {
    access_denied: 'the code was denied.',
    expired_token: 'nobody allowed the code in time. Run this again.',
  };
  return new ServerRefusal(
    EXIT.refused,
    words[error] ?? `the server refused the code: ${printable(error)}. Run this again.`,
  );
}

async function post<T>(
  serverUrl: string,
  path: string,
  token: string,
  body: unknown,
  answer: z.ZodType<T>,
): Promise<T> {
  const response = await request(`${serverUrl}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return readAnswer(serverUrl, response, answer);
}

async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    // A redirect would carry the token to another address than the one that was typed.
    return await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
  } catch (error) {
    throw new HubtabError(
      EXIT.serverUnreachable,
      `cannot reach ${new URL(url).origin}: ${reasonOf(error)}. Check the address, and that the server is running.`,
      { cause: error },
    );
  }
}

/** fetch says only "fetch failed"; what happened is in the cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${REQUEST_TIMEOUT_MS / 1000} s`;
  const cause: unknown = error.cause;
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) {
    return cause.errors[0].message;
  }
  return cause instanceof Error && cause.message !== '' ? cause.message : error.message;
}

async function readAnswer<T>(
  serverUrl: string,
  response: Response,
  answer: z.ZodType<T>,
): Promise<T> {
  const body = await readJson(response);
  if (!response.ok) throw refusal(serverUrl, response, body);
  const parsed = answer.safeParse(body);
  if (parsed.success) return parsed.data;
  const path = new URL(response.url).pathname;
  throw new HubtabError(
    EXIT.failed,
    `${serverUrl} answered ${path} in a form that this version does not understand. Bring hubtab and the server to the same version.`,
    { cause: parsed.error },
  );
}

async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    // No JSON: the caller reports the status, which says more than a parser would.
    return undefined;
  }
}

function refusal(serverUrl: string, response: Response, body: unknown): HubtabError {
  const problem = AnyProblem.safeParse(body);
  if (problem.success) {
    // A newer server may have causes that this version does not know; its words say what to do.
    const code = ProblemCode.safeParse(problem.data.code).data;
    const exitCode = code === undefined ? EXIT.failed : exitCodeOf(code);
    return new ServerRefusal(exitCode, printable(problem.data.detail), code && { code, serverUrl });
  }
  const oauth = OauthError.safeParse(body);
  if (oauth.success) {
    const words = printable(oauth.data.error_description ?? oauth.data.error);
    return new ServerRefusal(EXIT.refused, `${serverUrl} refused this hub: ${words}`);
  }
  return notHubtab(serverUrl, response);
}

function exitCodeOf(code: ProblemCode): ExitCode {
  switch (code) {
    case 'join-token-unknown':
    case 'join-token-used':
    case 'join-token-expired':
    case 'unauthorized':
    case 'token-expired':
    case 'forbidden':
    case 'hub-not-joined':
      return EXIT.refused;
    case 'conflict':
    case 'hub-node-live':
      return EXIT.conflict;
    case 'headscale-unavailable':
      return EXIT.network;
    case 'bad-request':
    case 'not-found':
    case 'method-not-allowed':
    case 'body-too-large':
    case 'idempotency-key-reused':
    case 'rate-limited':
    case 'pairing-code-unknown':
    case 'pairing-code-used':
    case 'pairing-code-expired':
    case 'internal':
      return EXIT.failed;
  }
}

function notHubtab(serverUrl: string, response: Response): HubtabError {
  const target = response.headers.get('location');
  const hint =
    response.status >= 300 && response.status < 400 && target !== null
      ? `it sends on to ${printable(target)}`
      : `it answered ${response.status} to ${new URL(response.url).pathname}`;
  return new HubtabError(
    EXIT.serverUnreachable,
    `${serverUrl} is not a Hubtab server: ${hint}. Check the address.`,
  );
}

/** The server's words go to a terminal: no escape sequences. */
function printable(text: string): string {
  return text.replace(/\p{C}/gu, ' ');
}
