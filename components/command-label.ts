import { i18n } from '#i18n';
import type { Command } from '../lib/commands.ts';
import { messageKey } from './message-key.ts';

/** What the palette and the options call a command. */
export function commandLabel(command: Command): string {
  return i18n.t(`command.${messageKey(command)}`);
}
