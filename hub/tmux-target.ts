import { requireTmux } from './prerequisites.ts';
import { tmuxSocket } from './tmux-server.ts';
import type { CliContext } from './context.ts';
import type { TmuxTarget } from './tmux.ts';

/** The user's default tmux server. @throws HubtabError (prerequisite) if tmux is missing or too old. */
export async function tmuxTarget(context: CliContext): Promise<TmuxTarget> {
  const { path } = await requireTmux(context.env);
  return { path, socket: tmuxSocket(context.env) };
}
