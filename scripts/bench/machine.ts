import { execFile } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { promisify } from 'node:util';
import { findChromium } from '../chromium.ts';

/** What the figures were taken on. */
export interface Machine {
  cores: number;
  cpu: string;
  memoryMiB: number;
  /** Major and minor version. */
  kernel: string;
  chromium: string;
  node: string;
  go: string;
  /** Load of the last minute when the run began: above 0.5 a core somebody else was at work. */
  load: number;
}

export async function describeMachine(): Promise<Machine> {
  const say = async (command: string, ...args: string[]) =>
    (await promisify(execFile)(command, args)).stdout.trim();
  const all = cpus();
  return {
    cores: all.length,
    cpu: all[0]?.model.trim() ?? 'unknown',
    memoryMiB: Math.round(totalmem() / 1024 / 1024),
    kernel: release().split('.', 2).join('.'),
    chromium: await say(findChromium(), '--version'),
    node: process.version,
    go: await say('go', 'env', 'GOVERSION'),
    load: loadavg()[0] ?? 0,
  };
}
