import { z } from 'zod';
import { browser } from 'wxt/browser';
import { readUpdate, storeUpdate } from '../../lib/update.ts';

/** The pages that were open when the extension was about to end; an older version may have written it. */
const OpenPages = z
  .array(
    z.object({
      /** From the extension's root: `/terminal.html#…`. */
      address: z.string().regex(/^\/(?:terminal|history)\.html/),
      windowId: z.number(),
      index: z.number(),
      isActive: z.boolean(),
      isPopupWindow: z.boolean(),
    }),
  )
  .max(500);
type OpenPages = z.infer<typeof OpenPages>;

const KEY = 'reopen';

/** A new version is there. While pages are open a person chooses the moment, else it is now. */
export async function updateReady(version: string): Promise<void> {
  await storeUpdate(version);
  await installWhenUnused();
}

/** Installs a ready update once nobody uses the extension; called now and then. */
export async function installWhenUnused(): Promise<void> {
  if ((await readUpdate()) === undefined) return;
  const used = await browser.runtime.getContexts({ contextTypes: ['TAB', 'POPUP'] });
  if (used.length === 0) browser.runtime.reload();
}

/** Installs a ready update now: every page of the extension closes, and the terminals among them come back. */
export async function installNow(): Promise<null> {
  await browser.storage.local.set({ [KEY]: await openPages() });
  browser.runtime.reload();
  return null;
}

/** Opens again what {@link installNow} had to close, each where it was as far as its window is still there. */
export async function reopenPages(): Promise<void> {
  const stored = OpenPages.safeParse((await browser.storage.local.get(KEY))[KEY]);
  await browser.storage.local.remove(KEY);
  if (!stored.success) return;
  const windows = new Map<number, number | undefined>();
  for (const page of stored.data) {
    const url = browser.runtime.getURL(page.address as '/terminal.html');
    if (page.isPopupWindow) {
      await browser.windows.create({ url, type: 'popup', width: 1000, height: 700 });
      continue;
    }
    if (!windows.has(page.windowId)) windows.set(page.windowId, await stillThere(page.windowId));
    const windowId = windows.get(page.windowId);
    if (windowId === undefined) {
      const made = await browser.windows.create({ url });
      windows.set(page.windowId, made?.id);
    } else await browser.tabs.create({ url, windowId, index: page.index, active: page.isActive });
  }
}

async function stillThere(windowId: number): Promise<number | undefined> {
  return browser.windows.get(windowId).then(
    ({ id }) => id,
    () => undefined, // it had only our pages, and closed with them
  );
}

async function openPages(): Promise<OpenPages> {
  const root = browser.runtime.getURL('/terminal.html').replace('/terminal.html', '');
  const contexts = await browser.runtime.getContexts({ contextTypes: ['TAB'] });
  const pages = await Promise.all(
    contexts.map(async ({ documentUrl, tabId, windowId }) => {
      const [tab, window] = await Promise.all([
        browser.tabs.get(tabId),
        browser.windows.get(windowId),
      ]);
      return {
        address: documentUrl?.slice(root.length) ?? '',
        windowId,
        index: tab.index,
        isActive: tab.active,
        isPopupWindow: window.type === 'popup',
      };
    }),
  );
  return OpenPages.parse(
    pages
      .filter(({ address }) => /^\/(?:terminal|history)\.html/.test(address))
      .sort((a, b) => a.index - b.index),
  );
}
