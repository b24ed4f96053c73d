import { i18n } from '#i18n';
import type { ExtensionState } from '../protocol/contexts.ts';
import { count, dateText } from './times.ts';

/** What the popup shows as a whole. */
export type PopupView =
  /** Nothing was read yet, not even from the cache. */
  | { kind: 'blank' }
  | { kind: 'not-configured' }
  | { kind: 'signed-out'; sentence: string }
  | { kind: 'permission'; server: string }
  | { kind: 'connecting'; steps: ConnectStep[] }
  | { kind: 'no-hubs'; email: string }
  | { kind: 'list' };

export interface ConnectStep {
  label: string;
  state: 'done' | 'now' | 'later';
}

export function popupView(state: ExtensionState | undefined): PopupView {
  if (state === undefined) return { kind: 'blank' };
  const { account } = state;
  if (account.kind === 'not-configured') return { kind: 'not-configured' };
  const server = serverName(account.serverUrl);
  if (account.kind === 'signed-out') {
    return { kind: 'signed-out', sentence: signedOutSentence(server, account) };
  }
  if (state.serverFault?.code === 'permission-missing') return { kind: 'permission', server };
  if (state.hubs.length > 0) {
    return isFirstConnect(state)
      ? { kind: 'connecting', steps: connectSteps(state) }
      : { kind: 'list' };
  }
  if (state.hubsAtMs !== undefined) return { kind: 'no-hubs', email: account.email };
  // Without a list and without an answer there are no rows, but the strip says why.
  return state.serverFault ? { kind: 'list' } : { kind: 'connecting', steps: connectSteps(state) };
}

/** The server as sentences name it: without the scheme. */
export function serverName(serverUrl: string): string {
  return URL.canParse(serverUrl) ? new URL(serverUrl).host : serverUrl;
}

function signedOutSentence(
  server: string,
  account: { email?: string; endedAtMs?: number },
): string {
  if (account.endedAtMs === undefined) return i18n.t('popup.signIn', { server });
  return i18n.t('popup.signInEnded', { server, date: dateText(account.endedAtMs, 'long') });
}

/** True while hubs are known but none was ever reached: there is nothing to list yet. */
function isFirstConnect(state: ExtensionState): boolean {
  const online = state.hubs.filter((view) => view.hub.online);
  return (
    state.serverFault === undefined &&
    online.length > 0 &&
    online.every((view) => view.unit.kind === 'joining') &&
    state.hubs.every((view) => view.sessionsAtMs === undefined && !view.sessionsFault)
  );
}

function connectSteps(state: ExtensionState): ConnectStep[] {
  const hasList = state.hubsAtMs !== undefined;
  const hubs = state.hubs.length;
  return [
    { label: i18n.t('popup.stepServer'), state: hasList ? 'done' : 'now' },
    { label: i18n.t('popup.stepNetwork'), state: hasList ? 'now' : 'later' },
    { label: hubs === 0 ? i18n.t('popup.stepHubs') : count(hubs, 'hub'), state: 'later' },
  ];
}

export interface ConnectionSummary {
  dot: 'connected' | 'none' | 'busy';
  text: string;
}

/** The footer: how many hubs are connected, or how old the list is. */
export function connectionSummary(
  state: ExtensionState,
  isOnline: boolean,
  listTime: string | undefined,
): ConnectionSummary {
  if (!isOnline) return { dot: 'none', text: i18n.t('popup.reconnects') };
  if (state.serverFault) {
    return {
      dot: 'none',
      text: listTime ? i18n.t('popup.listFrom', { time: listTime }) : i18n.t('popup.noList'),
    };
  }
  const all = state.hubs.length;
  const connected = state.hubs.filter(
    ({ hub, unit }) => hub.online && unit.kind === 'running',
  ).length;
  if (connected === 0 && state.hubs.some((view) => view.unit.kind === 'joining')) {
    return { dot: 'busy', text: i18n.t('hub.connecting') };
  }
  const dot = connected === 0 ? 'none' : 'connected';
  if (connected === all) return { dot, text: i18n.t('popup.allConnected', all) };
  return { dot, text: i18n.t('popup.someConnected', { connected, all }) };
}
