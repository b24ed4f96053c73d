import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { DockerfileParser, type Copy, type JSONInstruction } from 'dockerfile-ast';
import { run, type Finished } from '../../scripts/stack/run.ts';

/** What of a service in a compose file is put into force here; Compose's parser has checked the rest. */
export interface Service {
  build?: { target: string };
  user: string;
  read_only: boolean;
  cap_drop: string[];
  security_opt: string[];
  command: string[] | null;
  environment: Record<string, string>;
  volumes: { type: string; source: string; target: string }[];
  tmpfs: string[];
}

/** The last stage of an image, as the Dockerfile says it. */
export interface Image {
  run: string[];
  copy: { from: string | undefined; sources: string[]; to: string }[];
  env: Record<string, string>;
  health: string[];
  argv: string[];
}

/** Reads what one stage of a Dockerfile does. */
export function readStage(dockerfile: string, target: string): Image {
  const parsed = DockerfileParser.parse(dockerfile);
  const image: Image = { run: [], copy: [], env: {}, health: [], argv: [] };
  let stage = '';
  let [entrypoint, command]: [string[], string[]] = [[], []];
  for (const instruction of parsed.getInstructions()) {
    const keyword = instruction.getKeyword();
    const text = instruction.getArgumentsContent() ?? '';
    if (keyword === 'FROM') stage = / AS (\S+)$/.exec(text)?.[1] ?? '';
    if (stage !== target) continue;
    if (keyword === 'RUN') image.run.push(text.replaceAll('\\\n', ' '));
    if (keyword === 'COPY') {
      const from = (instruction as Copy).getFromFlag()?.getValue() ?? undefined;
      const words = instruction.getArguments().map((word) => word.getValue());
      image.copy.push({ from, sources: words.slice(0, -1), to: words.at(-1) ?? '' });
    }
    if (keyword === 'ENV')
      for (const word of instruction.getArguments()) {
        const [name = '', value = ''] = word.getValue().split('=');
        image.env[name] = value;
      }
    if (keyword === 'HEALTHCHECK') {
      const check: unknown = JSON.parse(text.slice(text.indexOf('[')));
      image.health = check as string[]; // strings, or the first use fails
    }
    const strings = () =>
      (instruction as JSONInstruction).getJSONStrings().map((word) => word.getJSONValue());
    if (keyword === 'ENTRYPOINT') entrypoint = strings();
    if (keyword === 'CMD') command = strings();
  }
  image.argv = [...entrypoint, ...command];
  return image;
}

/** A network of its own for some containers: each has an address and knows the others by name. */
export class Network {
  readonly #holder: ChildProcess;
  readonly hosts: string;

  private constructor(holder: ChildProcess, hosts: string) {
    this.#holder = holder;
    this.hosts = hosts;
  }

