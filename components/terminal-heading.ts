import { i18n } from '#i18n';
import type { TerminalState } from '../lib/terminal-state.ts';
import type { AgentState } from '../protocol/sessions.ts';
import { isHostKeyInDoubt } from '../protocol/tailnet-error.ts';
import { pathText } from './session-groups.ts';
import { STATE_MARKS, type SessionLabel, type ShownState } from './session-view.ts';
import type { TerminalLayer } from './terminal-layer.ts';
import { durationText, percentText } from './times.ts';

/** What the bar says of the connection, on its right. */
export interface ConnectionNote {
  dot: 'dot' | 'dot slow' | 'dot none' | 'dot broken' | 'spinner';
  text: string;
}

export function connectionNote(
  state: TerminalState,
  layer: TerminalLayer,
  lastPath: { via: string; rttMs: number } | undefined,
  nowMs: number,
): ConnectionNote {
  switch (state.kind) {
    case 'connecting':
      return { dot: 'spinner', text: i18n.t('hub.connecting') };
    case 'open':
      return { dot: 'dot', text: state.path ? pathText(state.path) : i18n.t('hub.connected') };
    case 'reconnecting': {
      const seconds = Math.floor((nowMs - state.sinceMs) / 1000);
      if (layer.kind === 'none') {
        return { dot: 'dot', text: lastPath ? pathText(lastPath) : i18n.t('hub.connected') };
      }
      if (layer.kind === 'reconnecting')
        return { dot: 'dot slow', text: i18n.t('terminal.noAnswer', [seconds]) };
      if (layer.kind === 'connecting') return { dot: 'spinner', text: i18n.t('hub.connecting') };
      if (state.fault.code === 'hub-offline')
        return { dot: 'dot broken', text: i18n.t('terminal.offline') };
      return {
        dot: 'dot broken',
        text: state.hadScreen ? lostText(seconds) : i18n.t('terminal.notConnected'),
      };
    }
    case 'failed':
      return {
        dot: 'dot broken',
        text: FAILED_WORDS[state.fault.code] ?? i18n.t('terminal.notConnected'),
      };
    case 'ended':
      return {
        dot: 'dot none',
        text: i18n.t(state.how === 'exited' ? 'terminal.ended' : 'terminal.detached'),
      };
  }
}

const FAILED_WORDS: Partial<Record<string, string>> = {
  'host-key-mismatch': 'blocked',
  'host-key-unlisted': 'blocked',
  'host-key-changed': 'blocked',
  'hub-removed': 'removed',
  'access-denied': i18n.t('terminal.noAccess'),
  'signed-out': i18n.t('terminal.signedOut'),
};

function lostText(seconds: number): string {
  return i18n.t('terminal.lost', { age: durationText(seconds * 1000) });
}

/** The state in bar, title and favicon: the agent's while there is a connection, else the connection's. */
export function headingState(
  state: TerminalState,
  layer: TerminalLayer,
  agent: AgentState | undefined,
): ShownState {
  switch (state.kind) {
    case 'connecting':
    case 'open':
      return agent ?? 'unknown';
    case 'reconnecting':
      return layer.kind === 'lost' ? 'offline' : (agent ?? 'unknown');
    case 'failed':
      if (isHostKeyInDoubt(state.fault.code)) return 'failed';
      return state.fault.code === 'session-gone' ? 'unknown' : 'offline';
    case 'ended':
      if (state.how === 'detached') return 'unknown';
      return (state.code ?? 0) === 0 ? 'done' : 'failed';
  }
}

/** `◆ payments-api #412 – build-01`; with a progress `◆ 42% payments-api …`, since tabs cut titles at their end. */
export function tabTitle(
  shown: ShownState,
  label: SessionLabel,
  hubName: string,
  percent?: number,
): string {
  const done = percent === undefined ? '' : percentText(percent);
  const name = [done, label.name, label.issue].filter(Boolean).join(' ');
  return `${STATE_MARKS[shown]} ${name}${hubName === '' ? '' : ` – ${hubName}`}`;
}

/** The mark whose middle is the state: disc working, diamond waiting, ring at rest, hollow posts without connection. */
export function favicon(shown: ShownState): string {
  switch (shown) {
    case 'working':
      return '/icons/hubtab-32.png';
    case 'waiting':
      return '/icons/hubtab-waiting-32.png';
    case 'offline':
      return '/icons/hubtab-offline-32.png';
    case 'done':
    case 'failed':
    case 'unknown':
      return '/icons/hubtab-idle-32.png';
  }
}
