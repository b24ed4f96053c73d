import { EXIT } from './exit-codes.ts';
import type { ProblemCode } from '../protocol/problem.ts';
import type { ExitCode } from './exit-codes.ts';

/** A failure that a person can act on: `message` is shown as it is, without a stack. */
export class HubtabError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HubtabError';
    this.exitCode = exitCode;
  }
}

/** The server answered and said no; `message` are its own words. */
export class ServerRefusal extends HubtabError {
  /** Undefined where the server named none, as the token endpoint does. */
  readonly code: ProblemCode | undefined;
  /** Address of the server's page on what to do; undefined with the code. */
  readonly helpUrl: string | undefined;

  constructor(
    exitCode: ExitCode,
    message: string,
    problem?: { code: ProblemCode; serverUrl: string },
  ) {
    super(exitCode, message);
    this.name = 'ServerRefusal';
    this.code = problem?.code;
    this.helpUrl = problem && `${problem.serverUrl}/problems/${problem.code}`;
  }
}

/** The owner has removed this hub on the server: only joining with a new token helps. */
export class HubRemovedError extends HubtabError {
  constructor(message: string, options?: ErrorOptions) {
    super(EXIT.notJoined, message, options);
    this.name = 'HubRemovedError';
  }
}

/** Headscale says that the one-use key was used already. */
export class KeySpentError extends HubtabError {
  constructor(controlUrl: string) {
    super(
      EXIT.network,
      `the private network (${controlUrl}) says that this machine's new key was used already. Run this again; if it stays so, something else takes its keys: look at the hub's notices in the extension.`,
    );
    this.name = 'KeySpentError';
  }
}
