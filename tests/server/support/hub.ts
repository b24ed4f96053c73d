import { randomUUID } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import { TokenSet } from '../../../protocol/account.ts';
import {
  HeartbeatAnswer,
  HubKey,
  HubPublicKey,
  HubRegistered,
  type Heartbeat,
  type HubOrder,
} from '../../../protocol/hub-registration.ts';
import { JoinToken } from '../../../protocol/hubs.ts';
import type { Database } from '../../../server/database/database.ts';
import type { Api } from './api.ts';

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
export const HOST_KEYS = [
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJustATestKeyNotARealOneAtAll0000000',
];
const TMUX = { path: '/usr/bin/tmux', socket: '/tmp/tmux-1000/default' };

/** The hub's side of the API. */
export class TestHub {
  readonly api: Api;
  readonly id: string;
  readonly #sign: (claims: JWTPayload) => Promise<string>;
  readonly #audience: string;
  readonly #nowMs: () => number;

  private constructor(
    api: Api,
    id: string,
    options: { audience: string; nowMs: () => number },
    sign: (claims: JWTPayload) => Promise<string>,
  ) {
    this.api = api;
    this.id = id;
    this.#audience = options.audience;
    this.#nowMs = options.nowMs;
    this.#sign = sign;
  }

  /** Makes a hub of the account that the access token speaks for. */
  static async register(
    api: Api,
    accessToken: string,
    options: { audience: string; nowMs?: () => number; name?: string },
  ): Promise<TestHub> {
    const { token } = await api.ok(JoinToken, 'POST', '/v1/hubs/join-tokens', {
      token: accessToken,
    });
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    const jwk = HubPublicKey.parse(await exportJWK(publicKey));
    const { hubId } = await api.ok(HubRegistered, 'POST', '/v1/hub/register', {
      token,
      body: registration(jwk, options.name),
    });
    const nowMs = options.nowMs ?? Date.now;
    return new TestHub(api, hubId, { audience: options.audience, nowMs }, (claims) =>
      new SignJWT(claims).setProtectedHeader({ alg: 'EdDSA' }).sign(privateKey),
    );
  }

  /** Claims of a good assertion. */
  claims(): JWTPayload {
    const nowS = Math.floor(this.#nowMs() / 1000);
    return {
      iss: this.id,
      sub: this.id,
      aud: this.#audience,
      exp: nowS + 60,
      iat: nowS,
      jti: randomUUID(),
    };
  }

  assertion(changes: JWTPayload = {}): Promise<string> {
    return this.#sign({ ...this.claims(), ...changes });
  }

  static form(assertion: string): Record<string, string> {
    return {
      grant_type: 'client_credentials',
      client_assertion_type: JWT_BEARER,
      client_assertion: assertion,
    };
  }

  async token(): Promise<string> {
    const form = TestHub.form(await this.assertion());
    const tokens = await this.api.ok(TokenSet, 'POST', '/oauth2/token', { form });
    return tokens.access_token;
  }

  async key(): Promise<HubKey> {
    return this.api.ok(HubKey, 'POST', '/v1/hub/key', { token: await this.token() });
  }

  async heartbeat(nodeKey: string, hostKeys: string[] = HOST_KEYS): Promise<HubOrder[]> {
    const answer = await this.api.ok(HeartbeatAnswer, 'POST', '/v1/hub/heartbeat', {
      token: await this.token(),
      body: heartbeat(nodeKey, hostKeys),
    });
    return answer.orders;
  }
}

/** Makes a hub count as joined, without a node, for tests that never reach it. */
export async function joinWithoutNode(db: Database, hubId: string): Promise<void> {
  const node = { node_id: '999', node_key: 'nodekey:00', node_ip: '100.64.0.9' };
  await db
    .updateTable('hubs')
    .set({ ...node, host_keys: '["a b"]' })
    .where('id', '=', hubId)
    .execute();
}

export function registration(publicKey: HubPublicKey, name = 'workshop') {
  return { name, publicKey, sshUser: 'dev', tmux: TMUX, hubtabPath: '/usr/local/bin/hubtab' };
}

export function heartbeat(nodeKey: string, hostKeys: string[] = HOST_KEYS): Heartbeat {
  return {
    nodeKey,
    hostKeys,
    tmux: TMUX,
    hubtabPath: '/usr/local/bin/hubtab',
    versions: { hubtab: '0.1.0', tailscale: '1.102.5', tmux: '3.5a' },
  };
}
