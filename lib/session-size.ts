import type { TmuxLocation } from '../protocol/hubs.ts';
import { remoteCommand } from './remote-command.ts';
import { exactTarget, paneTarget } from './tmux.ts';

export interface Size {
  cols: number;
  rows: number;
}

/** A program or a browser tab that shows a session now. */
interface SessionClient extends Size {
  isReadOnly: boolean;
}

/** How large a session is, and for whom. */
export interface SessionSize {
  /** What a client must have to show all of it and nothing more: the window with tmux's own lines. */
  size: Size;
  /** Whether the window was given its size, and follows no client. */
  isByHand: boolean;
  /** The clients that look at the same window, of this session or of one that shares it. */
  clients: SessionClient[];
}

/** Of all that tmux says here nothing was chosen on the hub: ids, numbers and names of its own options. */
const WINDOW = 'window #{window_id} #{window_width} #{window_height} #{status} #{window-size}';
const CLIENT = 'client #{window_id} #{client_width} #{client_height} #{client_readonly}';

/** Asks who shows a session, and how large it is. @throws RangeError when the name is refused */
export function sizeCommand(tmux: TmuxLocation, session: string): string {
  const window = ['display-message', '-p', '-t', paneTarget(session), WINDOW];
  const clients = ['list-clients', '-F', CLIENT];
  return remoteCommand([tmux.path, '-S', tmux.socket, ...window, ';', ...clients]);
}

/** Reads what {@link sizeCommand} printed. @throws RangeError when it is not of that form */
export function parseSize(output: string): SessionSize {
  const [first = '', ...lines] = output.split('\n');
  const window = /^window (@\d+) (\d{1,5}) (\d{1,5}) (on|off|[2-5]) ([a-z]{1,20})$/.exec(first);
  if (!window) throw new RangeError('tmux: the window’s size is not as asked');
  const [, id, width, height, status = 'on', policy] = window;
  const ownRows = { on: 1, off: 0 }[status] ?? Number(status);
  const clients = lines.flatMap((line) => {
    const [, windowId, cols, rows, readOnly] =
      /^client (@\d+) (\d{1,5}) (\d{1,5}) ([01])$/.exec(line) ?? [];
    if (windowId !== id) return [];
    return [{ cols: Number(cols), rows: Number(rows), isReadOnly: readOnly === '1' }];
  });
  const size = { cols: Number(width), rows: Number(height) + ownRows };
  return { size, isByHand: policy === 'manual', clients };
}

/**
 * Has a session follow the clients of one size: tmux leaves the others out of account, until they attach again or no
 * other is there. Nobody is detached, and of the user's options one changes at most: a window that was given a size by
 * hand follows its clients again.
 * @throws RangeError when the name is refused
 */
export function fitCommand(tmux: TmuxLocation, session: string, { cols, rows }: Size): string {
  const size = `${cols}x${rows}`;
  return remoteCommand([
    '/bin/sh',
    '-c',
    FIT,
    'sh',
    tmux.path,
    tmux.socket,
    exactTarget(session),
    size,
  ]);
}

const FIT = `
tmux() { "$path" -S "$socket" "$@"; }
path=$1 socket=$2 session=$3 size=$4
window=$(tmux display-message -p -t "$session:" '#{window_id}')
[ -n "$window" ] || exit 1
tmux list-clients -F '#{window_id} #{client_width}x#{client_height} #{client_name}' |
while read -r at has name; do
  [ "$at" = "$window" ] || continue
  case $has in "$size") flag='!ignore-size' ;; *) flag=ignore-size ;; esac
  tmux refresh-client -t "$name" -f "$flag"
done
[ "$(tmux display-message -p -t "$session:" '#{window-size}')" != manual ] ||
  tmux set-option -w -t "$session:" window-size latest
`;

/** How a session's size differs from that of a terminal that shows it. */
export interface SizeConflict {
  size: Size;
  isByHand: boolean;
  /** Those that have another size than the terminal. */
  others: SessionClient[];
}

/** Why a terminal does not show its session as large as it could; undefined when it does. */
export function sizeConflict(
  { size, isByHand, clients }: SessionSize,
  terminal: Size,
): SizeConflict | undefined {
  if (isSame(size, terminal)) return undefined;
  return { size, isByHand, others: clients.filter((client) => !isSame(client, terminal)) };
}

/** Whether two sizes are one. */
export function isSame(a: Size, b: Size): boolean {
  return a.cols === b.cols && a.rows === b.rows;
}
