import type { Log } from '../log.ts';
import { errorText } from '../log.ts';
import type { ApiKeySource } from './api-key.ts';
import type { HeadscaleClient } from './client.ts';
import { isHeadscaleError } from './errors.ts';
import { POLICY } from './policy.ts';
import { versionProblem } from './version.ts';

/** How the last look at Headscale ended. `reason` is a sentence for people. */
export type GateState =
  | { kind: 'open' }
  | { kind: 'silent'; reason: string }
  | { kind: 'refused'; what: 'version' | 'policy' | 'api-key'; reason: string };

const SILENT = 'Headscale does not answer. Try again in a few seconds.';

/** How often an open gate is looked at again, in ms: a policy changed behind our back closes it within this time. */
const OPEN_RECHECK_MS = 30_000;
/** How often a closed gate is looked at, in ms. */
const CLOSED_RECHECK_MS = 500;

/**
 * Decides whether keys may be made: only for a Headscale of a known version that runs exactly the policy we ship.
 * Under any other policy (or none) strangers could reach each other's hubs.
 */
export class HeadscaleGate {
  readonly #client: HeadscaleClient;
  readonly #apiKeys: ApiKeySource;
  readonly #log: Log;
  #state: GateState = { kind: 'silent', reason: SILENT };
  #checking: Promise<GateState> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;
  #lastFault: string | undefined;

  constructor(client: HeadscaleClient, apiKeys: ApiKeySource, log: Log) {
    this.#client = client;
    this.#apiKeys = apiKeys;
    this.#log = log;
  }

  get state(): GateState {
    return this.#state;
  }

  /** Keeps looking until stop(). */
  start(): void {
    if (this.#isStopped) return;
    clearTimeout(this.#timer); // close() and a finished check may both come here
    const isOpen = this.#state.kind === 'open';
    this.#timer = setTimeout(
      () => void this.check().then(() => this.start()),
      isOpen ? OPEN_RECHECK_MS : CLOSED_RECHECK_MS,
    );
    this.#timer.unref();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  /** Forgets what was known, because Headscale ended. */
  close(): void {
    this.#state = { kind: 'silent', reason: SILENT };
    this.start();
  }

  /** The state now: looks once if it is not known to be open. Takes less than a second when Headscale is silent. */
  async current(): Promise<GateState> {
    return this.#state.kind === 'open' ? this.#state : this.check();
  }

  /** Looks at Headscale. Never rejects. Calls join. */
  check(): Promise<GateState> {
    this.#checking ??= this.#look()
      .then((state) => this.#enter(state))
      .finally(() => (this.#checking = undefined));
    return this.#checking;
  }

  #enter(state: GateState): GateState {
    if (state.kind !== this.#state.kind) {
      if (state.kind === 'open') this.#log('info', 'headscale-ready');
      else this.#log('warn', 'headscale-not-ready', { error: state.reason });
    }
    this.#state = state;
    return state;
  }

  async #look(): Promise<GateState> {
    try {
      await this.#client.health();
      const problem = versionProblem(await this.#client.version());
      if (problem !== undefined) return { kind: 'refused', what: 'version', reason: problem };
      if ((await this.#policy()) === POLICY) return { kind: 'open' };
      return { kind: 'refused', what: 'policy', reason: OTHER_POLICY };
    } catch (error) {
      if (isHeadscaleError(error, 'unauthorized')) {
        return { kind: 'refused', what: 'api-key', reason: BAD_API_KEY };
      }
      if (isHeadscaleError(error, 'not-found')) {
        return { kind: 'refused', what: 'policy', reason: OTHER_POLICY }; // it has none at all
      }
      if (!isHeadscaleError(error, 'unavailable')) {
        this.#logOnce(errorText(error));
      }
      return { kind: 'silent', reason: SILENT };
    }
  }

  /** The same fault twice a second is one line. */
  #logOnce(fault: string): void {
    if (fault !== this.#lastFault) {
      this.#log('error', 'headscale-check-failed', { error: fault });
    }
    this.#lastFault = fault;
  }

  async #policy(): Promise<string> {
    if (this.#apiKeys.current() === undefined) await this.#apiKeys.renew();
    try {
      return await this.#client.policy();
    } catch (error) {
      if (!isHeadscaleError(error, 'unauthorized')) throw error;
      await this.#apiKeys.renew();
      return this.#client.policy();
    }
  }
}

const OTHER_POLICY =
  'Headscale runs another network policy than the one Hubtab ships, so no keys are issued. ' +
  'The administrator must restore policy.hujson and restart Headscale.';
const BAD_API_KEY =
  'Headscale does not accept the API key of this server. The administrator must renew headscale.apiKeyFile.';
