import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { mustRun, run, type Finished } from '../../scripts/stack/run.ts';
import type { HubUser } from '../../scripts/stack/hub-user.ts';

/** Files that `ip netns exec` lays over those of `/etc`, by namespace. */
const NETNS_ETC = '/etc/netns';
/** Addresses for documentation: nobody takes them for a private network. */
const subnet = (index: number) => `198.51.100.${index * 4}/30`;
const gateway = (index: number) => `198.51.100.${index * 4 + 1}`;
const address = (index: number) => `198.51.100.${index * 4 + 2}`;

/** One machine of the net: a network namespace, with the files of the machine that the tests run on. */
export class Host {
  readonly name: string;
  readonly namespace: string;
  readonly address: string;
  readonly subnet: string;

  constructor(name: string, namespace: string, index: number) {
    this.name = name;
    this.namespace = namespace;
    this.address = address(index);
    this.subnet = subnet(index);
  }

  /** The command line that runs a program here. */
  command(argv: readonly string[]): [string, string[]] {
    return ['ip', ['netns', 'exec', this.namespace, ...argv]];
  }

  run(argv: readonly string[]): Promise<Finished> {
    return run(...this.command(argv));
  }

  /** @throws Error with what the program wrote to standard error */
  mustRun(argv: readonly string[]): Promise<string> {
    return mustRun(...this.command(argv));
  }

  /** Starts a program that stays until it is stopped or the host goes. */
  start(
    argv: readonly string[],
    options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
  ): ChildProcess {
    const [command, args] = this.command(argv);
    return spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  }

  /** A user as that of this machine, whose programs run here. */
  user(user: HubUser): HubUser {
    return {
      ...user,
      command: (env, argv) => {
        const [command, args] = user.command(env, argv);
        return this.command([command, ...args]);
      },
    };
  }

  /** Writes a program that starts another one here, for those who take a path. */
  async writeLauncher(file: string, program: string): Promise<string> {
    const [command, args] = this.command([program]);
    await writeFile(file, `#!/bin/sh\nexec ${[command, ...args].join(' ')} "$@"\n`, {
      mode: 0o755,
    });
    return file;
  }
}

/**
 * A small internet on this machine: hosts around one router. Everybody has a way to the server's host and back, and to
 * nobody else.
 */
export class Internet {
  readonly #id = `hubtab-net-${process.pid}`;
  readonly #server: string;
  readonly #hosts = new Map<string, Host>();
  /** Names there have been, by which addresses are given. */
  readonly #names: string[] = [];
  #made = 0;
  #speedUp: (() => Promise<void>) | undefined;

  private constructor(server: string) {
    this.#server = server;
  }

