import { startStack, type Stack } from '../stack/start.ts';
import { browserSession, terminalsSession } from './browser-session.ts';
import type { Harness } from './build-harness.ts';
import { measureClicks } from './click.ts';
import type { Samples, Step } from './figures.ts';
import { nativeSession } from './native-session.ts';
import { measureRecovery } from './recovery.ts';
import { stackScene } from './scene.ts';
import { measureSizes } from './sizes.ts';
import { MANY_UNITS, ourUnits, upstreamUnits } from './units-session.ts';

const SESSION_STEPS: readonly Step[] = [
  'start',
  'second',
  'echo',
  'download',
  'upload',
  'shell-download',
];

/** What native OpenSSH has figures for. */
const NATIVE_STEPS: readonly Step[] = ['start', 'second', 'echo', 'download', 'upload'];

/** Hubs are added so many at a time: each join is some seconds of one core. */
const HUBS_AT_ONCE = 4;

export interface RunOptions {
  harness: Harness;
  steps: ReadonlySet<Step>;
  /** How often the sessions are repeated, each time with all clients one after the other. */
  rounds: number;
  samples: Samples;
  say(text: string): void;
  /** Ends the run between two sessions. */
  signal: AbortSignal;
}

/** Runs the steps against a stack of its own, which is gone afterwards. */
export async function runSteps(options: RunOptions): Promise<void> {
  const { harness, steps, samples, say, signal } = options;
  if (steps.has('size')) {
    say('sizes');
    await measureSizes(harness, samples);
  }
  if ([...steps].every((step) => step === 'size')) return;
  const stack = await startStack({ accounts: 1, hubs: 1 });
  try {
    await sessions(options, stack);
    if (steps.has('click')) {
      signal.throwIfAborted();
      say('clicks in the extension');
      await measureClicks(harness.product, stack, samples);
    }
    if (steps.has('recovery')) {
      signal.throwIfAborted();
      say('recovery from faults');
      await measureRecovery(harness.product, stack, samples);
    }
    if (steps.has('units')) {
      say(`${MANY_UNITS} hubs join`);
      await addHubs(stack, MANY_UNITS - 1, signal);
      say('units: ours');
      await ourUnits(harness.extension, stack, samples);
      signal.throwIfAborted();
      say('units: upstream');
      await upstreamUnits(harness.extension, stack, samples);
    }
  } finally {
    await stack.stop();
  }
}

/** The clients take turns, and who begins changes: the machine's slow minutes are shared. */
async function sessions(options: RunOptions, stack: Stack): Promise<void> {
  const { harness, steps, rounds, samples, say, signal } = options;
  const isAny = (wanted: readonly Step[]) => wanted.some((step) => steps.has(step));
  const tell = (round: number, who: string) => {
    signal.throwIfAborted();
    say(`round ${round + 1} of ${rounds}: ${who}`);
  };
  for (let round = 0; round < rounds; round += 1) {
    const clients =
      round % 2 === 0 ? (['ours', 'upstream'] as const) : (['upstream', 'ours'] as const);
    for (const peer of clients) {
      if (isAny(SESSION_STEPS)) {
        tell(round, peer);
        await browserSession(harness.extension, peer, stackScene(stack), steps, samples);
      }
      if (steps.has('terminals')) {
        tell(round, `${peer}, many terminals`);
        await terminalsSession(harness.extension, peer, stack, samples);
      }
    }
    if (isAny(NATIVE_STEPS)) {
      tell(round, 'native');
      await nativeSession(stackScene(stack), steps, samples);
    }
  }
}

async function addHubs(stack: Stack, count: number, signal: AbortSignal): Promise<void> {
  for (let added = 0; added < count; added += HUBS_AT_ONCE) {
    signal.throwIfAborted();
    const names = Array.from(
      { length: Math.min(HUBS_AT_ONCE, count - added) },
      (_, i) => `unit${added + i}`,
    );
    await Promise.all(names.map((name) => stack.addHub(0, name)));
  }
}
