import { chmodSync, lstatSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { pathDirectories } from './find-program.ts';
import { dataDirectory } from './paths.ts';
import { ensurePrivateDirectory, readIfPresent, writePrivateFile } from './private-files.ts';
import { programFile } from './program-file.ts';
import type { CliContext } from './context.ts';
import type { HubPaths } from './paths.ts';

/** What decides where things of this hub are, and what a command over SSH would not have. */
const PINNED = ['XDG_STATE_HOME', 'XDG_DATA_HOME', 'XDG_CONFIG_HOME', 'TMUX_TMPDIR'] as const;

/**
 * Puts this program where it stays (`~/.local/share/hubtab/hubtab.mjs`, and `~/.local/bin/hubtab` pointing to it), and
 * makes the launcher that browsers call. A program that runs from a checkout stays there.
 */
export function installSelf(paths: HubPaths, context: CliContext): void {
  const program = installProgram(context);
  ensurePrivateDirectory(paths.stateDir);
  ensurePrivateDirectory(dirname(paths.launcher));
  writeExecutable(paths.launcher, launcherScript(program, context.env));
}

/** Where a bundled program stays. */
export function installedProgram(env: CliContext['env']): string {
  return join(dataDirectory(env), 'hubtab.mjs');
}

function installProgram({ env, say }: CliContext): string {
  const { path, isBundle } = programFile();
  if (!isBundle) return path;
  const installed = installedProgram(env);
  if (path !== installed) {
    ensurePrivateDirectory(dataDirectory(env));
    writeExecutable(installed, readFileSync(path, 'utf8'));
  }
  const link = join(env['HOME'] ?? homedir(), '.local', 'bin', 'hubtab');
  if (linkTo(installed, link) && !pathDirectories(env).includes(dirname(link))) {
    say(`hubtab is installed as ${link}; add ${dirname(link)} to PATH to type just \`hubtab\`.`);
  }
  return installed;
}

function writeExecutable(path: string, content: string): void {
  if (readIfPresent(path) !== content) writePrivateFile(path, content);
  chmodSync(path, 0o700);
}

/** Whether the link is there and ours. What a person put there is left alone. */
function linkTo(target: string, link: string): boolean {
  try {
    mkdirSync(dirname(link), { recursive: true });
    const stat = lstatSync(link, { throwIfNoEntry: false });
    if (stat && !(stat.isSymbolicLink() && readlinkSync(link) === target)) return false;
    if (!stat) symlinkSync(target, link);
    return true;
  } catch {
    // A convenience: the launcher does not need it.
    return false;
  }
}

/** Runs hubtab as here and now, whatever little environment SSH or a service manager gives. */
function launcherScript(program: string, env: CliContext['env']): string {
  const home = env['HOME'];
  const pinned = PINNED.map((name) => [name, env[name]] as const);
  const all = [['HOME', home === userInfo().homedir ? undefined : home] as const, ...pinned];
  const exports = all.flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [`export ${name}=${shellWord(value)}`],
  );
  return `#!/bin/sh
# Made by \`hubtab hub join\`: runs hubtab with the PATH and the directories of that moment.
export PATH="\${PATH:+$PATH:}"${shellWord(pathDirectories(env).join(':'))}
${exports.map((line) => `${line}\n`).join('')}node=${shellWord(process.execPath)}
[ -x "$node" ] || node=node
exec "$node" ${shellWord(program)} "$@"
`;
}

function shellWord(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
