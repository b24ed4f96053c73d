import { i18n } from '#i18n';
import { waitingSessions } from '../lib/waiting.ts';
import type { ExtensionState } from '../protocol/contexts.ts';
import { serverName } from './popup-view.ts';

/** What the toolbar shows while no page is open. */
export interface ToolbarView {
  badge: string;
  title: string;
  /** The middle of the mark. */
  icon: 'connected' | 'waiting' | 'offline';
}

/** More than so many are shown as many: a badge has room for four characters, and nobody counts further. */
const MOST_COUNTED = 9;

export function toolbarView(state: ExtensionState): ToolbarView {
  const { account, hubs, serverFault } = state;
  if (account.kind === 'not-configured')
    return { badge: '', title: i18n.t('toolbar.idle'), icon: 'offline' };
  if (account.kind === 'signed-out')
    return { badge: '?', title: i18n.t('toolbar.signedOut'), icon: 'offline' };
  const waiting = waitingSessions(hubs).length;
  if (waiting > 0) {
    const badge = waiting > MOST_COUNTED ? i18n.t('toolbar.manyWaiting') : String(waiting);
    return { badge, title: i18n.t('toolbar.waiting', waiting), icon: 'waiting' };
  }
  const isConnected = hubs.some(({ hub, unit }) => hub.online && unit.kind === 'running');
  const icon = isConnected ? 'connected' : 'offline';
  if (serverFault && !isConnected) {
    const server = serverName(account.serverUrl);
    return { badge: '!', title: i18n.t('toolbar.unreachable', { server }), icon };
  }
  const isConnecting = hubs.some(({ unit }) => unit.kind === 'joining') && !isConnected;
  if (isConnecting) return { badge: '…', title: i18n.t('toolbar.connecting'), icon };
  return { badge: '', title: i18n.t('toolbar.idle'), icon };
}
