import { EXIT } from './exit-codes.ts';
import { HubtabError } from './hubtab-error.ts';
import { runOnTerminal } from './run-program.ts';
import { tmuxArguments, tmuxEnvironment } from './tmux.ts';
import type { Session } from './agent-sessions.ts';
import type { CliContext } from './context.ts';
import type { ExitCode } from './exit-codes.ts';
import type { TmuxTarget } from './tmux.ts';

/**
 * Shows a session on this terminal until the person detaches. Inside the same tmux server the client switches, as tmux
 * refuses to nest.
 *
 * @param sessionId tmux's id, `$3`
 */
export async function attach(
  target: TmuxTarget,
  sessionId: string,
  context: CliContext,
): Promise<ExitCode> {
  const isInside = context.env['TMUX']?.startsWith(`${target.socket},`) ?? false;
  const command = [isInside ? 'switch-client' : 'attach-session', '-t', sessionId];
  const env = isInside ? context.env : tmuxEnvironment(context.env);
  const code = await runOnTerminal(target.path, tmuxArguments(target.socket, [command]), env);
  return code === 0 ? EXIT.ok : EXIT.failed;
}

/** The session of exactly this name. @throws HubtabError if there is none. */
export function requireSession(sessions: readonly Session[], name: string): Session {
  const session = sessions.find((each) => each.name === name);
  if (session) return session;
  throw new HubtabError(
    EXIT.failed,
    `there is no session ${JSON.stringify(name)}. \`hubtab agent list\` shows what runs.`,
  );
}
