import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { cpuMs, rssMiB } from '../bench/processes.ts';
import { percentile } from '../bench/statistics.ts';
import { Net, type BrowserJoin, type NetHub } from './net.ts';
import { startStackProcess, type StackProcess } from './stack-process.ts';

export interface NodesOptions {
  accounts: number;
  /** Hubs of each account. */
  hubs: number;
  /** Browsers that start at once, of the accounts in turns. */
  browsers: number;
  /** Units that each of them joins. */
  units: number;
  /** How long the net is watched while nothing happens, in ms. */
  idleMs: number;
  /** Takes a line of figures. */
  say: (line: string) => void;
}

/** Joins that a browser has on the way at once, as the extension has. */
const PACE = 2;

/**
 * Many nodes on one Headscale: hubs join, each gets a browser, all browsers leave, and many start at once with several
 * units each. Every node is a control client of Tailscale's, with a key that was asked for as the product does.
 * @returns what some node had in its map that is not of its unit: nothing
 * @throws Error when a node does not come up, or does not see its hub
 */
export async function measureNodes(options: NodesOptions): Promise<{ strangers: string[] }> {
  const { accounts, say } = options;
  const stack = await startStackProcess(accounts);
  const net = new Net(stack.info);
  const used = (what: string, work: () => Promise<unknown>) => usage(stack, say, what, work);
  try {
    say(`${cpus().length} x ${cpus()[0]?.model.trim()}, shared by server, Headscale and clients`);
    await used(`${accounts * options.hubs} hubs join, ${PACE} at once`, () =>
      joinHubs(net, stack, options),
    );
    await used('nothing happens', () => delay(options.idleMs));
    const singles: BrowserJoin[] = [];
    const quarter = Math.ceil(net.hubs.length / 4);
    for (let from = 0; from < net.hubs.length; from += quarter) {
      const hubs = net.hubs.slice(from, from + quarter);
      await used(`${hubs.length} hubs get a browser, ${PACE} at once`, () =>
        inParallel(hubs, PACE, async (hub) => singles.push(await net.joinBrowser(hub, 'single'))),
      );
      sayJoins(say, 'these browsers', singles.slice(from));
    }
    await used('all browsers leave', () => leaveAll(net, singles));
    await used(`${options.browsers} browsers with ${options.units} units start`, async () =>
      sayStarts(say, await startBrowsers(net, options)),
    );
    say(`${net.clients.lost} maps broke, ${net.faults.length} heartbeats failed`);
    return { strangers: net.strangers() };
  } finally {
    await net.stop();
    await stack.stop();
  }
}

async function joinHubs(net: Net, { info }: StackProcess, { hubs }: NodesOptions): Promise<void> {
  const tokens = info.accounts.map(({ accessToken }) => accessToken);
  const all = tokens.flatMap((token) => Array.from({ length: hubs }, () => token));
  await inParallel(all, PACE, (token) => net.joinHub(token));
}

async function leaveAll(net: Net, joins: readonly BrowserJoin[]): Promise<void> {
  await inParallel(joins, PACE, ({ id }) => net.clients.leave(id));
  for (const { id } of net.hubs) await net.clients.whenAlone(id);
}

/** @returns the joins of each browser */
function startBrowsers(net: Net, options: NodesOptions): Promise<BrowserJoin[][]> {
  const owners = [...Map.groupBy(net.hubs, ({ accessToken }) => accessToken).values()];
  const browsers = Array.from({ length: options.browsers }, async (_, index) => {
    const hubs: NetHub[] = owners[index % owners.length]?.slice(0, options.units) ?? [];
    const joins: BrowserJoin[] = [];
    const startMs = performance.now();
    await inParallel(hubs, PACE, async (hub) => {
      // The click was when the browser started, also for the units that waited for the others.
      const waitedMs = performance.now() - startMs;
      const join = await net.joinBrowser(hub, `start${index}`);
      const [visibleMs, mutualMs] = [join.visibleMs + waitedMs, join.mutualMs + waitedMs];
      joins.push({ ...join, visibleMs, mutualMs });
    });
    return joins;
  });
  return Promise.all(browsers);
}

function sayStarts(say: NodesOptions['say'], browsers: readonly BrowserJoin[][]): void {
  const first = browsers.flatMap((joins) => joins.slice(0, 1));
  const last = browsers.flatMap((joins) => joins.slice(-1));
  sayJoins(say, 'all their units', browsers.flat());
  sayJoins(say, 'the first unit of each', first);
  sayJoins(say, 'the last unit of each', last);
}

function sayJoins(say: NodesOptions['say'], what: string, joins: readonly BrowserJoin[]): void {
  const span = (of: (join: BrowserJoin) => number) => {
    const values = joins.map(of);
    return `p50 ${percentile(values, 50).toFixed(0)} p99 ${percentile(values, 99).toFixed(0)} ms`;
  };
  const refusals = joins.reduce((sum, join) => sum + join.refusals, 0);
  say(
    `${what.padEnd(38)} key ${span(({ keyMs }) => keyMs)}, hub visible ${span(({ visibleMs }) => visibleMs)}, ` +
      `both ${span(({ mutualMs }) => mutualMs)}, ${refusals} told to wait`,
  );
}

/** Says what a piece of work took of server and Headscale. */
async function usage(
  { server, headscale }: StackProcess,
  say: NodesOptions['say'],
  what: string,
  work: () => Promise<unknown>,
): Promise<void> {
  const read = () => Promise.all([cpuMs(server), cpuMs(headscale)]);
  const [before, startMs] = [await read(), performance.now()];
  await work();
  const [after, ms] = [await read(), performance.now() - startMs];
  const cpu = (index: 0 | 1) => `${((after[index] - before[index]) / 1000).toFixed(1)} s of CPU`;
  const memory = async (pid: number) => `${(await rssMiB(pid)).toFixed(0)} MiB`;
  say(
    `${what.padEnd(38)} ${(ms / 1000).toFixed(1).padStart(5)} s, Headscale ${cpu(1)}, ` +
      `${await memory(headscale)}, server ${cpu(0)}, ${await memory(server)}`,
  );
}

/** Does some work for all, so many at once, in their order. */
async function inParallel<T>(
  all: readonly T[],
  atOnce: number,
  work: (one: T) => Promise<unknown>,
): Promise<void> {
  const rest = all.values();
  const worker = async () => {
    for (const one of rest) await work(one);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
