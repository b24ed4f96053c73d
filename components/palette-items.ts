import { chordLabel } from '../lib/key-chords.ts';
import { keysOf, type ChosenKeys, type TerminalCommand } from '../lib/commands.ts';
import type { HubView } from '../protocol/contexts.ts';
import { commandLabel } from './command-label.ts';
import { filterRows, rowsInOrder, sessionGroups } from './session-groups.ts';
import type { SessionRow } from './session-view.ts';

export type PaletteItem =
  | { kind: 'session'; key: string; row: SessionRow }
  | { kind: 'command'; key: string; command: TerminalCommand; label: string; keys: string };

/** What the palette offers besides sessions, in this order. What only a key can mean is not among it. */
const OFFERED: readonly TerminalCommand[] = [
  'next-waiting',
  'history',
  'find',
  'send-file',
  'download',
  'window',
  'copy',
  'bigger',
  'smaller',
  'usual-size',
  'fit',
  'bar',
];

export interface PaletteQuery {
  hubs: HubView[];
  /** The session of this page is no place to go to. */
  hereKey: string;
  query: string;
  chosen: ChosenKeys;
  isMac: boolean;
  isOnline: boolean;
  nowMs: number;
}

/** Sessions of all hubs, those that wait first, then actions; with a query what matches each of its words. */
export function paletteItems(ask: PaletteQuery): PaletteItem[] {
  const rows = rowsInOrder(sessionGroups(ask.hubs, ask.isOnline, ask.nowMs));
  const sessions = filterRows(rows, ask.query)
    .filter(({ key }) => key !== ask.hereKey)
    .map((row): PaletteItem => ({ kind: 'session', key: row.key, row }));
  const words = ask.query.toLowerCase().split(/\s+/).filter(Boolean);
  const commands = OFFERED.filter((command) => {
    const label = commandLabel(command).toLowerCase();
    return words.every((word) => label.includes(word));
  }).map((command): PaletteItem => {
    const [first] = keysOf(command, ask.chosen, ask.isMac);
    const keys = first === undefined ? '' : chordLabel(first, ask.isMac);
    return {
      kind: 'command',
      key: command,
      command,
      label: commandLabel(command),
      keys,
    };
  });
  return [...sessions, ...commands];
}

/** The agent that has waited longest after the one here, going round; undefined when none waits. */
export function nextWaiting(
  hubs: HubView[],
  hereKey: string,
  nowMs: number,
): SessionRow | undefined {
  const { waiting } = sessionGroups(hubs, true, nowMs);
  const here = waiting.findIndex(({ key }) => key === hereKey);
  const next = waiting[(here + 1) % waiting.length];
  return next?.key === hereKey ? undefined : next;
}
