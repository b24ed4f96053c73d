import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root, work } from '../paths.ts';
import { run } from '../stack/run.ts';

/** Packages are fetched, and compiled where there is no wheel. */
const INSTALL_MS = 10 * 60_000;

/**
 * Makes a Python environment with the fuzzer, unless it is there already.
 * @returns the path of the fuzzer's program
 * @throws Error with what to install
 */
export async function makeFuzzer(): Promise<string> {
  const requirements = path.join(root, 'scripts', 'fuzz', 'requirements.txt');
  const directory = path.join(work, 'fuzz');
  const stamp = path.join(directory, 'requirements.txt');
  const program = path.join(directory, 'venv', 'bin', 'schemathesis');
  const wanted = await readFile(requirements, 'utf8');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return program;
  await requireVenv();
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  await mustRun('python3', ['-m', 'venv', path.join(directory, 'venv')]);
  const pip = path.join(directory, 'venv', 'bin', 'pip');
  await mustRun(pip, ['install', '--quiet', '--requirement', requirements]);
  await writeFile(stamp, wanted); // last: a half-made environment is made anew
  return program;
}

/** Debian has Python's venv module in a package of its own. */
async function requireVenv(): Promise<void> {
  const probe = ['-c', 'import venv, ensurepip'];
  if ((await run('python3', probe).catch(() => undefined))?.code === 0) return;
  const install = ['apt-get', 'install', '--yes', '--no-install-recommends', 'python3-venv'];
  const asRoot = process.getuid?.() === 0 ? install : ['sudo', '-n', ...install];
  const [command = '', ...args] = asRoot;
  const result = await run(command, args, { timeoutMs: INSTALL_MS }).catch(() => undefined);
  if (result?.code === 0) return;
  throw new Error(
    `the fuzzer needs Python 3 with venv. Run this, then try again: sudo ${install.join(' ')}`,
  );
}

async function mustRun(command: string, args: string[]): Promise<void> {
  const { code, stderr } = await run(command, args, { timeoutMs: INSTALL_MS });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')}: ${stderr}`);
}
