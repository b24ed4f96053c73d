import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openDevelopmentDoor } from '../../server/development.ts';
import { freeTcpPort } from '../../server/free-port.ts';
import { jsonLog } from '../../server/log.ts';
import { startServer, type RunningServer } from '../../server/start.ts';
import { bin } from '../paths.ts';
import { hubUser } from './hub-user.ts';
import { placePrograms, StackHub } from './hub.ts';
import { run } from './run.ts';

export interface StackOptions {
  accounts: number;
  /** Hubs of each account. */
  hubs: number;
  /** Where data is kept; if unset, a temporary folder that is removed at the end. */
  dir?: string;
  /** Port of the control server; if unset, the system chooses. */
  port?: number;
  /** Starts a proxy that terminates TLS in front of both; if unset, hubs and browsers reach them directly. */
  front?: (ports: { server: number; headscale: number }) => Promise<Front>;
}

/** A proxy that serves the control server and Headscale under one origin. */
export interface Front {
  /** The origin, `https://…`. */
  url: string;
  /** File with the certificate that hubs have to trust, PEM. */
  certificate: string;
  stop(): Promise<void>;
}

/** What `npm run stack` prints. */
export interface StackInfo {
  serverUrl: string;
  headscaleUrl: string;
  headscaleConfig: string;
  accounts: {
    email: string;
    accessToken: string;
    hubs: { id: string; name: string; ip: string; sshUser: string; socket: string }[];
  }[];
}

export interface Stack {
  info: StackInfo;
  server: RunningServer;
  /** Every hub, in the order of `info`: first those of the first account. */
  hubs: StackHub[];
  /**
   * Makes one more hub for an account, joined with a token of its own.
   * @param beforeJoin prepares the machine
   */
  addHub(
    account: number,
    name: string,
    beforeJoin?: (hub: StackHub) => Promise<void>,
  ): Promise<StackInfo['accounts'][number]['hubs'][number] & { hub: StackHub }>;
  /** Asks Headscale itself. @throws Error when it refuses */
  headscale(...args: string[]): Promise<unknown>;
  /** Ends every process. May be called twice. */
  stop(): Promise<void>;
}

/** Starts the real control server, its Headscale, and joined hubs. @throws Error after stopping what it had started */
export async function startStack(options: StackOptions): Promise<Stack> {
  const cleanups: (() => Promise<unknown>)[] = [];
  let stopping: Promise<void> | undefined;
  const cleanUp = async () => {
    for (let next = cleanups.pop(); next; next = cleanups.pop()) await next();
  };
  try {
    const stack = await startParts(options, (cleanup) => cleanups.push(cleanup));
    return { ...stack, stop: () => (stopping ??= cleanUp()) };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

async function startParts(
  options: StackOptions,
  onStop: (cleanup: () => Promise<unknown>) => void,
): Promise<Omit<Stack, 'stop'>> {
  const user = await hubUser();
  // Under the system's temporary folder: short paths for sockets, and every user may pass.
  const temporary = await mkdtemp(path.join(tmpdir(), 'hubtab-stack-'));
  onStop(() => rm(temporary, { recursive: true, force: true, maxRetries: 5 }));
  await user.own(temporary);
  const dataDir = options.dir ? path.resolve(options.dir) : path.join(temporary, 'server');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const programs = await placePrograms(path.join(temporary, 'bin'));

  const logFile = createWriteStream(path.join(dataDir, 'server.log'), { flags: 'a', mode: 0o600 });
  onStop(() => new Promise((resolve) => logFile.end(resolve)));
  const ports = { server: options.port ?? 0, headscale: 0 };
  const front = options.front && (await startFront(options.front, ports));
  if (front) onStop(front.stop);
  const server = await startServer(
    {
      dataDir,
      listen: `127.0.0.1:${ports.server}`,
      ...(front ? { publicUrl: front.url, behindProxy: ['127.0.0.1'] } : {}),
      development: true,
      headscale: { binary: path.join(bin, 'headscale'), listen: `127.0.0.1:${ports.headscale}` },
    },
    { log: jsonLog((line) => logFile.write(`${line}\n`)) },
  );
  onStop(server.stop);
  const serverUrl = front?.url ?? server.url;
  const door = openDevelopmentDoor(server);
  const configFile = server.headscaleConfig;
  if (!configFile) throw new Error('invariant: the stack supervises its own Headscale');

  const info: StackInfo = {
    serverUrl,
    headscaleUrl: server.headscaleUrl,
    headscaleConfig: configFile,
    accounts: [],
  };
  const accountIds: string[] = [];
  const hubs: StackHub[] = [];

  const join = async (hub: StackHub, account: number) => {
    const accountId = accountIds[account];
    if (!accountId) throw new Error(`there is no account ${account}`);
    const token = await door.createJoinToken(accountId);
    await hub.hubtab(['hub', 'join', serverUrl, '--token', token, '--name', hub.name]);
    return describe(hub);
  };
  const makeHub = async (name: string) => {
    const home = path.join(temporary, `h${hubs.length}`);
    const hub = new StackHub(name, home, user, programs, front?.certificate);
    hubs.push(hub);
    onStop(() => hub.stop());
    await hub.prepare();
    return hub;
  };
  const addHub: Stack['addHub'] = async (account, name, beforeJoin) => {
    const hub = await makeHub(name);
    await beforeJoin?.(hub);
    const described = await join(hub, account);
    info.accounts[account]?.hubs.push(described);
    return { ...described, hub };
  };

  for (let account = 0; account < options.accounts; account += 1) {
    const email = `a${account}@example.test`;
    const { id } = await door.createAccount(email);
    accountIds.push(id);
    info.accounts.push({ email, accessToken: door.mintAccessToken(id), hubs: [] });
  }
  const perAccount: StackHub[][] = [];
  for (let account = 0; account < options.accounts; account += 1) {
    const made: StackHub[] = [];
    for (let hub = 0; hub < options.hubs; hub += 1) made.push(await makeHub(`hub${hubs.length}`));
    perAccount.push(made);
  }
  // All join at once: most of a join is waiting.
  await Promise.all(
    perAccount.map(async (made, account) => {
      const described = await Promise.all(made.map((hub) => join(hub, account)));
      info.accounts[account]?.hubs.push(...described);
    }),
  );

  const headscale = async (...args: string[]): Promise<unknown> => {
    const command = ['-c', configFile, ...args, '--output', 'json'];
    const { code, stdout, stderr } = await run(path.join(bin, 'headscale'), command);
    if (code !== 0) throw new Error(`headscale ${args.join(' ')}: ${stderr || stdout}`);
    return JSON.parse(stdout) as unknown;
  };
  return { info, server, hubs, addHub, headscale };
}

/** Starts the proxy, which has to know ports before anything listens on them, and writes them to `ports`. */
async function startFront(
  start: NonNullable<StackOptions['front']>,
  ports: { server: number; headscale: number },
): Promise<Front> {
  ports.server ||= await freeTcpPort('127.0.0.1');
  ports.headscale = await freeTcpPort('127.0.0.1');
  return start(ports);
}

/** What the hub's own program says of it. */
async function describe(hub: StackHub): Promise<StackInfo['accounts'][number]['hubs'][number]> {
  const status = JSON.parse(await hub.hubtab(['hub', 'status', '--json'])) as {
    hubId: string;
    ip: string;
    tailscaled: { socket: string };
  };
  const { hubId: id, ip, tailscaled } = status;
  return { id, name: hub.name, ip, sshUser: hub.user.name, socket: tailscaled.socket };
}
