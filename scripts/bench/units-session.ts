import type { Stack } from '../stack/start.ts';
import { launchBenchBrowser, type BenchBrowser } from './bench-browser.ts';
import { addMemory } from './browser-session.ts';
import type { Peer, Samples } from './figures.ts';
import { browserKey } from './keys.ts';
import { cpuMs } from './processes.ts';

export const MANY_UNITS = 32;
const SOME_UNITS = 8;

const IDLE_MS = 20_000;

/**
 * Before CPU is read. Path discovery goes on for 45 s after a peer was last used (magicsock's sessionActiveTimeout), and
 * V8 compiles what was hot in the background: 1.1 % in the first 20 s, 0.2 to 0.45 % from the second minute on.
 */
const QUIET_MS = 60_000;

/** Our client in 8 and in 32 units: one program holds them all. */
export async function ourUnits(extension: string, stack: Stack, samples: Samples): Promise<void> {
  const browser = await launchBenchBrowser(extension);
  try {
    await browser.cold('ours', { key: await browserKey(stack, 0) });
    for (let unit = 1; unit < SOME_UNITS; unit += 1)
      await browser.ask('join', { key: await browserKey(stack, unit) });
    await addMemory(browser, 'ours', SOME_UNITS, samples);
    await addIdle(browser, 'ours', samples);
    for (let unit = SOME_UNITS; unit < MANY_UNITS; unit += 1)
      await browser.ask('join', { key: await browserKey(stack, unit) });
    await addMemory(browser, 'ours', MANY_UNITS, samples);
  } finally {
    await browser.close();
  }
}

/** Upstream's client in 8 units: it can join one only, so there are 8 workers. */
export async function upstreamUnits(
  extension: string,
  stack: Stack,
  samples: Samples,
): Promise<void> {
  const browser = await launchBenchBrowser(extension);
  try {
    for (let unit = 0; unit < SOME_UNITS; unit += 1)
      await browser.cold('upstream', { key: await browserKey(stack, unit) });
    await addMemory(browser, 'upstream', SOME_UNITS, samples, SOME_UNITS);
    await addIdle(browser, 'upstream', samples);
  } finally {
    await browser.close();
  }
}

/** Share of one core that the process of extensions takes while nobody does anything, per cent. */
async function addIdle(browser: BenchBrowser, peer: Peer, samples: Samples): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, QUIET_MS));
  const before = await cpuMs(browser.pid);
  const startMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const spentMs = (await cpuMs(browser.pid)) - before;
  samples.add('idle-8', peer, (100 * spentMs) / (performance.now() - startMs));
}
