import { browser } from 'wxt/browser';
import { terminalAddress } from '../../lib/terminal-address.ts';
import type { OpenWhere, Result } from '../../protocol/contexts.ts';
import type { HubId } from '../../protocol/ids.ts';

const DONE: Result<null> = { ok: true, value: null };

/** Opens a session's terminal page, or focuses the tab that shows it. */
export async function openTerminal(
  hubId: HubId,
  session: string,
  where: OpenWhere,
): Promise<Result<null>> {
  const url = browser.runtime.getURL(terminalAddress(hubId, session));
  if (where === 'window') {
    await browser.windows.create({ url, type: 'popup', width: 1000, height: 700 });
    return DONE;
  }
  const open = where === 'focus' ? await tabShowing(url) : undefined;
  if (open) {
    await browser.tabs.update(open.tabId, { active: true });
    await browser.windows.update(open.windowId, { focused: true });
    return DONE;
  }
  const tab = await browser.tabs.create({ url });
  // Memory Saver would drop the screen of a tab that shows a running agent.
  if (tab.id !== undefined) await browser.tabs.update(tab.id, { autoDiscardable: false });
  return DONE;
}

async function tabShowing(url: string): Promise<{ tabId: number; windowId: number } | undefined> {
  const contexts = await browser.runtime.getContexts({ contextTypes: ['TAB'] });
  return contexts.find(({ documentUrl }) => documentUrl === url);
}
