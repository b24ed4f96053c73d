import { userInfo } from 'node:os';
import { chown } from 'node:fs/promises';
import { mustRun, run } from './run.ts';

/** The ordinary user that hubs run as when the stack is started by root: the policy lets nobody in as root. */
const NAME = 'hubtab-dev';

export interface HubUser {
  name: string;
  /** Command line that runs a program as this user with exactly this environment. */
  command(env: Record<string, string>, argv: readonly string[]): [string, string[]];
  /** Gives a folder or file to this user. */
  own(path: string): Promise<void>;
}

/** The user that hubs run as: whoever started the stack, else one that is made for it. */
export async function hubUser(): Promise<HubUser> {
  const assignments = (env: Record<string, string>) =>
    Object.entries(env).map(([key, value]) => `${key}=${value}`);
  if (process.getuid?.() !== 0) {
    return {
      name: userInfo().username,
      command: (env, argv) => ['env', ['-i', ...assignments(env), ...argv]],
      own: async () => {},
    };
  }
  if ((await run('id', [NAME])).code !== 0)
    await mustRun('useradd', ['--create-home', '--shell', '/bin/bash', NAME]);
  const [uid, gid] = await Promise.all(
    ['-u', '-g'].map(async (flag) => Number(await mustRun('id', [flag, NAME]))),
  );
  return {
    name: NAME,
    command: (env, argv) => [
      'runuser',
      ['-u', NAME, '--', 'env', '-i', ...assignments(env), ...argv],
    ],
    own: (path) => chown(path, Number(uid), Number(gid)),
  };
}
