import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { launchBrowser, type LaunchOptions } from '../chromium.ts';
import type { Peer } from './figures.ts';
import type { Steps } from './harness/client.ts';
import type { BenchPage } from './harness/page.ts';
import { extensionProcess } from './processes.ts';
import { within } from './within.ts';

/** Longest that one step may take: 12 MB at a quarter of the slowest rate ever seen. */
const STEP_MS = 60_000;

type Ask<K extends keyof Steps> = Steps[K]['ask'];
type Reply<K extends keyof Steps> = Steps[K]['reply'];

/** A new browser with the bench's page, on which clients run in workers. */
export interface BenchBrowser {
  /** Process that all workers share. */
  pid: number;
  /** Starts one more worker with its client and takes it to the first prompt. */
  cold(peer: Peer, ask: Ask<'cold'>): Promise<Reply<'cold'>>;
  /** Asks a worker, counted from 0, to do a step. One call a step: nothing of the driver runs inside what is measured. */
  ask<K extends keyof Steps>(step: K, ask: Ask<K>, worker?: number): Promise<Reply<K>>;
  close(): Promise<void>;
}

/** Where the browser runs, and whom it trusts. */
export type BrowserOptions = Pick<LaunchOptions, 'program' | 'trustedKey'>;

type PageWindow = typeof globalThis & { bench: BenchPage };

export async function launchBenchBrowser(
  extension: string,
  options: BrowserOptions = {},
): Promise<BenchBrowser> {
  const profile = await mkdtemp(path.join(tmpdir(), 'hubtab-bench-'));
  const removeProfile = () => rm(profile, { recursive: true, force: true, maxRetries: 5 });
  const browser = await launchBrowser({ ...options, extension, profile }).catch(
    async (error: unknown) => {
      await removeProfile();
      throw error;
    },
  );
  const close = async () => {
    await browser.close();
    await removeProfile();
  };
  try {
    const page = await browser.open('bench/index.html');
    await page.waitForFunction(() => 'bench' in globalThis);
    for (const other of browser.context.pages()) if (other !== page) await other.close();
    return {
      pid: await extensionProcess(profile),
      cold: (peer, ask) =>
        within(
          STEP_MS,
          `${peer}: cold`,
          page.evaluate(
            ([peer, ask]) => (globalThis as PageWindow).bench.start(peer, 'cold', ask),
            [peer, ask] as const,
          ) as Promise<Reply<'cold'>>,
        ),
      ask: (step, ask, worker = 0) =>
        within(
          STEP_MS,
          `worker ${worker}: ${step}`,
          page.evaluate(
            ([worker, step, ask]) => (globalThis as PageWindow).bench.ask(worker, step, ask),
            [worker, step, ask] as const,
          ) as Promise<Reply<typeof step>>,
        ),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
