import { launchBrowser, type ExtensionBrowser } from '../chromium.ts';
import { signIn } from '../driver.ts';
import { closeOffscreen, injectFault, killWorker } from '../recovery/browser-faults.ts';
import { Counter } from '../recovery/counter.ts';
import type { Stack } from '../stack/start.ts';
import type { FigureName, Samples } from './figures.ts';

/** Longest that a terminal may need; the goal without an event is 75 s. */
const LIMIT_MS = 120_000;
const OFFLINE_MS = 30_000;

/** Does harm and returns when the time begins that counts: after the fault, where the fault itself takes time. */
type Harm = (browser: ExtensionBrowser, stack: Stack) => Promise<number>;

const inject =
  (...faults: object[]): Harm =>
  async (browser) => {
    const startMs = Date.now();
    for (const fault of faults) await injectFault(browser, fault);
    return startMs;
  };

const HARMS: [FigureName, Harm][] = [
  ['recover-relay', inject({ kind: 'freeze', role: 'relay' })],
  ['recover-sockets', inject({ kind: 'freeze' })],
  ['recover-wake', inject({ kind: 'freeze' }, { kind: 'wake' })],
  [
    'recover-online',
    async (browser, stack) => {
      await injectFault(browser, { kind: 'cut' });
      await new Promise((resolve) => setTimeout(resolve, OFFLINE_MS)); // the fault itself
      return inject({ kind: 'mend' }, { kind: 'online' })(browser, stack);
    },
  ],
  ['recover-worker', timed(killWorker)],
  ['recover-document', timed(closeOffscreen)],
  ['recover-trap', inject({ kind: 'trap' })],
  // Last: the hub itself is away for a while after it.
  [
    'recover-headscale',
    async (_, stack) => {
      const pid = stack.server.headscalePid();
      if (pid === undefined) throw new Error('Headscale is not running');
      process.kill(pid, 'SIGKILL');
      return Date.now();
    },
  ],
];

function timed(harm: (browser: ExtensionBrowser) => Promise<void>): Harm {
  return async (browser) => {
    const startMs = Date.now();
    await harm(browser);
    return startMs;
  };
}

/** How long a terminal stands still for each fault, in the extension as the tests have it: with faults to inject. */
export async function measureRecovery(
  product: string,
  stack: Stack,
  samples: Samples,
): Promise<void> {
  const [hub] = stack.hubs;
  const id = stack.info.accounts[0]?.hubs[0]?.id;
  if (!hub || !id) throw new Error('invariant: the stack has a hub');
  const browser = await launchBrowser({ extension: product });
  try {
    await (await signIn(browser, stack.info)).close();
    const counter = await Counter.start(browser, { id, hub }, 'recovery');
    for (const [figure, harm] of HARMS) {
      const startMs = await harm(browser, stack);
      samples.add(figure, 'ours', (await counter.goesOn(startMs, LIMIT_MS)) / 1000);
    }
  } finally {
    await browser.close();
  }
}
