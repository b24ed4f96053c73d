import { browser } from 'wxt/browser';
import type { FaultAction } from '../../components/fault-table.ts';
import { toolbarButton } from '../../lib/toolbar-button.ts';
import type { HubId } from '../../protocol/ids.ts';

/** Does what a card offers, except trying again, which is the connection's. */
export function doPageAction(action: Exclude<FaultAction, 'retry' | 'check-key'>): void {
  switch (action) {
    case 'close-tab':
      void closeTab();
      return;
    case 'other-sessions':
      void showSessions();
      return;
    case 'set-up':
    case 'sign-in':
    case 'allow-access':
    case 'change-address':
    case 'new-line':
      void browser.runtime.openOptionsPage();
      return;
    case 'none':
  }
}

/** Opens the options where a person compares the host key of a hub with what the hub itself prints. */
export function checkHostKey(hubId: HubId): void {
  void browser.tabs.create({ url: browser.runtime.getURL(`/options.html#host-key/${hubId}`) });
}

/** A page may close only tabs that script opened; the extension may close its own. */
async function closeTab(): Promise<void> {
  const tab = await browser.tabs.getCurrent();
  if (tab?.id === undefined) window.close();
  else await browser.tabs.remove(tab.id);
}

/** The popup where the browser can open it from a page, else the same list in a tab. */
async function showSessions(): Promise<void> {
  try {
    await toolbarButton().openPopup();
  } catch {
    await browser.tabs.create({ url: browser.runtime.getURL('/popup.html') });
  }
}
