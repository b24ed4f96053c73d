/** What a command may know about the process it runs in; tests pass their own. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Whether stdout is a terminal, so that attaching makes sense. */
  readonly isTty: boolean;
  /** One line of data for programs, to stdout. */
  out(line: string): void;
  /** One line for people, to stderr. */
  say(line: string): void;
}

/** The context of this process. */
export function processContext(): CliContext {
  return {
    env: process.env,
    cwd: process.cwd(),
    isTty: process.stdout.isTTY && process.stdin.isTTY,
    out: (line) => process.stdout.write(`${line}\n`),
    say: (line) => process.stderr.write(`${line}\n`),
  };
}
