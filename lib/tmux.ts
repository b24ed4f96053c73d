import type { TmuxLocation } from '../protocol/hubs.ts';
import type { AgentState, Session } from '../protocol/sessions.ts';
import { remoteCommand } from './remote-command.ts';

/** The hub's own session that keeps its tmux server alive; no person opens it. */
const HIDDEN_SESSION = 'hubtab-watch';

/** Longest session name we pass on, in bytes of UTF-8; far above what people type. */
const MAX_NAME_BYTES = 256;

/**
 * Terminal features we have, for `tmux -T`. The newest names stand last: an old tmux drops everything after the first
 * name it does not know (tmux tty-features.c, tty_add_features).
 */
const FEATURES =
  '256,RGB,clipboard,ccolour,cstyle,focus,mouse,sync,title,extkeys,hyperlinks,progressbar';

/**
 * Whether a name can be a tmux session's and means exactly that session as `=name`. Refused are the separators of
 * tmux targets (`:` and `.`, which tmux itself never keeps in a name), a leading `$` (a session id to tmux), control
 * characters, and names nobody could have typed.
 */
export function isSessionName(name: string): boolean {
  if (name === '' || name.startsWith('$') || /[:.]/.test(name)) return false;
  if (/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd]/.test(name) || !name.isWellFormed())
    return false;
  return new TextEncoder().encode(name).length <= MAX_NAME_BYTES;
}

/**
 * Attaches to an existing session, never makes one: `new-session -s` would expand `#(…)` in the name and run it.
 * @throws RangeError when the name is refused by {@link isSessionName}
 */
export function attachCommand(tmux: TmuxLocation, session: string): string {
  const target = exactTarget(session);
  return remoteCommand([
    tmux.path,
    '-S',
    tmux.socket,
    '-u',
    '-T',
    FEATURES,
    'attach-session',
    '-t',
    target,
  ]);
}

/** Asks whether a session is there: exit 0 yes, 1 no. @throws RangeError as {@link attachCommand} */
export function hasSessionCommand(tmux: TmuxLocation, session: string): string {
  return remoteCommand([tmux.path, '-S', tmux.socket, 'has-session', '-t', exactTarget(session)]);
}

/** `-t` for the active pane of exactly this session. @throws RangeError as {@link attachCommand} */
export function paneTarget(session: string): string {
  return `${exactTarget(session)}:`;
}

/** A target that means exactly this session. @throws RangeError when the name is refused by {@link isSessionName} */
export function exactTarget(session: string): string {
  if (!isSessionName(session)) throw new RangeError('session name refused');
  return `=${session}`;
}

/** Fields of one pane, in the order of {@link listCommand}. All but the numbers were chosen on the hub. */
const FIELDS = [
  'session_id',
  'session_name',
  'session_created',
  'session_activity',
  'session_attached',
  'session_alerts',
  'window_width',
  'window_height',
  'window_active',
  'pane_active',
  'pane_current_command',
  'pane_title',
  'host',
  'host_short',
  '@agent_state',
  '@agent_since',
  '@agent_question',
  '@repo',
  '@issue',
] as const;
type Field = (typeof FIELDS)[number];

/**
 * Each field is preceded by its length in bytes, so that nothing a program puts in a title or an option can forge a field
 * or a row. Control characters become spaces, byte for byte: tmux 3.4 and later would print several letters for each, and
 * a line end would cut a line of control mode in two.
 */
const LIST_FORMAT = FIELDS.map(
  (field) => `#{n:${field}}:#{s/[\u0001-\u001f\u007f]/ /:${field}}`,
).join(',');

/** Lists every pane of every session. `-u` keeps tmux from replacing what is not ASCII. */
export function listCommand(tmux: TmuxLocation): string {
  return remoteCommand([tmux.path, '-S', tmux.socket, '-u', 'list-panes', '-a', '-F', LIST_FORMAT]);
}

/** The same list as a line of control mode; its answer is read by {@link parseSessions} too. */
export const CONTROL_LIST = `list-panes -a -F '${LIST_FORMAT}'\n`;

/**
 * Attaches to the hub's hidden session in control mode, which then says what happens to all sessions. It has no size and
 * takes no output. A client of a session does not hear that session's own bell, hence the hidden one. Not `read-only`:
 * that keeps nothing from a client of tmux 3.3a, and later ones may refuse it the subscription.
 */
export function watchCommand(tmux: TmuxLocation): string {
  return remoteCommand([
    tmux.path,
    '-S',
    tmux.socket,
    '-u',
    '-C',
    'attach-session',
    '-f',
    'ignore-size,no-output',
    '-t',
    `=${HIDDEN_SESSION}`,
  ]);
}

