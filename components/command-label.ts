import { i18n } from '#i18n';
import type { TerminalCommand } from '../lib/terminal-commands.ts';
import { messageKey } from './message-key.ts';

/** What the palette and the options call a command of the terminal. */
export function commandLabel(command: TerminalCommand): string {
  return i18n.t(`command.${messageKey(command)}`);
}
