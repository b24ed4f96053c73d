import { parsePane } from '../../lib/hub-commands.ts';
import { runHubJob } from '../../lib/hub-job.ts';
import { tmuxNumber } from '../../lib/tmux-number.ts';
import type { HubId } from '../../protocol/ids.ts';

/** Programs that take a paste as one piece whenever they wait for input; asked only where tmux does not say. */
const TAKES_WHOLE =
  /^-?(?:bash|zsh|fish|nu|vim|nvim|emacs|claude|codex|gemini|opencode|aider|goose|amp)$/;

/**
 * Whether the program in a session takes pasted text as one piece, and runs nothing of it by itself. Up to 3.3 tmux passes
 * the program's own mode on; later versions have the mode on in every client, and tell what the program said from 3.7 on.
 * @param fromMode the mode of the emulator
 */
export async function takesPasteWhole(
  hubId: HubId,
  session: string,
  tmuxVersion: string | undefined,
  fromMode: boolean,
): Promise<boolean> {
  if (!fromMode || tmuxNumber(tmuxVersion ?? '') < 304) return fromMode;
  try {
    const { stdout } = await runHubJob(hubId, { kind: 'pane', session });
    const pane = parsePane(new TextDecoder().decode(stdout));
    return pane.takesPasteWhole ?? TAKES_WHOLE.test(pane.program);
  } catch {
    return false; // unknown: the person is asked
  }
}
