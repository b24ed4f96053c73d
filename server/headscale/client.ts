import { z } from 'zod';
import { classifyFailure, HeadscaleError } from './errors.ts';
import {
  EmptyAnswer,
  FailureAnswer,
  KeyAnswer,
  KeysAnswer,
  NodesAnswer,
  PolicyAnswer,
  UserAnswer,
  UsersAnswer,
  VersionAnswer,
  type HeadscaleKey,
  type HeadscaleNode,
  type HeadscaleUser,
  type MadeKey,
} from './schemas.ts';

/**
 * Longest wait for one call. An authenticated call costs Headscale a bcrypt (60 ms idle, many times that on a busy
 * machine); the quick `/health` below is what decides whether Headscale is there.
 */
const CALL_TIMEOUT_MS = 5000;
/** `/health` needs 0.6 ms; a silent Headscale must be noticed with time left to answer the client within 1 s. */
const HEALTH_TIMEOUT_MS = 600;
/** A list of 4000 nodes is about 4 MB, Headscale's own limit. */
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Clocks that are kept right differ by less than this, in ms. */
const SKEW_NOTICED_MS = 2000;

/** Clocks further apart than this are a fault that somebody must mend, in ms. Keys are right all the same. */
export const SKEW_FAILED_MS = 30_000;

export interface HeadscaleClientOptions {
  /** Base URL of the REST API. */
  url: string;
  /** The API key at the time of the call, or undefined while there is none. */
  apiKey: () => string | undefined;
  /** ms since 1970; if unset, the system's. */
  clock?: () => number;
  /** Goes before the ids of nodes and keys, so that those of several Headscales differ; if unset, nothing does. */
  idPrefix?: string;
}

/**
 * The only code that speaks to Headscale's REST API (0.29; tolerant of 0.30 where that is free).
 * Every method throws {@link HeadscaleError}. Times are in this server's clock: what Headscale's is ahead or behind is
 * taken off what it says and added to what it is told, so a key lives as long as was promised.
 */
export class HeadscaleClient {
  readonly #options: HeadscaleClientOptions;
  #skewMs = 0;

  constructor(options: HeadscaleClientOptions) {
    this.#options = options;
  }

  /** How far Headscale's clock was ahead of ours at its last answer, in ms; 0 if they agree within 2 s, as far as is known. */
  get skewMs(): number {
    return this.#skewMs;
  }

  /** Resolves when Headscale answers that it is well. Needs no API key. @throws within 0.6 s when it is silent */
  async health(): Promise<void> {
    await this.#request('GET', '/health', EmptyAnswer, { timeoutMs: HEALTH_TIMEOUT_MS });
  }

