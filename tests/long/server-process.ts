import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ConfigInput } from '../../server/config.ts';

const MAIN = join(import.meta.dirname, '..', '..', 'server', 'main.ts');

/** `hubtab server start` as a process of its own, in a data directory of its own. */
export class ServerProcess {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'hubtab-server-'));
  /** What it logged since it was last started. */
  log = '';
  /** Where it listens, HOST:PORT, as the settings said it. */
  listen = '';
  #child: ChildProcess | undefined;

  /** Starts it. @param settings what `hubtab.yaml` says */
  start(settings: Omit<ConfigInput, 'dataDir'>): void {
    this.log = '';
    this.listen = settings.listen ?? '';
    writeFileSync(join(this.dataDir, 'hubtab.yaml'), stringify(settings));
    this.#child = spawn(process.execPath, [MAIN, 'start', '--data', this.dataDir], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.log += chunk.toString()));
  }

  /** How many requests it answered on a route since it was started. */
  readonly answered = (route: string): number => this.log.split(`"route":"${route}"`).length - 1;

  /** As a crash, or a machine without power. Resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  /** Kills it and removes its data. */
  async remove(): Promise<void> {
    await this.kill();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
