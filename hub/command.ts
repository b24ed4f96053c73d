import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import type { CliContext } from './context.ts';
import type { ExitCode } from './exit-codes.ts';

/** One `noun verb` of the command line. */
export interface Command {
  readonly verb: string;
  /** What follows the verb, for the usage text. */
  readonly usage: string;
  readonly summary: string;
  /** @throws HubtabError with the sentence to show and the exit code. */
  run(args: string[], context: CliContext): Promise<ExitCode>;
}

/** A group of commands; other parts of the project add theirs through {@link runHubCli}'s `nouns`. */
export interface Noun {
  readonly noun: string;
  readonly summary: string;
  readonly commands: readonly Command[];
}

/**
 * Runs `parseArgs` and turns its complaints into a usage error of this command.
 *
 * @throws HubtabError (usage) that names the option.
 */
export function parseOrUsage<T>(name: string, usage: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new HubtabError(
      EXIT.usage,
      `${error.message}\nUsage: hubtab ${name} ${usage}`.trimEnd(),
      {
        cause: error,
      },
    );
  }
}