  /** For example `v0.29.3`. Needs no API key. */
  async version(): Promise<string> {
    return (await this.#request('GET', '/version', VersionAnswer)).version;
  }

  /** The running policy, byte for byte. */
  async policy(): Promise<string> {
    return (await this.#api('GET', '/policy', PolicyAnswer)).policy;
  }

  /** All nodes, or those of one user (by name); none if there is no such user. */
  async listNodes(userName?: string): Promise<HeadscaleNode[]> {
    const query = userName === undefined ? '' : `?user=${encodeURIComponent(userName)}`;
    try {
      const { nodes } = await this.#api('GET', `/node${query}`, NodesAnswer);
      return nodes.map((node) => ({
        ...node,
        id: this.#idPrefix + node.id,
        preAuthKey: node.preAuthKey && {
          ...node.preAuthKey,
          id: this.#idPrefix + node.preAuthKey.id,
        },
        lastSeen: this.#toOurs(node.lastSeen),
        expiry: this.#toOurs(node.expiry),
        createdAt: this.#toOurs(node.createdAt),
      }));
    } catch (error) {
      if (error instanceof HeadscaleError && error.kind === 'not-found') return [];
      throw error;
    }
  }

  /** Deletes a node; its peers lose it at once. No error if it is gone already. */
  async deleteNode(nodeId: string): Promise<void> {
    const path = `/node/${this.#pathId(nodeId)}`;
    await ignoreMissing(this.#api('DELETE', path, EmptyAnswer));
  }

  /** Ends a node's key now: the node is told over its open poll, and its peers drop it. No error if it is gone already. */
  async expireNode(nodeId: string): Promise<void> {
    const path = `/node/${this.#pathId(nodeId)}/expire`;
    await ignoreMissing(this.#api('POST', path, z.unknown()));
  }

  /** @throws kind `conflict` if the name is taken */
  async createUser(name: string): Promise<HeadscaleUser> {
    return (await this.#api('POST', '/user', UserAnswer, { name })).user;
  }

  async listUsers(): Promise<HeadscaleUser[]> {
    return (await this.#api('GET', '/user', UsersAnswer)).users;
  }

  async findUser(name: string): Promise<HeadscaleUser | undefined> {
    const { users } = await this.#api('GET', `/user?name=${encodeURIComponent(name)}`, UsersAnswer);
    return users.find((user) => user.name === name);
  }

  /** No error if it is gone already. @throws kind `conflict` while it owns nodes */
  async deleteUser(userId: string): Promise<void> {
    await ignoreMissing(this.#api('DELETE', `/user/${encodeURIComponent(userId)}`, EmptyAnswer));
  }

  /**
   * Makes a one-use key.
   * @param key.userName the user that must be behind the id: a Headscale with a new database gives old ids to others
   * @param key.expiresAtMs required: without an expiration Headscale makes keys that are born expired
   * @throws kind `not-found` when the id is another user's (now)
   */
  async createKey(key: {
    userId: string;
    userName: string;
    ephemeral: boolean;
    expiresAtMs: number;
  }): Promise<MadeKey> {
    const body = {
      user: key.userId,
      reusable: false,
      ephemeral: key.ephemeral,
      expiration: new Date(key.expiresAtMs + this.#skewMs).toISOString(),
    };
    const { preAuthKey } = await this.#api('POST', '/preauthkey', KeyAnswer, body);
    const made = { ...preAuthKey, id: this.#idPrefix + preAuthKey.id };
    if (made.user?.name === key.userName) return made;
    await this.deleteKey(made.id);
    throw new HeadscaleError('not-found', `user ${key.userId} is not ${key.userName}`);
  }

  /** All keys of all users, without their secrets. */
  async listKeys(): Promise<HeadscaleKey[]> {
    const { preAuthKeys } = await this.#api('GET', '/preauthkey', KeysAnswer);
    return preAuthKeys.map((key) => ({
      ...key,
      id: this.#idPrefix + key.id,
      expiration: this.#toOurs(key.expiration),
    }));
  }

  /** Ends a key's use; nodes that joined with it stay. No error if it is gone already. */
  async expireKey(keyId: string): Promise<void> {
    const id = this.#theirId(keyId);
    await ignoreMissing(this.#api('POST', '/preauthkey/expire', EmptyAnswer, { id }));
  }

  /** Only when no node refers to it: a node without its key stops being ephemeral at Headscale's next start. */
  async deleteKey(keyId: string): Promise<void> {
    const path = `/preauthkey?id=${this.#pathId(keyId)}`;
    await ignoreMissing(this.#api('DELETE', path, EmptyAnswer));
  }

  /** Ends an API key. @param prefix the 12 characters that follow `hskey-api-` */
  async expireApiKey(prefix: string): Promise<void> {
    await ignoreMissing(this.#api('POST', '/apikey/expire', EmptyAnswer, { prefix }));
  }

  get #idPrefix(): string {
    return this.#options.idPrefix ?? '';
  }

  #theirId(id: string): string {
    if (id.startsWith(this.#idPrefix)) return id.slice(this.#idPrefix.length);
    throw new Error(`invariant: ${id} is of another Headscale than ${this.#idPrefix}`);
  }

  #pathId(id: string): string {
    return encodeURIComponent(this.#theirId(id));
  }

  #toOurs(theirMs: number | null): number | null {
    return theirMs === null ? null : theirMs - this.#skewMs;
  }

  #nowMs(): number {
    return (this.#options.clock ?? Date.now)();
  }

  /**
   * The Date header counts whole seconds, and was written at some time between asking and answer, which on a busy machine
   * are seconds apart. What is known is kept while it may be right: what was told at one time must be recognised at another.
   */
  #noteSkew(response: Response, askedAtMs: number): void {
    const theirMs = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(theirMs)) return;
    const [least, most] = [theirMs - this.#nowMs(), theirMs + 1000 - askedAtMs];
    if (least <= this.#skewMs && this.#skewMs <= most) return;
    const skewMs = (least + most) / 2;
    this.#skewMs = Math.abs(skewMs) < SKEW_NOTICED_MS ? 0 : skewMs;
  }

  async #api<S extends z.ZodType>(
    method: string,
    path: string,
    schema: S,
    body?: unknown,
  ): Promise<z.infer<S>> {
    const apiKey = this.#options.apiKey();
    if (apiKey === undefined) {
      throw new HeadscaleError('unavailable', `${method} ${path}: there is no API key yet`);
    }
    return this.#request(method, `/api/v1${path}`, schema, { apiKey, body });
  }

  async #request<S extends z.ZodType>(
    method: string,
    path: string,
    schema: S,
    options: { apiKey?: string; body?: unknown; timeoutMs?: number } = {},
  ): Promise<z.infer<S>> {
    const what = `${method} ${path}`;
    const { response, text } = await this.#fetch(what, method, path, options);
    const json = parseJson(text);
    if (!response.ok) {
      const message = failureMessage(json, text);
      throw new HeadscaleError(
        classifyFailure(response.status, message),
        `${what}: Headscale answered ${response.status} ${message}`,
      );
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return parsed.data;
    // Paths only: the values may hold a key.
    const where = parsed.error.issues.map((issue) => issue.path.join('.')).join(', ');
    throw new HeadscaleError(
      'unexpected',
      `${what}: Headscale's answer has another shape than expected at: ${where || 'the top'}`,
    );
  }

  async #fetch(
    what: string,
    method: string,
    path: string,
    options: { apiKey?: string; body?: unknown; timeoutMs?: number },
  ): Promise<{ response: Response; text: string }> {
    const headers: Record<string, string> = {};
    if (options.apiKey !== undefined) headers.authorization = `Bearer ${options.apiKey}`;
    if (options.body !== undefined) headers['content-type'] = 'application/json';
    const askedAtMs = this.#nowMs();
    try {
      const response = await fetch(this.#options.url + path, {
        method,
        headers,
        body: options.body === undefined ? null : JSON.stringify(options.body),
        redirect: 'error',
        signal: AbortSignal.timeout(options.timeoutMs ?? CALL_TIMEOUT_MS),
      });
      this.#noteSkew(response, askedAtMs);
      return { response, text: await readLimited(response) };
    } catch (error) {
      throw new HeadscaleError('unavailable', `${what}: Headscale does not answer`, {
        cause: error,
      });
    }
  }
}

async function readLimited(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_ANSWER_BYTES) throw new Error(`the answer exceeds ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // 401 comes as text/plain
  }
}

function failureMessage(json: unknown, text: string): string {
  const parsed = FailureAnswer.safeParse(json);
  const message = parsed.success
    ? (parsed.data.message ?? parsed.data.detail ?? parsed.data.title)
    : undefined;
  return (message ?? text).slice(0, 300);
}

async function ignoreMissing(call: Promise<unknown>): Promise<void> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof HeadscaleError && error.kind === 'not-found')) throw error;
  }
}
