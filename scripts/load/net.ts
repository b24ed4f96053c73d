import { generateKeyPairSync } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { HubPrivateKey, publicHalf } from '../../hub/hub-key.ts';
import {
  registerHub,
  requestHubToken,
  requestKey,
  sendHeartbeat,
} from '../../hub/server-client.ts';
import { BrowserKey, JoinToken } from '../../protocol/hubs.ts';
import type { StackInfo } from '../stack/start.ts';
import { MapClients } from './map-clients.ts';

/** As `hubtab hub run` sends them. */
const HEARTBEAT_MS = 15_000;
const TMUX = { path: '/usr/bin/tmux', socket: '/tmp/tmux-1000/default' };
const HUBTAB_PATH = '/usr/local/bin/hubtab';

/** A hub's node, by its unit. */
export interface NetHub {
  /** Of the hub; also its client's. */
  id: string;
  nodeKey: string;
  /** Access token of its account. */
  accessToken: string;
}

/** How one browser came into one unit. */
export interface BrowserJoin {
  /** Its client's. */
  id: string;
  /** How long the request for the key took that was answered with one, ms. */
  keyMs: number;
  /** Answers before it that said to come again later. */
  refusals: number;
  /** From the first request until the hub was in the browser's map, online, ms. */
  visibleMs: number;
  /** Until the hub had the browser in its map as well, so that a terminal can open, ms. */
  mutualMs: number;
}

/** Hubs and browsers of which only the control client is there: real keys, real maps, no bytes. */
export class Net {
  readonly clients = new MapClients();
  readonly hubs: NetHub[] = [];
  /** Heartbeats that failed, in words. */
  readonly faults: string[] = [];
  readonly #info: StackInfo;
  readonly #beats: NodeJS.Timeout[] = [];
  /** Node keys of all that were ever let into a unit, by the id of its hub. */
  readonly #members = new Map<string, Set<string>>();
  /** The unit of each client. */
  readonly #units = new Map<string, string>();

  constructor(info: StackInfo) {
    this.#info = info;
  }

  /** Makes a hub as `hubtab hub join` does, and keeps it alive. */
  async joinHub(accessToken: string): Promise<NetHub> {
    const { serverUrl } = this.#info;
    const { token } = JoinToken.parse(await this.#post('/v1/hubs/join-tokens', accessToken));
    const { privateKey } = generateKeyPairSync('ed25519');
    const key = HubPrivateKey.parse(privateKey.export({ format: 'jwk' }));
    const place = { tmux: TMUX, hubtabPath: HUBTAB_PATH };
    const registration = { name: 'hub', publicKey: publicHalf(key), sshUser: 'dev', ...place };
    const { hubId: id, issuer } = await registerHub(serverUrl, token, registration);
    let held: { token: string; untilMs: number } | undefined;
    const tokenOf = async () => {
      if (held && Date.now() < held.untilMs) return held.token;
      const made = await requestHubToken({ serverUrl, issuer, hubId: id }, key);
      held = { token: made.token, untilMs: Date.now() + made.lifetimeMs / 2 };
      return made.token;
    };
    const node = await requestKey(serverUrl, await tokenOf());
    const nodeKey = await this.#join(id, id, node);
    const beat = async () =>
      sendHeartbeat(serverUrl, await tokenOf(), {
        nodeKey,
        hostKeys: [`ssh-ed25519 ${Buffer.from(id).toString('base64')}`],
        ...place,
        versions: { hubtab: '0.1.0', tailscale: '1.102.5', tmux: '3.5a' },
        sessions: [],
      });
    await beat();
    this.#beats.push(
      setInterval(
        () => void beat().catch((error: unknown) => this.faults.push(String(error))),
        HEARTBEAT_MS,
      ),
    );
    const hub = { id, nodeKey, accessToken };
    this.hubs.push(hub);
    return hub;
  }

  /** Lets a browser in, from the click on. @param name which browser @throws Error when it is refused for good */
  async joinBrowser(hub: NetHub, name: string): Promise<BrowserJoin> {
    const id = `${name}/${hub.id}`;
    const startMs = performance.now();
    const { key, keyMs, refusals } = await this.#askForKey(hub);
    const nodeKey = await this.#join(id, hub.id, key);
    await this.clients.whenOnline(id, hub.nodeKey);
    const visibleMs = performance.now() - startMs;
    await this.clients.whenOnline(hub.id, nodeKey);
    return { id, keyMs, refusals, visibleMs, mutualMs: performance.now() - startMs };
  }

  /** What a client had in its map, ever, that is no part of its unit; `CLIENT: NODE KEY`. */
  strangers(): string[] {
    return [...this.#units].flatMap(([id, unit]) => {
      const members = this.#members.get(unit);
      const seen = [...this.clients.view(id).ever];
      return seen.filter((nodeKey) => !members?.has(nodeKey)).map((one) => `${id}: ${one}`);
    });
  }

  async stop(): Promise<void> {
    for (const beat of this.#beats) clearInterval(beat);
    await this.clients.stop();
  }

  async #join(
    id: string,
    unit: string,
    node: { controlUrl: string; authKey: string; hostname: string },
  ): Promise<string> {
    const { controlUrl, authKey, hostname } = node;
    this.#units.set(id, unit);
    const nodeKey = await this.clients.join({ id, controlUrl, authKey, hostname });
    this.#members.set(unit, (this.#members.get(unit) ?? new Set()).add(nodeKey));
    return nodeKey;
  }

  async #askForKey({ id, accessToken }: NetHub) {
    for (let refusals = 0; ; refusals += 1) {
      const startMs = performance.now();
      const answer = await this.#request(`/v1/hubs/${id}/browser-key`, accessToken);
      const keyMs = performance.now() - startMs;
      if (answer.ok) return { key: BrowserKey.parse(await answer.json()), keyMs, refusals };
      const afterS = Number(answer.headers.get('retry-after') ?? 0);
      if (afterS === 0) throw new Error(`key of ${id}: ${answer.status} ${await answer.text()}`);
      await answer.body?.cancel();
      await delay(afterS * 1000 * (1 + Math.random())); // not all at once again
    }
  }

  async #post(path: string, accessToken: string): Promise<unknown> {
    const answer = await this.#request(path, accessToken);
    if (answer.ok) return answer.json();
    throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  }

  #request(path: string, accessToken: string): Promise<Response> {
    const headers = { authorization: `Bearer ${accessToken}` };
    return fetch(this.#info.serverUrl + path, { method: 'POST', headers });
  }
}
