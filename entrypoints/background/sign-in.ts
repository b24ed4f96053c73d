import { browser } from 'wxt/browser';
import { readStoredAccount, writeStoredAccount } from '../../lib/account.ts';
import { hostPermission } from '../../lib/host-permission.ts';
import { send } from '../../lib/messaging.ts';
import { anonymousClient, serverClient } from '../../lib/server-client.ts';
import type { Fault, Result } from '../../protocol/contexts.ts';
import { forgetHubs, refresh } from './hubs.ts';
import { exists } from './offscreen-document.ts';
import { forgetTokens, keepTokens } from './tokens.ts';

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
  if (before?.serverUrl !== serverUrl) {
    if (before) await signOut();
    await writeStoredAccount({ serverUrl });
  }
  await forgetHubs();
  const origins = [...new Set([hostPermission(serverUrl), hostPermission(info.value.controlUrl)])];
  return { ok: true, value: { serverUrl, origins } };
}

/** Exchanges a pairing code for this browser's own tokens. */
export async function pair(code: string): Promise<Result<{ email: string }>> {
  const account = await readStoredAccount();
  if (!account) return refuse('not-configured', 'no server was named');
  const tokens = await anonymousClient(account.serverUrl).pair(code);
  if (!tokens.ok) return tokens;
  const me = await serverClient(account.serverUrl, tokens.value.access_token).me();
  if (!me.ok) return me;
  await keepTokens(account.serverUrl, tokens.value, me.value.email);
  void refresh(); // its faults are part of the state that pages show
  return { ok: true, value: { email: me.value.email } };
}

/** Logs every node out, then forgets the sign-in here and on the server. */
export async function signOut(): Promise<Result<null>> {
  if (await exists()) await send('offscreen', 'leave-all', {}).catch(() => null); // they are ephemeral
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
