import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, type QueryResult } from 'pg';
import { until } from './until.ts';

/** Postgres refuses to run as root, so then it runs as this user; Debian's `nobody`. */
const NOBODY = 65_534;

/** A real Postgres in a directory of its own, on a Unix socket only. */
export class PostgresServer {
  readonly #directory: string;
  #child: ChildProcess | undefined;
  #databases = 0;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async start(): Promise<PostgresServer> {
    const directory = mkdtempSync(join(tmpdir(), 'hubtab-pg-'));
    if (isRoot()) chownSync(directory, NOBODY, NOBODY);
    const server = new PostgresServer(directory);
    try {
      execFileSync(
        postgresProgram('initdb'),
        [
          '-D',
          server.#data,
          '-U',
          'hubtab',
          '-A',
          'trust',
          '-E',
          'UTF8',
          '--no-sync',
          '--no-instructions',
        ],
        { ...unprivileged(), stdio: 'pipe', env: { ...process.env, LC_ALL: 'C.UTF-8' } },
      );
      await server.launch();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  get #data(): string {
    return join(this.#directory, 'data');
  }

  /** A new, empty database. @returns its URL */
  async createDatabase(): Promise<string> {
    this.#databases += 1;
    const name = `t${process.pid}_${this.#databases}`;
    await this.query(`create database ${name}`);
    return this.url(name);
  }

  url(database: string): string {
    return `postgres://hubtab@localhost/${database}?host=${encodeURIComponent(this.#directory)}`;
  }

  /** Runs one statement as the superuser, beside everything. */
  async query(sql: string): Promise<QueryResult> {
    const client = new Client({ connectionString: this.url('postgres') });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  }

  /** Starts Postgres, the first time or after kill(). */
  async launch(): Promise<void> {
    const settings = [
      'listen_addresses=',
      `unix_socket_directories=${this.#directory}`,
      'fsync=off', // the machine does not crash in a test
      'max_connections=1000', // many tests beside each other, each with a pool
    ];
    this.#child = spawn(
      postgresProgram('postgres'),
      ['-D', this.#data, ...settings.flatMap((setting) => ['-c', setting])],
      { ...unprivileged(), stdio: 'ignore' },
    );
    await until('Postgres answers', () =>
      this.query('select 1').then(
        () => true,
        () => false,
      ),
    );
  }

  /** Ends it as a crash does; connections break. */
  async kill(): Promise<void> {
    await this.#end('SIGQUIT');
  }

  async stop(): Promise<void> {
    await this.#end('SIGINT');
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    if (!child || child.exitCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

function unprivileged(): { uid?: number; gid?: number; cwd: string } {
  return isRoot() ? { uid: NOBODY, gid: NOBODY, cwd: '/' } : { cwd: '/' };
}

/** Debian keeps the server's programs of each version out of PATH. @throws with what to run when it is missing */
function postgresProgram(name: 'initdb' | 'postgres'): string {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian)
    ? readdirSync(debian).sort((a, b) => Number(b) - Number(a))
    : [];
  const folders = [
    ...versions.map((version) => join(debian, version, 'bin')),
    ...(process.env.PATH ?? '').split(':'),
  ];
  const path = folders.map((folder) => join(folder, name)).find(existsSync);
  if (path === undefined) throw new Error(`${name} is missing: run node scripts/setup.mjs`);
  return path;
}