  /** @param server the name of the host that everybody can reach; it is made first, by {@link addHost} */
  static async start(server: string): Promise<Internet> {
    await removeLeftovers();
    const internet = new Internet(server);
    await mustRun('ip', ['netns', 'add', internet.#router]);
    await internet.#inRouter('sysctl', '-qw', 'net.ipv4.ip_forward=1');
    return internet;
  }

  get #router(): string {
    return `${this.#id}-router`;
  }

  #inRouter(...argv: string[]): Promise<string> {
    return mustRun('ip', ['netns', 'exec', this.#router, ...argv]);
  }

  host(name: string): Host {
    const host = this.#hosts.get(name);
    if (!host) throw new Error(`there is no host ${name}`);
    return host;
  }

  /** Makes a host. One of the same name must be gone, and the new one has its address, as a provider moves one. */
  async addHost(name: string): Promise<Host> {
    if (!this.#names.includes(name)) this.#names.push(name);
    const index = this.#names.indexOf(name);
    this.#made += 1;
    const host = new Host(name, `${this.#id}-${name}-${this.#made}`, index);
    const etc = path.join(NETNS_ETC, host.namespace);
    await mkdir(etc, { recursive: true });
    await writeFile(path.join(etc, 'hosts'), '127.0.0.1 localhost\n');
    await writeFile(path.join(etc, 'resolv.conf'), '# Names are in /etc/hosts.\n');
    await mustRun('ip', ['netns', 'add', host.namespace]);
    this.#hosts.set(name, host);
    const link = `to-${index}`;
    const peer = ['peer', 'name', 'wan', 'netns', host.namespace];
    await mustRun('ip', ['link', 'add', link, 'netns', this.#router, 'type', 'veth', ...peer]);
    await this.#inRouter('ip', 'address', 'add', `${gateway(index)}/30`, 'dev', link);
    await this.#inRouter('ip', 'link', 'set', link, 'up');
    await host.mustRun(['ip', 'link', 'set', 'lo', 'up']);
    await host.mustRun(['ip', 'address', 'add', `${host.address}/30`, 'dev', 'wan']);
    await host.mustRun(['ip', 'link', 'set', 'wan', 'up']);
    if (name === this.#server)
      await host.mustRun(['ip', 'route', 'add', 'default', 'via', gateway(index)]);
    else await this.#routeToServer(host);
    return host;
  }

  /**
   * Makes the way between a host and the router a long and bad one, for what goes on as well.
   * @param delayMs of each direction
   * @param loss share of the packets of each direction, 0 to 1
   */
  async slowDown(host: Host, { delayMs, loss }: { delayMs: number; loss: number }): Promise<void> {
    const program = path.join(import.meta.dirname, 'slow-path.py');
    const args = [program, 'far', 'near', String(delayMs), String(loss)];
    const [command, rest] = ['ip', ['netns', 'exec', this.#router, 'python3', ...args]];
    const forwarder = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(forwarder.stdout, 'data'); // ready
    await this.#inRouter('ip', 'link', 'set', 'near', 'netns', host.namespace);
    await host.mustRun(['ip', 'link', 'set', 'near', 'up']);
    await this.#inRouter('ip', 'link', 'set', 'far', 'up');
    await this.#inRouter('ip', 'route', 'replace', `${host.address}/32`, 'dev', 'far');
    const { subnet: to } = this.host(this.#server);
    await host.mustRun(['ip', 'route', 'replace', to, 'dev', 'near', 'src', host.address]);
    this.#speedUp = async () => {
      const ended = once(forwarder, 'exit');
      forwarder.kill('SIGKILL'); // the devices go with it, and the ways over them
      await ended;
      await this.#routeToServer(host);
    };
  }

  /** Ends what {@link slowDown} began. */
  async speedUp(): Promise<void> {
    await this.#speedUp?.();
    this.#speedUp = undefined;
  }

  async #routeToServer(host: Host): Promise<void> {
    const { subnet: to } = this.host(this.#server);
    const via = gateway(this.#names.indexOf(host.name));
    await host.mustRun(['ip', 'route', 'replace', to, 'via', via]);
  }

  /** Has every host know the server's host by this name. */
  async name(hostName: string): Promise<void> {
    const { address: ip } = this.host(this.#server);
    for (const { namespace } of this.#hosts.values()) {
      const file = path.join(NETNS_ETC, namespace, 'hosts');
      await writeFile(file, `127.0.0.1 localhost\n${ip} ${hostName}\n`);
    }
  }

  /** Ends every program of a host, with no time to say good-bye, and the host with them. */
  async destroy(name: string): Promise<void> {
    const { namespace } = this.host(name);
    this.#hosts.delete(name);
    await removeNamespace(namespace);
  }

  async stop(): Promise<void> {
    for (const name of this.#hosts.keys()) await this.destroy(name);
    await removeNamespace(this.#router);
  }
}

async function removeNamespace(namespace: string): Promise<void> {
  for (;;) {
    const pids = (await run('ip', ['netns', 'pids', namespace])).stdout
      .split(/\s+/)
      .filter(Boolean);
    if (pids.length === 0) break;
    for (const pid of pids) await run('kill', ['-KILL', pid]);
  }
  await run('ip', ['netns', 'delete', namespace]);
  await rm(path.join(NETNS_ETC, namespace), { recursive: true, force: true });
}

/** What a run that was killed has left. */
async function removeLeftovers(): Promise<void> {
  const { stdout } = await run('ip', ['netns', 'list']);
  for (const [namespace, pid] of stdout.matchAll(/^hubtab-net-(\d+)-\S+/gm)) {
    const isAlive = await readFile(`/proc/${pid}/stat`).catch(() => null);
    if (!isAlive) await removeNamespace(namespace);
  }
}
