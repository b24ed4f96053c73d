import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { rssMiB } from '../../scripts/bench/processes.ts';
import { percentile } from '../../scripts/bench/statistics.ts';
import { openTerminal, signIn, whenOpen, whenScreen, typeLine } from '../../scripts/driver.ts';
import { firstHub, until, useStage } from '../e2e/stage.ts';

/** Floods that nobody reads, and many terminals: what the worker makes of them. */
const stage = useStage({ accounts: 1, hubs: 1 });
const MIB = 1024 * 1024;
/** What the worker may grow by: the SSH window of one channel, 2 MiB, and as much again on each side of it. */
const MAX_GROWTH = 8 * MIB;
const FLOOD_MS = 60_000;
const UPLOAD_BYTES = 200_000_000;
const TERMINALS = 50;
const KEYS = 40;

const figures: { what: string; figure: string }[] = [];
let page: Page;

const hub = () => firstHub(stage);

/** The program's own figures, as the diagnostics page has them. */
async function memory(): Promise<{ heapBytes: number; sysBytes: number }> {
  const text = await page.evaluate(async () => {
    const message = { to: 'background', kind: 'diagnostics', ask: {} };
    const { reply } = await chrome.runtime.sendMessage<object, { reply: { value: string } }>(
      message,
    );
    return reply.value;
  });
  const report = JSON.parse(text) as {
    worker: { program: { heapBytes: number; sysBytes: number } };
  };
  return report.worker.program;
}

/** Resident memory of all processes that draw pages, bytes; what they share is counted in each. */
async function renderersBytes(): Promise<number> {
  const session = await stage.browser.context.browser()?.newBrowserCDPSession();
  const { processInfo = [] } = (await session?.send('SystemInfo.getProcessInfo')) ?? {};
  await session?.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer');
  const sizes = await Promise.all(renderers.map(({ id }) => rssMiB(id).catch(() => 0))); // one may end
  return sizes.reduce((sum, size) => sum + size, 0) * MIB;
}

/** Memory while something happens: how much more there was at most, by the two figures of the program. */
async function growthDuring(forMs: number, isOver = async () => false): Promise<number> {
  const before = await memory();
  let growth = 0;
  const endMs = Date.now() + forMs;
  while (Date.now() < endMs && !(await isOver())) {
    const { heapBytes, sysBytes } = await memory();
    growth = Math.max(growth, heapBytes - before.heapBytes, sysBytes - before.sysBytes);
    await new Promise((resolve) => setTimeout(resolve, 1000)); // between two readings
  }
  return growth;
}

const mebibytes = (bytes: number) => `${(bytes / MIB).toFixed(1)} MiB`;

beforeAll(async () => {
  page = await signIn(stage.browser, stage.stack.info);
  await hub().hub.tmux('new-session', '-d', '-s', 'flood');
  // Terminals come and go until the first collections are over.
  const warm = await openTerminal(stage.browser, hub().id, 'flood');
  await whenOpen(warm);
  await warm.close();
});
afterAll(() => {
  if (figures.length > 0) console.table(figures);
});

test('`yes` into a tab that grants nothing more leaves the worker as it was', async () => {
  await hub().hub.tmux('send-keys', '-t', '=flood:', 'yes', 'Enter');
  const heard = await page.evaluateHandle(
    async ([hubId, lock]) => {
      const { port1, port2 } = new MessageChannel();
      void navigator.locks.request(lock, () => new Promise(() => {}));
      const heard = { bytes: 0 };
      port1.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
        if (data instanceof Uint8Array) heard.bytes += data.length;
      });
      port1.start();
      const size = { cols: 200, rows: 50 };
      port1.postMessage({ kind: 'open', hubId, session: 'flood', tabLock: lock, ...size });
      port1.postMessage({ kind: 'grant', bytes: 65_536 });
      const { active } = await navigator.serviceWorker.ready;
      active?.postMessage({ kind: 'terminal-port' }, [port2]);
      return Object.assign(heard, { port: port1 });
    },
    [hub().id, 'a-tab-that-reads-nothing'] as const,
  );
  await until(() => heard.evaluate(({ bytes }) => bytes)).toBe(65_536); // the credit is used up
  const growth = await growthDuring(FLOOD_MS);
  figures.push({ what: '`yes` for 60 s, no credit: worker grows by', figure: mebibytes(growth) });
  expect(await heard.evaluate(({ bytes }) => bytes)).toBe(65_536);
  expect(growth).toBeLessThan(MAX_GROWTH);
  await heard.evaluate(({ port }) => port.postMessage({ kind: 'close' }));
  await hub().hub.tmux('send-keys', '-t', '=flood:', 'C-c');
});

