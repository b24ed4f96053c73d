import { browser } from 'wxt/browser';
import { send } from '../../lib/messaging.ts';
import { historyAddress } from '../../lib/terminal-address.ts';
import type { OpenWhere } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';

/** Opens the terminal of a session, or focuses the one that is open. */
export function goToSession(hubId: string, session: string, where: OpenWhere = 'focus'): void {
  void send('background', 'open-terminal', { hubId: hubId as HubId, session, where });
}

/** Opens the history page of a session, with something to look for. */
export function openHistory(hubId: HubId, session: string, query = ''): void {
  const url = browser.runtime.getURL(historyAddress(hubId, session, query));
  void browser.tabs.create({ url });
}

/** Moves this terminal to a window without tabs, in which Ctrl+W, Ctrl+T and Ctrl+N are the program's. */
export async function moveToWindow(hubId: HubId, session: string): Promise<void> {
  const moved = await send('background', 'open-terminal', { hubId, session, where: 'window' });
  const tab = await browser.tabs.getCurrent();
  if (moved.ok && tab?.id !== undefined) await browser.tabs.remove(tab.id);
}

/** Opens an address that was checked; the page there learns nothing of this one. */
export function openAddress(url: string): void {
  void browser.tabs.create({ url });
}
