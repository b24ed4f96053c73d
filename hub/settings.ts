import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { z } from 'zod';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import { readIfPresent } from './private-files.ts';
import type { CliContext } from './context.ts';

/** What a person may set for all agents of this machine, in `settings.json`. */
const Settings = z.strictObject({
  /** What agents run when the command line names nothing; if unset, the login shell. */
  command: z.array(z.string().min(1)).min(1).optional(),
  /** Where repositories are cloned to, as OWNER/NAME; absolute, or `~/…`. */
  reposDir: z
    .string()
    .regex(/^(\/|~\/)/, 'expected an absolute path, or one that starts with ~/')
    .default('~/hubtab'),
  /** Where they are cloned from; `{repo}` stands for OWNER/NAME. */
  cloneUrl: z
    .string()
    // Never an option of git, and never a transport such as ext:: that runs a command.
    .regex(/^(?!-)(?!\w+::).*\{repo\}/, 'expected an address with {repo} in it')
    .default('https://github.com/{repo}.git'),
});
export type Settings = z.infer<typeof Settings>;

/** Path of the settings: `$XDG_CONFIG_HOME/hubtab/settings.json`, else under `~/.config`. */
export function settingsFile(env: CliContext['env']): string {
  const xdg = env['XDG_CONFIG_HOME'];
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homeOf(env), '.config');
  return join(base, 'hubtab', 'settings.json');
}

/** @throws HubtabError that names the file and what is wrong in it. A missing file means the defaults. */
export function readSettings(env: CliContext['env']): Settings {
  const file = settingsFile(env);
  const content = readIfPresent(file);
  try {
    const settings = Settings.parse(content === undefined ? {} : JSON.parse(content));
    return { ...settings, reposDir: settings.reposDir.replace(/^~(?=\/)/, homeOf(env)) };
  } catch (error) {
    const what = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new HubtabError(EXIT.failed, `${file} cannot be used: ${what}`, { cause: error });
  }
}

/** The user's home. */
function homeOf(env: CliContext['env']): string {
  const home = env['HOME'];
  return home !== undefined && isAbsolute(home) ? home : homedir();
}