test('200 MB typed at a reader that has stopped leave the worker as it was', async () => {
  const terminal = await openTerminal(stage.browser, hub().id, 'flood');
  await whenOpen(terminal);
  // tmux reads the input of its clients: with it stopped, nothing on the hub takes a byte.
  const pid = Number(await hub().hub.tmux('display-message', '-p', '#{pid}'));
  process.kill(pid, 'SIGSTOP');
  try {
    const growing = growthDuring(30_000);
    await terminal.evaluate((bytes) => {
      const host = [...document.querySelectorAll('*')].find((one) => 'hubtabTerminal' in one);
      const { hubtabTerminal } = host as unknown as {
        hubtabTerminal: { input(text: string): void };
      };
      const megabyte = 'x'.repeat(1_000_000);
      for (let sent = 0; sent < bytes; sent += megabyte.length) hubtabTerminal.input(megabyte);
    }, UPLOAD_BYTES);
    const growth = await growing;
    figures.push({ what: '200 MB to a stopped reader: grows by', figure: mebibytes(growth) });
    expect(growth).toBeLessThan(MAX_GROWTH);
  } finally {
    await terminal.close(); // what was not taken goes with the tab
    process.kill(pid, 'SIGCONT');
  }
});

/** Times of single keys from the emulator's input until their echo is parsed, ms. */
function echoes(terminal: Page): Promise<number[]> {
  return terminal.evaluate(async (keys) => {
    const host = [...document.querySelectorAll('*')].find((one) => 'hubtabTerminal' in one);
    const { hubtabTerminal: term } = host as unknown as {
      hubtabTerminal: {
        input(text: string): void;
        onWriteParsed(done: () => void): { dispose(): void };
        buffer: { active: { cursorX: number } };
      };
    };
    const times: number[] = [];
    for (let key = 0; key < keys; key += 1) {
      const { cursorX } = term.buffer.active;
      const startMs = performance.now();
      await new Promise<void>((resolve) => {
        const listening = term.onWriteParsed(() => {
          if (term.buffer.active.cursorX === cursorX) return;
          listening.dispose();
          resolve();
        });
        term.input('x');
      });
      times.push(performance.now() - startMs);
      await new Promise((resolve) => setTimeout(resolve, 50)); // a fast typist
    }
    return times;
  }, KEYS);
}

test('fifty terminals are all open, and a key in one is echoed as in a single one', async () => {
  const name = (index: number) => `many-${index}`;
  for (let index = 0; index < TERMINALS; index += 1)
    await hub().hub.tmux('new-session', '-d', '-s', name(index));
  const open = async (index: number) => {
    const terminal = await openTerminal(stage.browser, hub().id, name(index));
    await whenOpen(terminal, 120_000);
    return terminal;
  };
  const first = await open(0);
  await first.bringToFront();
  await echoes(first); // the first keys cost the compiling of what they run
  const alone = await echoes(first);
  const before = await memory();
  const pagesBefore = await renderersBytes();
  const others: Page[] = [];
  for (let index = 1; index < TERMINALS; index += 1) others.push(await open(index));
  const after = await memory();
  const pagesAfter = await renderersBytes();
  await first.bringToFront();
  const among = await echoes(first);

  const attached = (await hub().hub.tmux('list-clients', '-F', '#{session_name}')).split('\n');
  expect(attached.filter((session) => session.startsWith('many-'))).toHaveLength(TERMINALS);
  const last = others.at(-1);
  if (!last) throw new Error('invariant: there are others');
  await last.bringToFront();
  await typeLine(last, 'echo last-$((1+1))');
  await whenScreen(last, /^last-2$/);

  const [single, many] = [percentile(alone, 50), percentile(among, 50)];
  figures.push(
    { what: 'echo p50, 1 terminal', figure: `${single.toFixed(1)} ms` },
    { what: `echo p50, ${TERMINALS} terminals (goal 1.5 times)`, figure: `${many.toFixed(1)} ms` },
    { what: `Go heap, 1 and ${TERMINALS} terminals`, figure: both('heapBytes', before, after) },
    {
      what: `processes of pages, 1 and ${TERMINALS} terminals`,
      figure: `${mebibytes(pagesBefore)}, ${mebibytes(pagesAfter)}`,
    },
    { what: `WASM memory, 1 and ${TERMINALS} terminals`, figure: both('sysBytes', before, after) },
  );
  // No stopwatch: a machine that does other things is slower, but nothing may queue up behind forty-nine idle ones.
  expect(many).toBeLessThan(single * 5 + 100);
  for (const one of [first, ...others]) await one.close();
});

type Memory = Awaited<ReturnType<typeof memory>>;
const both = (key: keyof Memory, before: Memory, after: Memory) =>
  `${mebibytes(before[key])}, ${mebibytes(after[key])}`;
