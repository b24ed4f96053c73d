import type { Stack } from '../stack/start.ts';
import { launchBenchBrowser, type BenchBrowser } from './bench-browser.ts';
import type { FigureName, Peer, Samples, Step } from './figures.ts';
import { browserKey } from './keys.ts';
import { rssMiB } from './processes.ts';
import type { Scene } from './scene.ts';
import { ECHO, MANY_TERMINALS, SECOND_TERMINALS, SETTLE_MS } from './session-plan.ts';
import { percentile } from './statistics.ts';

const MIB = 1024 * 1024;

/** One client in a new browser, from its start to as far as the steps go. */
export async function browserSession(
  extension: string,
  peer: Peer,
  scene: Scene,
  steps: ReadonlySet<Step>,
  samples: Samples,
): Promise<void> {
  const { newKey, browser: options, bulk } = scene;
  const browser = await launchBenchBrowser(extension, options);
  try {
    const cold = await browser.cold(peer, { key: await newKey() });
    if (steps.has('start')) {
      samples.add('compile', peer, cold.compileMs);
      samples.add('init', peer, cold.initMs);
      samples.add('join', peer, cold.joinMs);
      samples.add('first', peer, cold.firstMs);
      samples.add('cold', peer, cold.coldMs);
      await addMemory(browser, peer, 1, samples);
    }
    if (steps.has('second'))
      for (let i = 0; i < SECOND_TERMINALS; i += 1) {
        const { shellMs, promptMs } = await browser.ask('second', {});
        samples.add('second', peer, shellMs);
        samples.add('second-prompt', peer, promptMs);
      }
    if (steps.has('echo')) {
      const times = await browser.ask('echo', ECHO);
      samples.add('echo-p50', peer, percentile(times, 50));
      samples.add('echo-p99', peer, percentile(times, 99));
    }
    for (const step of ['download', 'upload', 'shell-download'] as const) {
      const rate = steps.has(step) ? await browser.ask(step, bulk) : null;
      if (rate !== null) samples.add(step, peer, rate);
    }
  } finally {
    await browser.close();
  }
}

/** Memory of one client with many terminals, in a browser of its own: bulk would have grown it already. */
export async function terminalsSession(
  extension: string,
  peer: Peer,
  stack: Stack,
  samples: Samples,
): Promise<void> {
  const browser = await launchBenchBrowser(extension);
  try {
    await browser.cold(peer, { key: await browserKey(stack) });
    await browser.ask('terminals', { count: MANY_TERMINALS - 1 });
    await addMemory(browser, peer, 'terminals', samples);
  } finally {
    await browser.close();
  }
}

/** Reads the memory of the browser's one process of extensions, and of all its clients together. */
export async function addMemory(
  browser: BenchBrowser,
  peer: Peer,
  suffix: 1 | 8 | 32 | 'terminals',
  samples: Samples,
  workers = 1,
): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  let wasm = 0;
  let heap = 0;
  for (let worker = 0; worker < workers; worker += 1) {
    const { wasmBytes, heapBytes } = await browser.ask('memory', {}, worker);
    wasm += wasmBytes;
    heap += heapBytes ?? 0;
  }
  const add = (kind: 'heap' | 'memory' | 'rss', value: number) =>
    samples.add(`${kind}-${suffix}` satisfies FigureName, peer, value);
  if (heap > 0) add('heap', heap / MIB);
  add('memory', wasm / MIB);
  add('rss', await rssMiB(browser.pid));
}
