import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { buildHarness } from './bench/build-harness.ts';
import { FIGURES, PEERS, Samples } from './bench/figures.ts';
import { describeMachine } from './bench/machine.ts';
import { runSteps } from './bench/run.ts';
import { summarize } from './bench/statistics.ts';
import { table } from './bench/table.ts';
import { buildBundles } from './build-bundles.ts';
import { buildWasm } from './build-wasm.ts';

/**
 * `npm run bench -- [--json FILE] [--only NAME]... [--rounds N]`: measures the tailnet client beside upstream's and beside
 * native ssh over the same relay, and prints a table. `--only` takes the name of a figure, or of a step
 * that yields several.
 */
const ROUNDS = 5;

const usage = (text: string): never => {
  process.stderr.write(`${text}\n`);
  process.exit(2);
};
const { values } = parseArgs({
  options: {
    json: { type: 'string' },
    only: { type: 'string', multiple: true },
    rounds: { type: 'string' },
  },
});
const rounds = Number(values.rounds ?? ROUNDS);
if (!Number.isSafeInteger(rounds) || rounds < 1) usage('--rounds: expected a number from 1');
const names = new Set<string>(FIGURES.flatMap(({ name, step }) => [name, step]));
const only = new Set(values.only ?? names);
if (!only.isSubsetOf(names)) usage(`--only: expected one of ${[...names].join(', ')}`);
const figures = FIGURES.filter(({ name, step }) => only.has(name) || only.has(step));

const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => ending.abort(new Error(`ended by ${signal}`)));

const startedMs = performance.now();
const seconds = () => (performance.now() - startedMs) / 1000;
const say = (text: string) =>
  process.stderr.write(`${seconds().toFixed(0).padStart(5)} s  ${text}\n`);

const samples = new Samples();
const machine = await describeMachine();
try {
  await buildWasm();
  await buildBundles();
  const harness = await buildHarness();
  const steps = new Set(figures.map(({ step }) => step));
  await runSteps({ harness, steps, rounds, samples, say, signal: ending.signal });
} catch (error) {
  process.exitCode = 1;
  say(`stopped: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
}

const { cores, cpu, memoryMiB, kernel, chromium, node, go, load } = machine;
console.log(`${cores} cores of ${cpu}, ${memoryMiB} MiB, Linux ${kernel}, load ${load.toFixed(1)}`);
console.log(`${chromium}, Node ${node}, ${go}; ${rounds} rounds in ${seconds().toFixed(0)} s`);
console.log('median (range) n; one machine carries browser, relay and hub: compare along a row\n');
console.log(table(figures, samples));

if (values.json !== undefined) {
  const measured = figures.map(({ name, title, unit }) => ({
    name,
    title,
    unit,
    ...Object.fromEntries(
      PEERS.map((peer) => [peer, samples.of(name, peer)] as const)
        .filter(([, list]) => list.length > 0)
        .map(([peer, list]) => [peer, { ...summarize(list), values: list }]),
    ),
  }));
  const report = {
    takenAt: new Date().toISOString(),
    isComplete: process.exitCode !== 1,
    seconds: seconds(),
    rounds,
    machine,
    figures: measured,
  };
  await writeFile(values.json, `${JSON.stringify(report, null, 2)}\n`);
}
process.exit();