/**
 * Lines of control mode that subscribe to what matters: tmux looks every second, and says so only when something is not as
 * before. Titles stand apart, since programs that draw spinners in them change them all the time.
 */
export const SUBSCRIBE: readonly string[] = [
  // A pane that is not the active one has options of its own, so each is asked for its own.
  'state::#{S:#{session_id} #{session_attached} #{window_width}x#{window_height} #{session_alerts}#{W:#{P: #{pane_id} #{=20:@agent_state} #{=20:@agent_since}}};}',
  'titles::#{S:#{W:#{P: #{pane_id} #{=80:pane_title}}}}',
].map((subscription) => `refresh-client -B '${subscription}'\n`);

/**
 * Reads what {@link listCommand} printed.
 * @throws RangeError when it is not of that form
 */
export function parseSessions(output: Uint8Array): Session[] {
  const sessions = new Map<string, Session>();
  for (const pane of parsePanes(output)) {
    if (pane.session_name === HIDDEN_SESSION) continue;
    const known = sessions.get(pane.session_id);
    const session = known ?? sessionOf(pane);
    if (!known) sessions.set(session.id, session);
    if (pane.window_active === '1' && pane.pane_active === '1') {
      session.size = { cols: numberOf(pane.window_width), rows: numberOf(pane.window_height) };
      // Until a program sets it, a title is the machine's name: nothing that anybody needs to read.
      const isDefault = [pane.host, pane.host_short].includes(pane.pane_title);
      session.title = isDefault ? '' : pane.pane_title;
      session.program = pane.pane_current_command;
    }
    takeAgent(session, pane);
  }
  for (const session of sessions.values()) session.state = guessed(session);
  return [...sessions.values()];
}

/** A state for a session whose agent never said one: a bell calls a person, a spinner in the title means work. */
function guessed({ state, hasBell, title }: Session): AgentState {
  if (state !== 'unknown') return state;
  if (hasBell) return 'waiting';
  // Coding agents turn a braille spinner at the start of the title while they work.
  return /^[\u2801-\u28ff] /.test(title) ? 'working' : 'unknown';
}

function sessionOf(pane: Record<Field, string>): Session {
  return {
    id: pane.session_id,
    name: pane.session_name,
    title: '',
    program: '',
    attachedClients: numberOf(pane.session_attached),
    size: { cols: 0, rows: 0 },
    createdAtMs: numberOf(pane.session_created) * 1000,
    activityAtMs: numberOf(pane.session_activity) * 1000,
    state: 'unknown',
    // "0!,2#": windows with an alert, `!` for a bell; empty while somebody looks at the window.
    ...(/\d!/.test(pane.session_alerts) ? { hasBell: true } : {}),
  };
}

/** Several panes may say a state: the one that needs a person most wins. */
const URGENCY: readonly AgentState[] = ['waiting', 'failed', 'working', 'done', 'unknown'];

function takeAgent(session: Session, pane: Record<Field, string>): void {
  if (pane['@repo'] !== '' && pane['@issue'] !== '')
    session.agent = { repo: pane['@repo'].slice(0, 200), issue: pane['@issue'].slice(0, 40) };
  const state = URGENCY.find((known) => known === pane['@agent_state']) ?? 'unknown';
  if (state === 'unknown' || URGENCY.indexOf(state) >= URGENCY.indexOf(session.state)) return;
  session.state = state;
  delete session.stateSinceMs;
  delete session.question;
  const sinceMs = numberOf(pane['@agent_since']);
  if (sinceMs > 0) session.stateSinceMs = sinceMs;
  if (pane['@agent_question'] !== '') session.question = pane['@agent_question'].slice(0, 200);
}

function numberOf(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : 0;
}

function* parsePanes(output: Uint8Array): Generator<Record<Field, string>> {
  let at = 0;
  const decoder = new TextDecoder();
  const expect = (byte: string) => {
    if (output[at] !== byte.charCodeAt(0))
      throw new RangeError(`tmux list: expected ${JSON.stringify(byte)} at byte ${at}`);
    at += 1;
  };
  const field = () => {
    const colon = output.indexOf(58, at);
    const digits = decoder.decode(output.subarray(at, colon < 0 ? at : colon));
    if (!/^\d{1,7}$/.test(digits)) throw new RangeError(`tmux list: no field length at byte ${at}`);
    at = colon + 1 + Number(digits);
    if (at > output.length) throw new RangeError('tmux list: cut short');
    return decoder.decode(output.subarray(colon + 1, at));
  };
  while (at < output.length) {
    const pane = {} as Record<Field, string>;
    for (const [index, name] of FIELDS.entries()) {
      if (index > 0) expect(',');
      pane[name] = field();
    }
    expect('\n');
    yield pane;
  }
}
