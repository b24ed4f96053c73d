import { execFile, spawn } from 'node:child_process';
import type { CliContext } from './context.ts';

export interface ProgramResult {
  /** Exit code; null if a signal or our timeout ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: CliContext['env'];
  /** If unset, 30 s: no program that we ask for facts needs longer. */
  readonly timeoutMs?: number;
}

/** Runs a program with an argv array, never through a shell. A failing exit code resolves; only a program that cannot start rejects. */
export function runProgram(
  file: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      file,
      args,
      {
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        env: { ...(options.env ?? process.env) },
        timeout: options.timeoutMs ?? 30_000,
        // Lists of worktrees and netmaps are the largest answers, well below this.
        maxBuffer: 16 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        if (error && typeof error.code === 'string') reject(error);
        else resolve({ code: error ? (child.exitCode ?? null) : 0, stdout, stderr });
      },
    );
    child.stdin?.end();
  });
}

/** Runs a program on our own terminal and resolves with its exit code. */
export function runOnTerminal(
  file: string,
  args: readonly string[],
  env: CliContext['env'],
  cwd?: string,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      stdio: 'inherit',
      env: { ...env },
      ...(cwd === undefined ? {} : { cwd }),
    });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}
