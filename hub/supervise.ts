import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { bringUp } from './bring-up.ts';
import { EXIT } from './exit-codes.ts';
import { beat } from './heartbeat.ts';
import { requireHubFile } from './hub-file.ts';
import { loadHubKey } from './hub-key.ts';
import { HubRemovedError, HubtabError } from './hubtab-error.ts';
import { leave } from './leave.ts';
import { withLock } from './lock.ts';
import { canBecomeNewVersion } from './new-version.ts';
import { requestHubToken } from './server-client.ts';
import { ensureTmuxServer } from './tmux-server.ts';
import type { HubOrder } from '../protocol/hub-registration.ts';
import type { HubFile } from './hub-file.ts';
import type { HubSetup } from './hub-setup.ts';
import type { TailscaleStatus } from './tailscaled.ts';

/** How often the server hears of us. It calls a hub lost after several of them. */
const HEARTBEAT_MS = 15_000;
/** How soon a dead tailscaled and `hub down` are noticed. */
const LOOK_MS = 2000;
const FIRST_RETRY_MS = 1000;
/** A server that is down for hours is asked once a minute. */
const LAST_RETRY_MS = 60_000;
const LOCK_TIMEOUT_MS = 120_000;

/**
 * Keeps the hub online until told to stop, or until there is a new version of this program: starts tailscaled again when
 * it died, sends heartbeats, obeys the server's orders. Failures are said once and tried again, ever slower.
 *
 * @throws HubtabError (not joined) when the hub was removed or has left, (prerequisite) when a program is gone
 */
export async function supervise(
  setup: HubSetup,
  isReplaced: () => boolean,
  signal: AbortSignal,
): Promise<void> {
  const supervisor = new Supervisor(setup);
  let failures = 0;
  let isOld = false;
  while (!signal.aborted) {
    if (!isOld && isReplaced()) {
      if (canBecomeNewVersion()) return;
      isOld = true;
      setup.context.say('A new version is installed; stop this process and start it again.');
    }
    try {
      await supervisor.look(signal);
      failures = 0;
      await pause(LOOK_MS, signal);
    } catch (error) {
      if (signal.aborted) break;
      if (!isWorthRetrying(error)) throw error;
      supervisor.sayOnce(error instanceof Error ? error.message : String(error));
      await pause(retryDelayMs(failures), signal);
      failures += 1;
    }
  }
}

/** Doubles from one second to a minute; a quarter of it is chance, so that hubs do not come back all at once. */
export function retryDelayMs(failures: number, random = Math.random()): number {
  const ms = Math.min(FIRST_RETRY_MS * 2 ** failures, LAST_RETRY_MS);
  return ms * (0.75 + random / 4);
}

function isWorthRetrying(error: unknown): boolean {
  if (!(error instanceof HubtabError)) return false;
  return error.exitCode !== EXIT.notJoined && error.exitCode !== EXIT.prerequisite;
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

class Supervisor {
  readonly #setup: HubSetup;
  #isUp = false;
  #nextBeatMs = 0;
  #token: { value: string; untilMs: number } | undefined;
  #said = '';

  constructor(setup: HubSetup) {
    this.#setup = setup;
  }

  /** One round: does what is due. @throws HubtabError */
  async look(signal: AbortSignal): Promise<void> {
    const { paths, tailscaled } = this.#setup;
    const hub = requireHubFile(paths);
    if (existsSync(paths.downFile)) {
      this.#isUp = false;
      this.sayOnce('Offline, because of `hubtab hub down`; waiting for `hubtab hub up`.');
      return;
    }
    if (this.#isUp && !(await tailscaled.isAlive())) {
      this.sayOnce('tailscaled has ended; starting it again.');
      this.#isUp = false;
    }
    if (!this.#isUp) await this.#bringUp(signal);
    else if (Date.now() >= this.#nextBeatMs) await this.#beat(hub, signal);
  }

  /** Says a line unless it is what was said last: a server that is away for hours gets one line. */
  sayOnce(line: string): void {
    if (line !== this.#said) this.#setup.context.say(line);
    this.#said = line;
  }

  async #bringUp(signal: AbortSignal): Promise<void> {
    const { paths, tailscaled, tmux, context } = this.#setup;
    await withLock(paths.lockFile, LOCK_TIMEOUT_MS, async () => {
      const hub = requireHubFile(paths);
      if (existsSync(paths.downFile) || signal.aborted) return;
      await ensureTmuxServer(tmux, context.env);
      // Before the server is asked for anything: a node that has joined comes online without it.
      if (hub.controlUrl !== undefined) await tailscaled.start(hub.controlUrl);
      const status = await bringUp(this.#setup, hub).catch(async (error: unknown) => {
        if (error instanceof HubRemovedError) await leave(context, paths, tailscaled);
        throw error;
      });
      this.#isUp = true;
      this.#nextBeatMs = Date.now() + HEARTBEAT_MS;
      this.sayOnce(`${hub.name} is online at ${status.ips[0] ?? '?'}.`);
    });
  }

  async #beat(hub: HubFile, signal: AbortSignal): Promise<void> {
    const { tailscaled, tmux, context } = this.#setup;
    this.#nextBeatMs = Date.now() + HEARTBEAT_MS;
    await ensureTmuxServer(tmux, context.env);
    const status = await tailscaled.status();
    const orders =
      status?.backendState === 'Running' ? await this.#sendBeat(hub, status) : undefined;
    // Whatever is wrong or ordered, bringing up looks at everything again and does it.
    if (orders === undefined || orders.length > 0) await this.#bringUp(signal);
    else this.sayOnce(`${hub.name} is online at ${status?.ips[0] ?? '?'}.`);
  }

  async #sendBeat(hub: HubFile, status: TailscaleStatus): Promise<readonly HubOrder[]> {
    try {
      return await beat(this.#setup, hub, await this.#hubToken(hub), status);
    } catch (error) {
      // A server that was restored from a backup does not know the token.
      this.#token = undefined;
      throw error;
    }
  }

  async #hubToken(hub: HubFile): Promise<string> {
    const nowMs = Date.now();
    if (this.#token && nowMs < this.#token.untilMs) return this.#token.value;
    const key = loadHubKey(this.#setup.paths.keyFile);
    if (!key) throw new HubtabError(EXIT.notJoined, "the hub's key is gone; join again.");
    const { token, lifetimeMs } = await requestHubToken(hub, key);
    // Half its life: clocks differ.
    this.#token = { value: token, untilMs: nowMs + lifetimeMs / 2 };
    return token;
  }
}
