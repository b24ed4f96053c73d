import { randomBytes } from 'node:crypto';
import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import { runProgram } from './run-program.ts';
import type { CliContext } from './context.ts';
import type { ProgramResult } from './run-program.ts';

/** One tmux server of this user. */
export interface TmuxTarget {
  /** Absolute path of the program. */
  readonly path: string;
  /** Absolute path of the server's socket. */
  readonly socket: string;
}

/** One tmux command: its name and arguments, each as the command should see it. */
export type TmuxCommand = readonly string[];

/**
 * Arguments for one tmux process that runs these commands in order. tmux takes an argument that ends in `;` as the end
 * of a command, wherever it came from, so such an argument gets a backslash before it.
 */
export function tmuxArguments(socket: string, commands: readonly TmuxCommand[]): string[] {
  const joined = commands.flatMap((command, index) => [
    ...(index > 0 ? [';'] : []),
    ...command.map((argument) => argument.replace(/;$/, '\\;')),
  ]);
  // -u: without it tmux writes `_` for every character outside ASCII when the locale is not UTF-8.
  return ['-u', '-S', socket, ...joined];
}

/** Runs tmux commands on the server of `target`. TMUX is unset, so that it makes no difference where we are called. */
export function runTmux(
  target: TmuxTarget,
  commands: readonly TmuxCommand[],
  options: { env: CliContext['env']; cwd?: string },
): Promise<ProgramResult> {
  return runProgram(target.path, tmuxArguments(target.socket, commands), {
    env: tmuxEnvironment(options.env),
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
}

/**
 * A server that this starts keeps its environment for every later session: nothing of ours in it, and no NODE_ variable,
 * which would change the Node programs that people run there.
 */
export function tmuxEnvironment(env: CliContext['env']): Record<string, string | undefined> {
  const kept = Object.entries(env).filter(
    ([name]) => !/^(TMUX|TMUX_PANE|HUBTAB_.*|NODE_OPTIONS)$/.test(name),
  );
  return Object.fromEntries(kept);
}

/** One row of a listing, by field name. */
export type TmuxRow<Field extends string> = Record<Field, string>;

/**
 * A listing whose fields cannot be forged. Titles, options and paths are anybody's text and may hold tabs and line ends, so
 * the separator is 128 random bits made for this one call.
 */
export class TmuxListing<Field extends string> {
  readonly #fields: readonly Field[];
  readonly #separator: string;

  /** @param fields format variables such as `session_name` or `@repo` */
  constructor(fields: readonly Field[], separator = randomBytes(16).toString('hex')) {
    this.#fields = fields;
    this.#separator = `<${separator}>`;
  }

  /** For `-F`. */
  get format(): string {
    const fields = this.#fields.map((field) => `${this.#separator}#{${field}}`);
    return `${fields.join('')}${this.#separator}`;
  }

  /** @throws Error if the output was not made with {@link format}. */
  parse(output: string): TmuxRow<Field>[] {
    const pieces = output.split(this.#separator);
    const width = this.#fields.length + 1;
    // Each row is: (what is before it), its fields; after the last one a line end is left.
    if (pieces.length % width !== 1) throw new Error('invariant: tmux answered in another format');
    const rows: TmuxRow<Field>[] = [];
    for (let start = 1; start < pieces.length; start += width) {
      rows.push(toRow(this.#fields, pieces.slice(start, start + width - 1)));
    }
    return rows;
  }
}

function toRow<Field extends string>(
  fields: readonly Field[],
  values: readonly string[],
): TmuxRow<Field> {
  const row: Partial<TmuxRow<Field>> = {};
  fields.forEach((field, index) => {
    row[field] = values[index] ?? '';
  });
  return row as TmuxRow<Field>; // every field was just set
}

/** Whether tmux said that there is no server, as opposed to a failure. */
export function isNoServer(result: ProgramResult): boolean {
  return (
    result.code !== 0 &&
    /no server running|error connecting to|no sessions|server exited|no current client/.test(
      result.stderr,
    )
  );
}

/** @throws HubtabError with tmux's words if the command failed. */
export function requireTmuxOk(result: ProgramResult, doing: string): string {
  if (result.code === 0) return result.stdout;
  throw new HubtabError(EXIT.failed, `${doing}: tmux said: ${result.stderr.trim()}`);
}
