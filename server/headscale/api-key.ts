import { execFile } from 'node:child_process';
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { headscaleEnv } from './binary.ts';
import { HeadscaleError } from './errors.ts';

const run = promisify(execFile);

/** Where the API key comes from. */
export interface ApiKeySource {
  /** The key, or undefined while there is none. */
  current(): string | undefined;
  /** Gets a key that should work: called when there is none or Headscale refused it. @throws HeadscaleError */
  renew(): Promise<void>;
  /** Whether it is time to replace the key; never for one that somebody else keeps. */
  isOld(): boolean;
}

/** A key in a file that the operator of an external Headscale writes; read again when it was refused. */
export function apiKeyFromFile(path: string): ApiKeySource {
  let key: string | undefined = readKey(path);
  return {
    current: () => key,
    isOld: () => false,
    renew() {
      key = readKey(path);
      if (key !== undefined) return Promise.resolve();
      return Promise.reject(new HeadscaleError('unauthorized', `${path} holds no API key`));
    },
  };
}

/** Keys of the supervised Headscale live 90 days; ours is replaced when it is this old. */
const RENEW_AFTER_MS = 60 * 24 * 3600 * 1000;

/** A key that we make with Headscale's own command line, which needs the server to run, and keep with mode 0600. */
export function apiKeyFromCli(options: {
  binary: string;
  config: string;
  path: string;
}): ApiKeySource {
  let key: string | undefined = isFresh(options.path) ? readKey(options.path) : undefined;
  return {
    current: () => key,
    isOld: () => !isFresh(options.path),
    async renew() {
      key = await makeKey(options.binary, options.config);
      const temporary = `${options.path}.new`;
      writeFileSync(temporary, `${key}\n`, { mode: 0o600 });
      renameSync(temporary, options.path);
    },
  };
}

async function makeKey(binary: string, config: string): Promise<string> {
  const args = ['-c', config, 'apikeys', 'create', '--expiration', '90d'];
  try {
    const { stdout } = await run(binary, args, { timeout: 15_000, env: headscaleEnv() });
    const key = /hskey-api-[\w-]+/.exec(stdout)?.[0];
    if (key !== undefined) return key;
  } catch (error) {
    throw new HeadscaleError('unexpected', 'headscale apikeys create failed', { cause: error });
  }
  throw new HeadscaleError('unexpected', 'headscale apikeys create printed no key');
}

function isFresh(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat !== undefined && Date.now() - stat.mtimeMs < RENEW_AFTER_MS;
}

function readKey(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim() || undefined;
  } catch {
    return undefined; // Not there yet; renew() makes or finds it.
  }
}