  static async start(addresses: Record<string, string>): Promise<Network> {
    const ips = [...new Set(Object.values(addresses))];
    // As in Docker's containers, low ports are everybody's.
    const script = `set -e; ip link set lo up; for ip in ${ips.join(' ')}; do ip addr add "$ip/24" dev lo; done
echo 0 > /proc/sys/net/ipv4/ip_unprivileged_port_start; echo ready; exec sleep infinity`;
    const holder = spawn('unshare', ['--net', 'sh', '-c', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    const lines = Object.entries(addresses).map(([name, ip]) => `${ip} ${name}\n`);
    return new Network(holder, `127.0.0.1 localhost\n${lines.join('')}`);
  }

  get pid(): number {
    return this.#holder.pid ?? 0;
  }

  stop(): void {
    this.#holder.kill('SIGKILL');
  }
}

/** Which folder of this machine stands for a volume. */
export type Volumes = (name: string) => string;

/** One service of a compose file, run without Docker: as its user, in namespaces of its own, with its root read-only. */
export class Container {
  readonly #root: string;
  readonly #service: Service;
  readonly #image: Image;
  readonly #network: Network;
  #process: ChildProcess | undefined;
  log = '';

  constructor(root: string, service: Service, image: Image, network: Network) {
    this.#root = root;
    this.#service = service;
    this.#image = image;
    this.#network = network;
  }

  get env(): string[] {
    const base = {
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/',
    };
    const all = { ...base, ...this.#image.env, ...this.#service.environment };
    return Object.entries(all).map(([name, value]) => `${name}=${value}`);
  }

  async start(volumes: Volumes): Promise<void> {
    const { user, tmpfs, volumes: mounts, read_only: isReadOnly } = this.#service;
    const [uid = ''] = user.split(':');
    const root = this.#root;
    const steps = [`mount --bind ${root} ${root}`, `mount --rbind /dev ${root}/dev`];
    writeFileSync(path.join(root, 'etc', 'hosts'), this.#network.hosts);
    for (const { source, target } of mounts) {
      const to = path.join(root, target);
      await mkdir(to, { recursive: true });
      const folder = volumes(source);
      // A new volume has the owner that its place has in the image.
      execFileSync('chown', ['--reference', to, folder]);
      steps.push(`mount --bind ${folder} ${to}`);
    }
    for (const each of tmpfs) {
      const [target = '', options] = each.split(':');
      await mkdir(path.join(root, target), { recursive: true });
      steps.push(`mount -t tmpfs -o ${options ?? 'mode=1777'} tmpfs ${path.join(root, target)}`);
    }
    if (isReadOnly) steps.push(`mount -o remount,bind,ro ${root}`);
    const script = `set -e\n${steps.join('\n')}\nexec "$@"`;
    const command = this.#service.command;
    const entry = this.#image.argv.slice(0, command === null ? undefined : -command.length);
    const argv = [...this.#enter(uid), ...entry, ...(command ?? [])];
    const namespaces = ['--mount', '--pid', '--fork', '--kill-child', `--mount-proc=${root}/proc`];
    const child = spawn(
      'nsenter',
      [
        `--net=/proc/${this.#network.pid}/ns/net`,
        'unshare',
        ...namespaces,
        'sh',
        '-c',
        script,
        'sh',
        ...argv,
      ],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
    this.#process = child;
  }

  /** Into the root, as its user, who can gain no right by any program. */
  #enter(uid: string): string[] {
    const rights = ['--clear-groups', '--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
    const isHardened =
      this.#service.cap_drop.includes('ALL') &&
      this.#service.security_opt.includes('no-new-privileges:true');
    if (!isHardened) throw new Error('this test runs hardened services only');
    const change = ['setpriv', `--reuid=${uid}`, `--regid=${uid}`, ...rights];
    return ['chroot', this.#root, ...change, '/usr/bin/env', '-i', ...this.env];
  }

  /** The first process in it, as the machine sees it. */
  get pid(): number {
    const outer = this.#process?.pid ?? 0;
    return Number(readFileSync(`/proc/${outer}/task/${outer}/children`, 'utf8').trim());
  }

  /** `docker compose exec`. */
  exec(argv: readonly string[], env: Record<string, string> = {}, input = ''): Promise<Finished> {
    const [uid = ''] = this.#service.user.split(':');
    const more = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const target = [`--target=${this.pid}`, '--mount', '--pid', '--net'];
    return run('nsenter', [...target, ...this.#enter(uid), ...more, ...argv], { input });
  }

  health(): Promise<Finished> {
    return this.exec(this.#image.health);
  }

  /** As `docker stop` does. Answers the exit status. */
  async stop(): Promise<number | null> {
    const child = this.#process;
    if (!child || child.exitCode !== null) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    try {
      process.kill(this.pid, 'SIGTERM');
    } catch {
      child.kill('SIGKILL'); // it has not come so far
    }
    const patience = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await ended;
    clearTimeout(patience);
    return child.exitCode;
  }
}

/** Does what a stage does to the root of its base image. @param find where a path of another stage or of the context is */
export async function applyStage(
  root: string,
  image: Image,
  find: (from: string | undefined, source: string) => string,
): Promise<void> {
  for (const command of image.run) execFileSync('chroot', [root, 'sh', '-c', command]);
  for (const { from, sources, to } of image.copy) {
    for (const source of sources) {
      await mkdir(path.dirname(path.join(root, to)), { recursive: true });
      await cp(find(from, source), path.join(root, to), { recursive: true });
    }
  }
}
