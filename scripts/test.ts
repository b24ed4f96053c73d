import { execFile as execFileWithCallback, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { buildBundles } from './build-bundles.ts';
import { buildExtension } from './build-extension.ts';
import { buildWasm } from './build-wasm.ts';
import { root, work } from './paths.ts';

/** Runs the tests and ends with one line, `N passed, N failed`. With `--long`, those that take minutes each. */

interface Count {
  passed: number;
  failed: number;
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  testResults: {
    name: string;
    status: 'passed' | 'failed';
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
}

const execFile = promisify(execFileWithCallback);

/** How many inputs each fuzz target of Go tries. A count, because Go takes the end of a time for a failure now and then. */
const FUZZ_TIME = '50000x';

/** So many files that fail are run again, alone: two cores carry browsers and daemons, and others may use them too. */
const RERUN_FILES = 3;

/** What is said again before the sum, because a log is read from its end. */
const remarks: string[] = [];

/** Process groups that run now: go and vitest start programs of their own, which must not outlive an interrupted run. */
const groups = new Set<number>();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => {
    for (const group of groups) process.kill(-group, signal);
  });

const isLong = process.argv.includes('--long');

await buildWasm();
await buildBundles();
await buildExtension('e2e');
if (isLong) await buildExtension('e2e', 'firefox');

const counts = isLong
  ? [await fuzz(), await vitest(['long']), await vitest(['postgres'])]
  : [await check(), await goTests(), await vitest(['node', 'extension', 'e2e'])];
const total = counts.reduce(
  (sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed }),
  { passed: 0, failed: 0 },
);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
for (const remark of remarks) console.log(remark);
console.log(`${total.passed} passed, ${total.failed} failed`);

/** Formatting, lint, types and dead code count as one test. */
async function check(): Promise<Count> {
  const isClean = (await run('npm', ['run', '--silent', 'check'], root)) === 0;
  return { passed: Number(isClean), failed: Number(!isClean) };
}

/** Runs projects of vitest. Few files that fail get a second chance, which the end of the log says. */
async function vitest(projects: readonly string[]): Promise<Count> {
  const first = await vitestOnce(projects, []);
  if (!first.report) return { passed: 0, failed: 1 };
  const failed = first.report.testResults.filter(({ status }) => status === 'failed');
  remarks.push(...failed.flatMap(failuresOf));
  const count = { passed: first.report.numPassedTests, failed: first.report.numFailedTests };
  // A file that does not load has no tests to fail.
  if (first.code !== 0) count.failed = Math.max(count.failed, 1);
  if (failed.length === 0 || failed.length > RERUN_FILES) return count;
  const files = failed.map(({ name }) => path.relative(root, name));
  const again = await vitestOnce(projects, files);
  if (again.code !== 0 || !again.report) return count;
  remarks.push(
    `These failed in the first run and passed in a second one, alone: ${files.join(', ')}`,
  );
  const counted = failed.flatMap(({ assertionResults }) => assertionResults);
  const passedBefore = counted.filter(({ status }) => status === 'passed').length;
  return { passed: count.passed - passedBefore + again.report.numPassedTests, failed: 0 };
}

async function vitestOnce(projects: readonly string[], files: readonly string[]) {
  const file = path.join(work, 'test', `vitest-${projects.join('-')}.json`);
  await mkdir(path.dirname(file), { recursive: true });
  await rm(file, { force: true });
  const code = await run(
    'vitest',
    [
      'run',
      ...files,
      ...projects.flatMap((project) => ['--project', project]),
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ],
    root,
  );
  const text = await readFile(file, 'utf8').catch(() => null);
  return { code, report: text === null ? null : (JSON.parse(text) as VitestReport) };
}

/** A line for each failure of a file, with the start of what it said. */
function failuresOf(file: VitestReport['testResults'][number]): string[] {
  const where = path.relative(root, file.name);
  const tests = file.assertionResults.filter(({ status }) => status === 'failed');
  if (tests.length === 0) return [`FAIL ${where}: ${file.message.split('\n', 1)[0]}`];
  return tests.map(
    ({ fullName, failureMessages }) =>
      `FAIL ${where} > ${fullName}: ${failureMessages.join(' ').split('\n', 1)[0]}`,
  );
}

async function goTests(): Promise<Count> {
  const cwd = path.join(root, 'wasm');
  const count = { passed: 0, failed: 0 };
  if ((await run('go', ['vet', './...'], cwd)) !== 0) count.failed += 1;
  const child = spawn('go', ['test', '-json', './...'], {
    cwd,
    env: goEnvironment(),
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  const ended = whenEnded(child);
  for await (const line of createInterface({ input: child.stdout })) {
    const event = goEvent(line);
    if (
      event.Action === 'output' &&
      /^\s*(--- FAIL|panic|FAIL|.*_test\.go:\d+)/.test(event.Output ?? '')
    )
      process.stdout.write(event.Output ?? '');
    if (!event.Test || event.Test.includes('/')) continue;
    if (event.Action === 'pass') count.passed += 1;
    if (event.Action === 'fail') {
      count.failed += 1;
      remarks.push(`FAIL ${event.Package ?? ''} ${event.Test}`);
    }
  }
  const code = await ended;
  if (code !== 0 && count.failed === 0) count.failed += 1;
  console.log(`go: ${count.passed} passed, ${count.failed} failed`);
  return count;
}

/** Each parser of bytes that come from elsewhere, for some seconds; a failing input stays in `testdata` of its package. */
async function fuzz(): Promise<Count> {
  const cwd = path.join(root, 'wasm');
  const count = { passed: 0, failed: 0 };
  const env = goEnvironment();
  const list = await execFile('go', ['test', '-json', '-list', '^Fuzz', './internal/...'], {
    cwd,
    env,
  });
  for (const line of list.stdout.split('\n')) {
    const { Package, Output = '' } = goEvent(line);
    const name = /^Fuzz\w+/.exec(Output)?.[0];
    if (!name || !Package) continue;
    const args = ['test', '-run=^$', `-fuzz=^${name}$`, `-fuzztime=${FUZZ_TIME}`, Package];
    if ((await run('go', args, cwd)) === 0) count.passed += 1;
    else count.failed += 1;
  }
  console.log(`fuzz: ${count.passed} passed, ${count.failed} failed`);
  return count;
}

function goEvent(line: string): {
  Action?: string;
  Package?: string;
  Test?: string;
  Output?: string;
} {
  try {
    return JSON.parse(line) as ReturnType<typeof goEvent>;
  } catch {
    return { Action: 'output', Output: `${line}\n` }; // the compiler's complaints are plain text
  }
}

function goEnvironment() {
  return { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-buildvcs=false' };
}

function run(command: string, args: readonly string[], cwd: string): Promise<number> {
  const env = goEnvironment();
  return whenEnded(spawn(command, args, { cwd, env, stdio: 'inherit', detached: true }));
}

/** Resolves with the exit status of a program that leads a process group. */
function whenEnded(child: ChildProcess): Promise<number> {
  const { pid } = child;
  if (pid !== undefined) groups.add(pid);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => {
      if (pid !== undefined) groups.delete(pid);
      resolve(code ?? 1);
    });
  });
}
