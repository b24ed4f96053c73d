/** What a login shell does with a word made only of these needs no quoting, in sh, bash, zsh and fish alike. */
const PLAIN = /^[A-Za-z0-9_./:,@%+-]+$/;

/** Longest command line we send, in UTF-16 units; Linux takes 128 KiB for one argument of `$SHELL -c`. */
const MAX_LENGTH = 32 * 1024;

/**
 * Builds the one command line that a hub's login shell runs, from an argument vector. The only place where text becomes
 * shell input. Every word stays one word and nothing in it is expanded, by sh, bash, zsh and fish: quoted parts stand in
 * single quotes, quotes and backslashes outside of them, because fish gives backslashes in single quotes a meaning that
 * POSIX shells do not.
 * @throws RangeError when a word holds NUL, which no argument can carry, or the line grows too long
 */
export function remoteCommand(argv: readonly [string, ...string[]]): string {
  const line = argv.map(quoteWord).join(' ');
  if (line.length > MAX_LENGTH)
    throw new RangeError(`command of ${line.length} characters is too long`);
  // `exec`: the shell makes room, so that signals and the exit status are the program's own.
  return `exec ${line}`;
}

function quoteWord(word: string): string {
  if (word.includes('\0')) throw new RangeError('a command argument cannot hold NUL');
  if (PLAIN.test(word)) return word;
  if (word === '') return "''";
  return word
    .split(/(['\\]+)/)
    .filter((part) => part !== '')
    .map((part) => (/^['\\]/.test(part) ? part.replace(/./g, '\\$&') : `'${part}'`))
    .join('');
}
