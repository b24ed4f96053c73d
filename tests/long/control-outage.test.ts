import { afterAll, beforeAll, expect, test } from 'vitest';
import { extensionDirectory } from '../../scripts/build-extension.ts';
import { launchBrowser, type ExtensionBrowser } from '../../scripts/chromium.ts';
import { signIn } from '../../scripts/driver.ts';
import { injectFault } from '../../scripts/recovery/browser-faults.ts';
import { Counter } from '../../scripts/recovery/counter.ts';
import { browserNodes, firstHub, until, useStage } from '../e2e/stage.ts';

/** Longer than Headscale's shortest time-out for a browser that is away, 80 s, in which it once deleted its node. */
const OUTAGE_MS = 180_000;
/** Normal is about 150 ms; a busy machine pauses now and then, and a reattachment is seen by its state. */
const HICCUP_MS = 5000;

const stage = useStage({ accounts: 1, hubs: 1 });
let second: ExtensionBrowser;

const nodes = async () =>
  (await browserNodes(stage.stack))
    .map(({ id, online = false }) => ({ id, online }))
    .sort((a, b) => a.id - b.id);

beforeAll(async () => {
  second = await launchBrowser({ extension: extensionDirectory('e2e') });
});
afterAll(() => second?.close());

test('while control is frozen or refuses for three minutes, terminals go on without a hiccup', async () => {
  const outages = [
    { kind: 'cut', browser: stage.browser, session: 'frozen' },
    { kind: 'refuse', browser: second, session: 'refusing' },
  ];
  const terminals = await Promise.all(
    outages.map(async ({ kind, browser, session }) => {
      await (await signIn(browser, stage.stack.info)).close();
      return { kind, browser, counter: await Counter.start(browser, firstHub(stage), session) };
    }),
  );
  const before = await nodes();
  expect(before).toHaveLength(2);
  const pauses = await Promise.all(
    terminals.map(({ kind, browser, counter }) =>
      counter.watch(async () => {
        await injectFault(browser, { kind, role: 'control' });
        await new Promise((resolve) => setTimeout(resolve, OUTAGE_MS)); // the fault itself
      }),
    ),
  );
  // Headscale has long taken both for gone, and has forgotten neither.
  expect(await nodes()).toEqual(before.map(({ id }) => ({ id, online: false })));
  const after = await Promise.all(
    terminals.map(({ browser, counter }) =>
      counter.watch(async () => {
        await injectFault(browser, { kind: 'mend' });
        await counter.goesOn(Date.now(), 30_000);
      }),
    ),
  );
  console.table(
    terminals.map(({ kind }, i) => ({
      fault: `control ${kind} for 3 min`,
      'longest pause, ms': Math.round(pauses[i]?.pauseMs ?? NaN),
      'after it, ms': Math.round(after[i]?.pauseMs ?? NaN),
    })),
  );
  for (const { states, pauseMs } of [...pauses, ...after]) {
    expect(states).toEqual([]);
    expect(pauseMs).toBeLessThan(HICCUP_MS);
  }
  // Both come back as the nodes that they were.
  await until(nodes).toEqual(before.map(({ id }) => ({ id, online: true })));
});
