import { userInfo } from 'node:os';
import { z } from 'zod';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import { hostKeyOfLine } from './ssh-host-keys.ts';
import { requireUp, TailscaleCli } from './tailscale-cli.ts';
import type { CliContext } from './context.ts';
import type { HubPaths } from './paths.ts';
import type { HostKey } from './ssh-host-keys.ts';
import type { TailscalePrograms } from './tailscale-programs.ts';
import type { Tailscaled, TailscaleStatus, UpOptions } from './tailscaled.ts';

/** Where the system's daemon listens unless somebody moved it. */
export const SYSTEM_SOCKET =
  process.platform === 'darwin' ? '/var/run/tailscaled.socket' : '/run/tailscale/tailscaled.sock';

const Prefs = z.object({
  ControlURL: z.string(),
  RouteAll: z.boolean().optional(),
  CorpDNS: z.boolean().optional(),
  ShieldsUp: z.boolean().optional(),
  NoSNAT: z.boolean().optional(),
  AdvertiseRoutes: z.array(z.string()).nullish(),
  OperatorUser: z.string().optional(),
});
const Netmap = z.object({
  SelfNode: z.object({ Hostinfo: z.object({ sshHostKeys: z.array(z.string()).nullish() }) }),
});

/**
 * The tailscaled that this system runs, as root: it serves SSH to every user, and its keys are out of the agents' reach.
 * Starting and ending it is the system's business, and so are all its settings but the login server, name and SSH.
 */
export class SystemTailscaled implements Tailscaled {
  readonly #cli: TailscaleCli;
  readonly #paths: HubPaths;
  /** Address of our network; undefined before it is known. */
  #controlUrl: string | undefined;

  constructor(
    paths: HubPaths,
    { tailscale }: TailscalePrograms,
    { socket, controlUrl }: { socket: string; controlUrl: string | undefined },
    env: CliContext['env'],
  ) {
    this.#paths = paths;
    this.#controlUrl = controlUrl;
    this.#cli = new TailscaleCli(tailscale, socket, env);
  }

  get socket(): string {
    return this.#cli.socket;
  }

  async start(controlUrl: string): Promise<void> {
    this.#controlUrl = controlUrl;
    const status = await this.status();
    if (!status) {
      throw new HubtabError(
        EXIT.prerequisite,
        `the system's tailscaled does not answer at ${this.socket}. Start it with \`sudo systemctl enable --now tailscaled\`, or join without --system.`,
      );
    }
    const other = await this.#otherNetwork(status);
    if (other === undefined) return;
    throw new HubtabError(
      EXIT.conflict,
      `the system's tailscaled is a member of another network (${other}). Leave that with \`sudo tailscale logout\`, or join without --system: Hubtab then runs a tailscaled of its own beside it.`,
    );
  }

  async stop(): Promise<void> {
    const status = await this.status();
    if (status?.backendState !== 'Running' || (await this.#otherNetwork(status))) return;
    await this.#cli.run(['down'], 15_000);
  }

  /** Address of the network it is a member of, if that is not ours: then it is none of our business. */
  async #otherNetwork({ backendState }: TailscaleStatus): Promise<string | undefined> {
    if (!['Running', 'Starting', 'Stopped'].includes(backendState)) return undefined;
    const prefs = Prefs.safeParse(await this.debug('prefs'));
    const url = prefs.data?.ControlURL ?? 'unknown';
    return url === this.#controlUrl ? undefined : url;
  }

  async isAlive(): Promise<boolean> {
    return (await this.status()) !== undefined;
  }

  status(): Promise<TailscaleStatus | undefined> {
    return this.#cli.status();
  }

  async up(options: UpOptions): Promise<void> {
    const prefs = Prefs.safeParse(await this.debug('prefs')).data;
    // Before a daemon's first network `up` sets back, without a word, what it is not told.
    const early = prefs?.ControlURL === '' ? settingsOf(prefs) : [];
    const first = await this.#cli.up(options, this.#paths.authKeyFile, early);
    if (/access denied|permission denied/i.test(first.stderr)) throw notOperator();
    // Later it refuses, and names the settings that it wants to be told again, as they are now.
    const others = settingsToRepeat(first.stderr);
    const last =
      others.length === 0 ? first : await this.#cli.up(options, this.#paths.authKeyFile, others);
    requireUp(last, options.controlUrl);
  }

  async logout(): Promise<string | undefined> {
    const status = await this.status();
    const other = status && (await this.#otherNetwork(status));
    return other === undefined ? this.#cli.logout() : `it is a member of ${other} by now`;
  }

  debug(what: 'prefs' | 'netmap'): Promise<unknown> {
    return this.#cli.debug(what);
  }

  commandLine(words: string): string {
    return `sudo ${this.#cli.commandLine(words)}`;
  }

  /** As the daemon told the network: its files are root's. */
  async hostKeys(): Promise<HostKey[]> {
    const netmap = Netmap.safeParse(await this.debug('netmap'));
    const lines = netmap.data?.SelfNode.Hostinfo.sshHostKeys ?? [];
    return lines.map(hostKeyOfLine).filter((key) => key !== undefined);
  }
}

/** Flags for what a person may have set by `tailscale set` on a daemon that is in no network yet. */
function settingsOf(prefs: z.infer<typeof Prefs>): string[] {
  const routes = prefs.AdvertiseRoutes ?? [];
  return [
    ...(prefs.RouteAll ? ['--accept-routes'] : []),
    ...(prefs.CorpDNS === false ? ['--accept-dns=false'] : []),
    ...(prefs.ShieldsUp ? ['--shields-up'] : []),
    ...(prefs.NoSNAT ? ['--snat-subnet-routes=false'] : []),
    ...(routes.length > 0 ? [`--advertise-routes=${routes.join(',')}`] : []),
    ...(prefs.OperatorUser ? [`--operator=${prefs.OperatorUser}`] : []),
  ];
}

/**
 * The flags in the command line that `tailscale up` proposes when it would else change a setting. Ours are left out.
 *
 * @throws HubtabError if one has a value that needs quotes
 */
export function settingsToRepeat(stderr: string): string[] {
  const proposal = /^\s*(?:sudo )?tailscale up (.*)$/m.exec(stderr)?.[1];
  if (!stderr.includes('non-default') || proposal === undefined) return [];
  if (/['"\\]/.test(proposal)) {
    throw new HubtabError(
      EXIT.conflict,
      `the system's tailscaled has settings that this cannot repeat: ${proposal}. Join without --system.`,
    );
  }
  const ours = /^--(login-server|hostname|ssh|auth-key|force-reauth|timeout)(=|$)/;
  return proposal
    .trim()
    .split(/\s+/)
    .filter((word) => !ours.test(word));
}

function notOperator(): HubtabError {
  const { username } = userInfo();
  return new HubtabError(
    EXIT.prerequisite,
    `the system's tailscaled does not take orders from ${username}. Allow it once with \`sudo tailscale set --operator=${username}\`, then run this again.`,
  );
}
