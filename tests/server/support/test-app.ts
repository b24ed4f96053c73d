import { randomBytes } from 'node:crypto';
import { EXTENSION_SCOPES, type TokenSet } from '../../../protocol/account.ts';
import { EXTENSION_ID } from '../../../protocol/oauth.ts';
import { createApp } from '../../../server/app.ts';
import { parseConfig } from '../../../server/config.ts';
import { openDatabase } from '../../../server/database/database.ts';
import { apiKeyFromFile } from '../../../server/headscale/api-key.ts';
import { HeadscaleClient } from '../../../server/headscale/client.ts';
import { HeadscaleGate } from '../../../server/headscale/gate.ts';
import type { Account } from '../../../server/identity/identity.ts';
import type { OidcConfig } from '../../../server/identity/oidc-provider.ts';
import { LocalIdentity } from '../../../server/identity/local-identity.ts';
import { Programs, type ProgramsOptions } from '../../../server/install/programs.ts';
import { jsonLog } from '../../../server/log.ts';
import { Seal, SEAL_KEY_BYTES } from '../../../server/seal.ts';
import { createServices } from '../../../server/services.ts';
import { Api } from './api.ts';
import { newDatabase } from './database.ts';

export const PUBLIC_URL = 'https://hubtab.example';

/** An app with an own database and clock, and with a Headscale that does not answer. */
export async function createTestApp(programs: ProgramsOptions = {}, oidc?: OidcConfig) {
  const logs: string[] = [];
  const log = jsonLog((line) => logs.push(line));
  const time = { nowMs: Date.parse('2026-11-22T12:00:00Z') };
  const clock = () => time.nowMs;
  const db = await openDatabase(await newDatabase());
  const identity = new LocalIdentity({ db, clock, publicUrl: PUBLIC_URL });
  // Port 1 of loopback: nothing listens there, so connections are refused at once.
  const headscale = new HeadscaleClient({ url: 'http://127.0.0.1:1', apiKey: () => undefined });
  const gate = new HeadscaleGate(headscale, apiKeyFromFile('/nonexistent'), log);
  const address = { current: '192.0.2.7' };
  const disk = { freeBytes: 1e12 };
  const services = createServices({
    db,
    config: parseConfig({ dataDir: '/nonexistent' }),
    identity,
    headscale,
    gate,
    publicUrl: PUBLIC_URL,
    controlUrl: 'https://headscale.example',
    hubLimit: 300,
    version: '0.0.0',
    programs: new Programs(programs),
    clientAddress: () => address.current,
    seal: new Seal(randomBytes(SEAL_KEY_BYTES)),
    secrets: ['a secret of 32 characters or more for tests'],
    extensionIds: [EXTENSION_ID],
    oidc,
    freeBytes: () => disk.freeBytes,
    clock,
    log,
  });
  const app = createApp(services);
  return {
    app,
    publicUrl: PUBLIC_URL,
    api: new Api((path, init) => app.request(path, init)),
    services,
    identity,
    db,
    logs,
    address,
    disk,
    /** Moves the clock. */
    pass: (ms: number) => (time.nowMs += ms),
    nowMs: () => time.nowMs,
    async signUp(email: string): Promise<{ account: Account; tokens: TokenSet }> {
      const result = await identity.createUser(email, 'member');
      if (!result.ok) throw new Error(result.error);
      const tokens = await identity.issueTokens(result.value.id, EXTENSION_SCOPES);
      return { account: result.value, tokens };
    },
  };
}

export type TestApp = Awaited<ReturnType<typeof createTestApp>>;
