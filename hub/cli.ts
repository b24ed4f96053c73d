import { agentNoun } from './commands/agent.ts';
import { hubNoun } from './commands/hub.ts';
import { processContext } from './context.ts';
import { EXIT } from './exit-codes.ts';
import { HubtabError, ServerRefusal } from './hubtab-error.ts';
import { systemErrorWords } from './system-errors.ts';
import { runAs, takeUser } from './run-as.ts';
import { printable } from './text.ts';
import { VERSION } from './version.ts';
import type { Command, Noun } from './command.ts';
import type { CliContext } from './context.ts';

/** What a caller of {@link runHubCli} may replace. */
export interface CliOptions {
  /** If unset, this process's own. */
  readonly context?: CliContext;
  /** Further nouns, such as `server`, whose code lives elsewhere. */
  readonly nouns?: readonly Noun[];
}

/** Runs one command line (without `node` and the script) and resolves with the exit code; never throws. */
export async function runHubCli(
  argv: readonly string[],
  options: CliOptions = {},
): Promise<number> {
  const context = options.context ?? processContext();
  const nouns = [hubNoun, agentNoun, ...(options.nouns ?? [])];
  try {
    return await dispatch([...argv], nouns, context);
  } catch (error) {
    return report(error, context);
  }
}

async function dispatch(
  argv: string[],
  nouns: readonly Noun[],
  context: CliContext,
): Promise<number> {
  const [nounName, verb, ...rest] = argv;
  if (nounName === '--version' || nounName === 'version') {
    context.out(VERSION);
    return EXIT.ok;
  }
  if (nounName === undefined || isHelp(nounName)) {
    const show = nounName === undefined ? context.say : context.out;
    show(usageOfAll(nouns));
    return nounName === undefined ? EXIT.usage : EXIT.ok;
  }
  const noun = nouns.find((each) => each.noun === nounName);
  if (!noun) {
    context.say(`hubtab: unknown command: ${printable(nounName)}\n${usageOfAll(nouns)}`);
    return EXIT.usage;
  }
  if (verb !== undefined && isHelp(verb)) {
    context.out(usageOf(noun));
    return EXIT.ok;
  }
  const command = noun.commands.find((each) => each.verb === verb);
  if (!command) {
    if (verb !== undefined) {
      context.say(`hubtab: unknown command: ${printable(`${nounName} ${verb}`)}`);
    }
    context.say(usageOf(noun));
    return EXIT.usage;
  }
  if (rest[0] !== undefined && isHelp(rest[0])) {
    context.out(`${usageLine(noun, command)}\n  ${command.summary}`);
    return EXIT.ok;
  }
  // A system service is root's own to make.
  const isRootsOwn = command.verb === 'service' && rest.includes('--system');
  const other = process.getuid?.() === 0 && !isRootsOwn ? takeUser(rest) : undefined;
  if (other) return runAs(other.user, [nounName, command.verb, ...other.rest], context);
  return command.run(rest, context);
}

function report(error: unknown, context: CliContext): number {
  if (error instanceof HubtabError) {
    context.say(`hubtab: ${error.message}`);
    if (error instanceof ServerRefusal && error.helpUrl !== undefined) {
      context.say(`What to do: ${error.helpUrl}`);
    }
    return error.exitCode;
  }
  const words = systemErrorWords(error);
  if (words !== undefined) {
    context.say(`hubtab: ${words}`);
    return EXIT.failed;
  }
  // Not foreseen, so the stack is what helps whoever gets the report.
  context.say(`hubtab: internal error: ${error instanceof Error ? error.stack : String(error)}`);
  return EXIT.failed;
}

function isHelp(word: string): boolean {
  return word === '--help' || word === '-h' || word === 'help';
}

function usageLine(noun: Noun, command: Command): string {
  return `hubtab ${noun.noun} ${command.verb} ${command.usage}`.trimEnd();
}

function usageOf(noun: Noun): string {
  const lines = noun.commands.map(
    (command) => `  ${usageLine(noun, command)}\n      ${command.summary}`,
  );
  return `Usage:\n${lines.join('\n')}`;
}

const EXIT_CODES_HELP = `Exit codes: 0 done; 1 failed; 2 command line not understood; 3 not joined; 4 control server
unreachable; 5 refused by it; 6 something is missing on this machine; 7 in conflict with what is there; 8 the private
network did not come up.`;

function usageOfAll(nouns: readonly Noun[]): string {
  const lines = nouns.map((noun) => {
    const verbs = noun.commands.map((command) => command.verb).join('|');
    return `  hubtab ${noun.noun} ${verbs}\n      ${noun.summary}`;
  });
  return `Usage:\n${lines.join('\n')}\n\n\`hubtab NOUN --help\` lists the options of its commands.\n\n${EXIT_CODES_HELP}`;
}
